//! How much memory there is, and how amounts of it are written.

/// Three quarters of the memory that is available, where the system tells; else no limit.
pub(crate) fn default_limit_bytes() -> u64 {
    let Ok(info) = std::fs::read_to_string("/proc/meminfo") else { return u64::MAX };
    let line = info.lines().find_map(|l| l.strip_prefix("MemAvailable:"));
    let kib = line.and_then(|l| l.trim().strip_suffix("kB")).and_then(|n| n.trim().parse::<u64>().ok());
    kib.map_or(u64::MAX, |kib| kib.saturating_mul(1024) / 4 * 3)
}

/// `1.5 GiB`
pub(crate) fn show(bytes: u64) -> String {
    let units = [("GiB", 1_u64 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
    match units.into_iter().find(|(_, size)| bytes >= *size) {
        Some((unit, size)) => format!("{:.1} {unit}", bytes as f64 / size as f64),
        None => format!("{bytes} bytes"),
    }
}
