//! How much memory there is, and how a run shares it out.

use crate::options::Options;

/// How much memory events take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Plan {
    /// The most bytes of rows that wait in memory until their customers are decided.
    pub held_bytes: u64,
    /// The rows of the profile whose events are grouped together.
    pub part_rows: u64,
}

/// The bytes of events that are grouped together, where there is enough memory: they stay in the caches of a core.
const PART_BYTES: u64 = 4 << 20;

/// More parts than this are not made to keep them small: each costs a little with every block of rows.
const PARTS_MAX: u64 = 4096;

/// Grouping has the rows of a part three times, and their columns' largest buffers once more: read, joined, in order.
const COPIES: u64 = 4;

/// Shares memory out for events of so many bytes, as estimated, of so many customers.
pub(crate) fn plan(options: &Options, customers: u64, bytes: u64) -> Plan {
    let limit = options.memory_max_bytes.unwrap_or_else(|| available_bytes().map_or(u64::MAX, |bytes| bytes / 2));
    let held_bytes = limit / 2;
    // Every thread groups a part, and one more may wait for the customers of another file.
    let part_max = held_bytes / (COPIES * (options.threads() as u64 + 1));
    let part_bytes = PART_BYTES.max(bytes / PARTS_MAX).min(part_max).max(1);
    let part_rows = u128::from(customers.max(1)) * u128::from(part_bytes) / u128::from(bytes.max(1));
    let most = options.batch_rows.max(1) as u64;
    Plan { held_bytes, part_rows: u64::try_from(part_rows).unwrap_or(u64::MAX).clamp(1, most) }
}

/// The least that the system, the groups of processes that this one is in and its own limits leave; `None` where nothing
/// tells.
fn available_bytes() -> Option<u64> {
    let read = |path: &str| std::fs::read_to_string(path).ok();
    let status = read("/proc/self/status").unwrap_or_default();
    let limits = read("/proc/self/limits").unwrap_or_default();
    let own = [("Max address space", "VmSize:"), ("Max data size", "VmData:")].map(|(limit, used)| {
        let limit: u64 = limits.lines().find_map(|l| l.strip_prefix(limit))?.split_whitespace().next()?.parse().ok()?;
        Some(limit.saturating_sub(kib(&status, used)?))
    });
    let system = read("/proc/meminfo").and_then(|info| kib(&info, "MemAvailable:"));
    let groups = read("/proc/self/cgroup").unwrap_or_default();
    let groups = groups.lines().flat_map(|line| group_bytes(line, &read)).min();
    own.into_iter().chain([system, groups]).flatten().min()
}

/// The bytes on a line of the kind `MemAvailable:  16316412 kB`.
fn kib(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|l| l.strip_prefix(name))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

/// What a control group and those above it leave, by its line in `/proc/self/cgroup`: `0::/a/b`, or `4:memory:/a/b` in the
/// older form.
fn group_bytes(line: &str, read: &dyn Fn(&str) -> Option<String>) -> Vec<u64> {
    let mut parts = line.splitn(3, ':').skip(1);
    let (Some(kinds), Some(path)) = (parts.next(), parts.next()) else { return Vec::new() };
    let (root, max, used, cached) = match kinds {
        "" => ("/sys/fs/cgroup", "memory.max", "memory.current", "inactive_file "),
        _ if kinds.split(',').any(|kind| kind == "memory") => {
            ("/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file ")
        }
        _ => return Vec::new(),
    };
    let above =
        std::iter::successors(Some(path.trim_end_matches('/')), |path| path.rfind('/').and_then(|at| path.get(..at)));
    let number = |path: &str, file: &str| read(&format!("{root}{path}/{file}"))?.trim().parse::<u64>().ok();
    // Files that were read and may be forgotten are counted as used.
    let forgettable = |path: &str| {
        let told = read(&format!("{root}{path}/memory.stat"))?;
        told.lines().find_map(|line| line.strip_prefix(cached))?.trim().parse::<u64>().ok()
    };
    let left = |path| {
        let used = number(path, used)?.saturating_sub(forgettable(path).unwrap_or(0));
        Some(number(path, max)?.saturating_sub(used))
    };
    above.filter_map(left).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::Bindings;

    fn planned(threads: usize, limit: u64, customers: u64, bytes: u64) -> Plan {
        let options = Options::new(0, Bindings::default());
        plan(&Options { threads: Some(threads), memory_max_bytes: Some(limit), ..options }, customers, bytes)
    }

    #[test]
    fn parts_are_as_small_as_caches_and_memory_ask() {
        assert_eq!(planned(2, 8 << 30, 1_000_000, 1 << 20), Plan { held_bytes: 4 << 30, part_rows: 8192 });
        // A hundred times the events of each customer.
        assert_eq!(planned(2, 8 << 30, 2_500, 40 << 20).part_rows, 250);
        // Too little memory for such parts.
        assert_eq!(planned(3, 32 << 20, 1_000_000, 4 << 30), Plan { held_bytes: 16 << 20, part_rows: 244 });
        assert_eq!(planned(2, 1, 3, 1_000), Plan { held_bytes: 0, part_rows: 1 });
    }

    #[test]
    fn what_is_left_is_the_least_of_all_groups() {
        let files = |path: &str| {
            let text = match path {
                "/sys/fs/cgroup/a/b/memory.max" => "max\n",
                "/sys/fs/cgroup/a/memory.max" | "/sys/fs/cgroup/memory/c/memory.limit_in_bytes" => "1000\n",
                "/sys/fs/cgroup/a/memory.current" => "400\n",
                "/sys/fs/cgroup/a/memory.stat" => "anon 90\ninactive_file 50\n",
                "/sys/fs/cgroup/memory/c/memory.usage_in_bytes" => "1200\n",
                _ => return None,
            };
            Some(text.to_string())
        };
        assert_eq!(group_bytes("0::/a/b", &files), [650]);
        assert_eq!(group_bytes("4:memory:/c", &files), [0]);
        assert!(group_bytes("7:blkio:/c", &files).is_empty());
        assert_eq!(kib("MemFree: 1 kB\nMemAvailable:   16 kB\n", "MemAvailable:"), Some(16 << 10));
    }
}
