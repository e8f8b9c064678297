//! How many rules a summary reports. Every new rule changes that number, so expectations and documents have `N` in its
//! place, and the tests of this file compare the number itself.

use libtest_mimic::Trial;
use render_rules::{self as rules, Counts};

use crate::support::{printed, render};
use crate::trial;

/// Where summaries report the rules that ran, as text and as JSON.
const RUN: [&str; 3] = [", N rules: ", "\"rules\": N,\n", "\"rules\": N\n"];

/// Where they report the rules that need values.
const ON_VALUES: [&str; 2] = ["N more rules read values", "\"rulesOnValues\": N\n"];

pub(crate) fn trials() -> Vec<Trial> {
    vec![trial("counts::summaries_report_how_many_rules_ran", summaries_report_how_many_rules_ran)]
}

/// The text with `N` for each number of rules that a summary may report. Another number stays, 0 too.
pub(crate) fn hidden(text: &str) -> String {
    let Counts { all, values, manifests } = rules::counts();
    let run = [all, values, manifests].into_iter().flat_map(|count| RUN.map(|place| (place, count)));
    let on_values = ON_VALUES.map(|place| (place, all - manifests));
    run.chain(on_values).fold(text.to_owned(), |text, (place, count)| text.replace(&with(place, count), place))
}

fn with(place: &str, count: usize) -> String {
    place.replacen('N', &count.to_string(), 1)
}

fn summaries_report_how_many_rules_ran() {
    let Counts { all, values, manifests } = rules::counts();
    assert_eq!(printed(&["rules"]).lines().filter(|line| line.starts_with("LK")).count(), all);
    let good = "tests/commands/outputs/check/good/livekit.yaml";
    let runs: [(&[&str], usize, Option<usize>); 4] = [
        (&["check", "--env", "dev"], all, None),
        (&["check", "--env", "dev", "--set", "livekit.replicas=5"], values, None),
        (&["check", "--env", "dev", "--set", "livekit.replicsa=5"], 0, None),
        (&["check", good], manifests, Some(all - manifests)),
    ];
    for (arguments, run, on_values) in runs {
        let text = reported(arguments);
        assert!(text.contains(&with(RUN[0], run)), "render {arguments:?} is to report {run} rules: {text}");
        let expected = on_values.map(|count| with(ON_VALUES[0], count));
        assert!(expected.is_none_or(|expected| text.contains(&expected)), "render {arguments:?}: {text}");
        let json = reported(&[arguments, &["--message-format", "json"]].concat());
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        let checked = &json["summary"]["checked"];
        assert_eq!(checked["rules"], run, "render {arguments:?}");
        assert_eq!(checked["rulesOnValues"].as_u64(), on_values.map(|count| count as u64), "render {arguments:?}");
    }
}

/// What the program prints, whether it succeeds or not.
fn reported(arguments: &[&str]) -> String {
    String::from_utf8(render(arguments).stdout).unwrap()
}
