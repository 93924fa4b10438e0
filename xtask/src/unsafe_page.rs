//! `cargo xtask unsafe`: writes docs/unsafe.md, the page of all unsafe code. Exit status 1 when a place gives no reason.

use std::path::Path;
use std::process::ExitCode;

use seg_tests::unsafe_page::{Kind, page, places};

pub fn run(root: &Path) -> Result<ExitCode, String> {
    let path = root.join("docs/unsafe.md");
    std::fs::write(&path, page(root)?).map_err(|e| format!("{}: {e}", path.display()))?;
    let places = places(root)?;
    println!("wrote {}: {} places", path.display(), places.len());
    let without: Vec<_> = places.iter().filter(|p| p.invariant.is_none() && p.kind != Kind::OfTrait).collect();
    without.iter().for_each(|place| println!("no reason is written: {} in {}", place.within, place.file));
    Ok(if without.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
