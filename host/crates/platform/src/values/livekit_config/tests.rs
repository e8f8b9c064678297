//! What a user may write under `livekit.config`, and what is refused.

use std::collections::BTreeSet;

use schemars::schema_for;
use serde_json::{Value, json};

use super::LiveKitConfig;
use super::scalars::{GoDuration, SecretText, UdpPorts};

fn schema() -> Value {
    schema_for!(LiveKitConfig).to_value()
}

/// One value at each top-level key, and the deep ends of the nested ones.
fn every_top_level_key() -> Value {
    let mut config = media_and_rooms();
    for part in [addresses_and_secrets(), cluster_and_operation()] {
        config.as_object_mut().unwrap().extend(part.as_object().unwrap().clone());
    }
    config
}

fn addresses_and_secrets() -> Value {
    json!({
        "port": 7880,
        "bind_addresses": ["0.0.0.0"],
        "prometheus_port": 6789,
        "prometheus": {"port": 6789, "username": "prometheus", "password": "s3cret"},
        "debug_handler": {"port": 6060},
        "rtc": {
            "tcp_port": 0,
            "udp_port": "7882-7892",
            "node_ip": "203.0.113.7, 2001:db8::7",
            "ips": {"includes": ["10.0.0.0/8", "fd00::/8"]},
            "turn_servers": [{"host": "turn.example.com", "port": 443, "protocol": "tls", "secret": "s3cret"}],
            "congestion_control": {
                "send_side_bwe_pacer": "no-queue",
                "stream_allocator": {"probe_mode": "padding", "disable_etimation_unmanaged_tracks": false},
                "send_side_bwe": {"congestion_detector": {"loss_congested_dqr": {"min_duration": "600ms"}}},
            },
        },
        "redis": {"address": "redis:6379", "password": "s3cret", "tls": {"enabled": true}, "pool_timeout": "4s"},
        "turn": {
            "enabled": true,
            "domain": "turn.example.com",
            "tls_port": 5349,
            "external_tls": true,
            "allow_restricted_peer_cidrs": ["10.0.0.0/8"],
        },
        "webhook": {"api_key": "key", "urls": ["https://example.com"], "resource_url_notifier": {"max_age": "30s"}},
        "key_file": "/keys.yaml",
        "keys": {"key": "abcdefghijklmnopqrstuvwxyz012345"},
    })
}

fn media_and_rooms() -> Value {
    json!({
        "audio": {"active_level": 35},
        "video": {"stream_tracker_manager": {"screenshare": {
            "stream_tracker_type": "frame",
            "bitrate_report_interval": {"0": "4s", "1": 4_000_000_000_u64},
            "frame_tracker": {"2": {"min_fps": 0.5}},
        }}},
        "room": {
            "enabled_codecs": [{"mime": "audio/opus"}],
            "create_room_timeout": "1m30s",
            "room_configurations": {"webinar": {"max_participants": 500}},
        },
        "ingress": {"whip_base_url": "https://whip.example.com/w"},
        "sip": {},
        "agents": {"target_load": 0.7},
        "enable_data_tracks": true,
        "enable_participant_data_blob": false,
    })
}

fn cluster_and_operation() -> Value {
    json!({
        "node_selector": {
            "kind": "regionaware",
            "sort_by": "bytespersec",
            "algorithm": "twochoice",
            "regions": [{"name": "us-west", "lat": 37.6, "lon": -122.4}],
        },
        "region": "us-west",
        "signal_relay": {"retry_timeout": "7.5s"},
        "psrpc": {"timeout": "3s"},
        "log_level": "info",
        "logging": {"level": "info", "component_levels": {"transport": "debug"}, "pion_level": "error"},
        "limit": {"max_data_blobs_size": 64000, "bytes_per_sec": 1e9},
        "development": false,
        "metric": {"timestamper_config": {"one_way_delay_estimator_min_interval": "5s"}},
        "trace": {"jaeger_url": "jaeger:6831"},
        "node_stats": {"stats_rate_measurement_intervals": ["10s"]},
        "api": {"execution_timeout": "2s"},
    })
}

/// Whether the published schema and the types both take it; they must agree.
fn accepted(config: &Value) -> bool {
    let by_schema = jsonschema::is_valid(&schema(), config);
    let by_types = serde_json::from_value::<LiveKitConfig>(config.clone()).is_ok();
    assert_eq!(by_schema, by_types, "schema and types disagree about {config}");
    by_schema
}

fn valid(config: &Value) -> bool {
    jsonschema::is_valid(&schema(), config)
}

