//! How many CPUs a machine type has, and how many a Kubernetes quantity asks for.

use serde_json::Value;

/// Thousandths of a CPU.
pub(crate) type MilliCpu = u64;

/// The vCPUs that the name of a machine type tells: `c2-standard-8`, `c3-standard-8-lssd`, `n2-custom-4-8192`,
/// `custom-4-8192`. `None` for a name that does not tell, such as that of a shared core or of a count of accelerators.
pub(crate) fn vcpus(machine_type: &str) -> Option<u64> {
    let parts: Vec<&str> = machine_type.split('-').collect();
    match parts[..] {
        ["custom", count, ..]
        | [_, "standard" | "highcpu" | "highmem" | "megamem" | "ultramem" | "hypermem" | "custom", count, ..] => {
            count.parse().ok()
        }
        _ => None,
    }
}

/// A quantity of CPU: `4000m`, `"4"`, `7.5`. `None` for what is not one.
pub(crate) fn milli_cpu(quantity: &Value) -> Option<MilliCpu> {
    let text = match quantity {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    if let Some(thousandths) = text.strip_suffix('m') {
        return thousandths.parse().ok();
    }
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let thousandths: u64 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
    Some(whole.parse::<u64>().ok()?.checked_mul(1000)? + thousandths)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{milli_cpu, vcpus};

    #[test]
    fn machine_types_tell_their_cpus() {
        let told = ["c2-standard-8", "n2d-highmem-16", "c3-standard-22-lssd", "n2-custom-6-8192", "custom-4-8192"];
        assert_eq!(told.map(vcpus), [Some(8), Some(16), Some(22), Some(6), Some(4)]);
    }

    #[test]
    fn other_machine_types_are_not_guessed() {
        let untold = ["e2-medium", "a2-highgpu-1g", "e2-custom-small-2048", "standard-8", "", "c2-standard"];
        assert_eq!(untold.map(vcpus), [None; 6]);
    }

    #[test]
    fn quantities_are_read_as_kubernetes_reads_them() {
        let quantities = [json!("4000m"), json!("4"), json!(4), json!(7.5), json!("0.25"), json!("many"), json!(null)];
        let read = [Some(4000), Some(4000), Some(4000), Some(7500), Some(250), None, None];
        assert_eq!(quantities.each_ref().map(milli_cpu), read);
    }
}
