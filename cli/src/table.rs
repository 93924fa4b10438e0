//! Text tables and bars.

use seg::ir::outcome::Counts;

/// A column's side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Left,
    Right,
}

/// Lines of a table with a head, columns as wide as their widest cell, two spaces between.
pub fn table(head: &[(&str, Side)], rows: &[Vec<String>]) -> Vec<String> {
    let width = |n: usize| {
        let cells = rows.iter().filter_map(|row| row.get(n)).map(|cell| cell.chars().count());
        cells.chain([head.get(n).map_or(0, |(name, _)| name.chars().count())]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let line = |cells: &[String]| {
        let mut out = String::new();
        for (n, cell) in cells.iter().enumerate() {
            let (Some(width), Some((_, side))) = (widths.get(n), head.get(n)) else { continue };
            let padding = " ".repeat(width.saturating_sub(cell.chars().count()));
            let gap = if n > 0 { "  " } else { "" };
            out.push_str(gap);
            match side {
                Side::Left => out.push_str(&format!("{cell}{padding}")),
                Side::Right => out.push_str(&format!("{padding}{cell}")),
            }
        }
        out.trim_end().to_string()
    };
    let names: Vec<String> = head.iter().map(|(name, _)| (*name).to_string()).collect();
    [line(&names)].into_iter().chain(rows.iter().map(|row| line(row))).collect()
}

/// `1234567` as `1,234,567`
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// A share with one decimal: `12.3%`.
pub fn share(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "-".to_string();
    }
    format!("{:.1}%", part as f64 * 100.0 / whole as f64)
}

/// A bar in eighths of a character: those in, then those unknown in a lighter shade.
pub fn bar(inside: u64, unknown: u64, whole: u64, width: usize) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    if whole == 0 {
        return String::new();
    }
    let scale = |part: u64| (part as f64 * (width * 8) as f64 / whole as f64).round() as usize;
    let full = scale(inside);
    let mut out = "█".repeat(full / 8);
    out.push_str(EIGHTHS.get(full % 8).copied().unwrap_or(""));
    let upto = scale(inside + unknown).div_ceil(8);
    let used = out.chars().count();
    out.push_str(&"░".repeat(upto.saturating_sub(used)));
    out
}

/// The audience table: for each segment who is in, out and unknown, the share of those in, and a bar of so many characters
/// under `drawn`.
pub fn audiences<'a>(
    segments: impl Iterator<Item = (&'a str, Counts)>,
    customers: u64,
    width: usize,
    drawn: &str,
) -> Vec<String> {
    let row = |(name, counts): (&str, Counts)| {
        vec![
            name.to_string(),
            thousands(counts.inside),
            thousands(counts.out),
            thousands(counts.unknown),
            share(counts.inside, customers),
            bar(counts.inside, counts.unknown, customers, width),
        ]
    };
    let rows: Vec<Vec<String>> = segments.map(row).collect();
    let head = [
        ("segment", Side::Left),
        ("in", Side::Right),
        ("out", Side::Right),
        ("unknown", Side::Right),
        ("share", Side::Right),
        (drawn, Side::Left),
    ];
    table(&head, &rows)
}