#[test]
fn every_key_of_the_server_can_be_written() {
    let config = every_top_level_key();
    let errors: Vec<String> =
        jsonschema::validator_for(&schema()).unwrap().iter_errors(&config).map(|error| error.to_string()).collect();
    assert_eq!(errors, Vec::<String>::new());

    let read: LiveKitConfig = serde_json::from_value(config).unwrap();
    assert_eq!(read.rtc.unwrap().udp_port.unwrap().range(), Some(7882..=7892));
    let tracker = read.video.unwrap().stream_tracker_manager.unwrap().screenshare.unwrap();
    assert_eq!(tracker.bitrate_report_interval.unwrap().middle, Some(GoDuration::Nanoseconds(4_000_000_000)));
}

#[test]
fn the_top_level_keys_are_those_of_the_server() {
    let schema = schema();
    let published: BTreeSet<&str> = schema["properties"].as_object().unwrap().keys().map(String::as_str).collect();
    let server = "port bind_addresses prometheus_port prometheus debug_handler rtc redis audio video room turn \
        ingress sip webhook node_selector key_file keys region signal_relay psrpc log_level logging limit agents \
        development metric trace node_stats enable_data_tracks enable_participant_data_blob api";
    assert_eq!(published, server.split_whitespace().collect());
    let written = every_top_level_key();
    assert_eq!(published, written.as_object().unwrap().keys().map(String::as_str).collect());
}

#[test]
fn keys_that_the_server_would_stop_at_are_refused() {
    for config in [
        json!({"turn": {"enabled": true, "client_cert_file": "/tls.crt"}}),
        json!({"rtc": {"turn_servers": [{"host": "turn.example.com", "password": "x"}]}}),
        json!({"room": {"playout_delay": {"minimum": 100}}}),
        json!({"video": {"stream_tracker_manager": {"video": {"frame_tracker": {"3": {"min_fps": 5}}}}}}),
        json!({"sip": {"trunk": "x"}}),
        json!({"debug_handler_port": 6060}),
        // A key that v1.13.7 brought.
        json!({"psrpc": {"compression": {"quality": 6}}}),
    ] {
        assert!(!accepted(&config), "{config}");
    }
}

#[test]
fn only_known_words_are_taken() {
    assert!(accepted(&json!({"node_selector": {"kind": "sysload"}})));
    assert!(!accepted(&json!({"node_selector": {"kind": "region-aware"}})));
    assert!(!accepted(&json!({"logging": {"level": "warning"}})));
    assert!(!accepted(&json!({"rtc": {"turn_servers": [{"protocol": "tcp+tls"}]}})));
}

#[test]
fn ports_durations_and_ranges_have_a_form() {
    for good in [
        json!({"rtc": {"udp_port": 7882}}),
        json!({"rtc": {"udp_port": "7882 - 7892"}}),
        json!({"signal_relay": {"retry_timeout": 7_500_000_000_u64}}),
        json!({"signal_relay": {"retry_timeout": "1h2m3.5s"}}),
        json!({"turn": {"deny_peer_cidrs": ["169.254.0.0/16", "::ffff:10.0.0.0/104"]}}),
    ] {
        assert!(valid(&good), "{good}");
    }
    for bad in [
        json!({"port": 0}),
        json!({"rtc": {"udp_port": 70000}}),
        json!({"rtc": {"udp_port": "7882..7892"}}),
        json!({"rtc": {"ips": {"excludes": ["10.0.0.1"]}}}),
        json!({"turn": {"domain": "*.example.com"}}),
        json!({"turn": {"deny_peer_cidrs": ["10.0.0.0"]}}),
        json!({"signal_relay": {"retry_timeout": "7.5"}}),
        json!({"signal_relay": {"retry_timeout": "7.5 s"}}),
    ] {
        assert!(!valid(&bad), "{bad}");
    }
}

#[test]
fn udp_ports_are_read_as_livekit_reads_them() {
    let range = |value: Value| serde_json::from_value::<UdpPorts>(value).unwrap().range();
    assert_eq!(range(json!(7882)), Some(7882..=7882));
    assert_eq!(range(json!("7882")), Some(7882..=7882));
    assert_eq!(range(json!("7882-7892")), Some(7882..=7892));
    assert_eq!(range(json!("7882 - 7892")), Some(7882..=7892));
    assert_eq!(range(json!("7892-7882")), None);
    assert_eq!(range(json!("7882-7882")), None);
    assert_eq!(range(json!("7882-70000")), None);
    assert_eq!(range(json!(0)), None);
}

#[test]
fn secrets_are_marked_and_not_shown() {
    let schema = schema();
    assert_eq!(schema["properties"]["keys"]["additionalProperties"]["writeOnly"], json!(true));
    for (part, field) in [
        ("RedisConfig", "password"),
        ("RedisConfig", "sentinel_password"),
        ("PrometheusConfig", "password"),
        ("TurnServer", "credential"),
        ("TurnServer", "secret"),
    ] {
        assert_eq!(schema["$defs"][part]["properties"][field]["writeOnly"], json!(true), "{part}.{field}");
    }
    assert!(!format!("{:?}", SecretText("hunter2".to_owned())).contains("hunter2"));
}
