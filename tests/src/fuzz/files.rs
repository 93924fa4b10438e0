//! Parquet and Arrow files, damaged: an error that names that file and no other, or a table; and nothing else.

use std::path::Path;

use super::data::{run, shop, table_of};
use super::{Bound, Target, Verdict, mutate};

pub const PARQUET: Target = Target {
    name: "parquet",
    check: |bytes| check("b.parquet", bytes),
    seeds: |root| seeds(root, "parquet"),
    change: mutate::binary,
    verdicts: &["read", "some rows refused", "not read"],
    memory: Bound { fixed: 32 << 20, per_byte: 40_000 },
    steps: Bound { fixed: 20_000, per_byte: 50 },
};

pub const ARROW: Target = Target {
    name: "arrow",
    check: |bytes| check("b.arrow", bytes),
    seeds: |root| seeds(root, "arrow"),
    change: mutate::binary,
    verdicts: &["read", "some rows refused", "not read"],
    memory: Bound { fixed: 32 << 20, per_byte: 40_000 },
    steps: Bound { fixed: 20_000, per_byte: 50 },
};

/// The good file of the table stands before the damaged one; an error has to tell which it is.
fn check(name: &str, bytes: &[u8]) -> Verdict {
    let shop = shop()?;
    let path = shop.write(name, bytes)?;
    let table = table_of(bytes);
    let good = match table {
        "Order" => "orders.csv",
        "Item" => "items.csv",
        _ => "customers.csv",
    };
    Ok(match run(shop.program(table), &shop.options(table, &[good, name]), &path)? {
        None => "not read",
        Some(ran) if ran.rejects.is_empty() => "read",
        Some(_) => "some rows refused",
    })
}

/// The files of a format that `tests/fuzz/files.py` wrote.
fn seeds(root: &Path, format: &str) -> Result<Vec<Vec<u8>>, String> {
    let folder = root.join("tests/fuzz/files");
    let told = |e: std::io::Error| format!("{}: {e}", folder.display());
    let mut paths: Vec<_> = std::fs::read_dir(&folder).map_err(told)?.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == format));
    paths.sort();
    paths.iter().map(|path| std::fs::read(path).map_err(told)).collect()
}
