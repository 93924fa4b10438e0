//! Operators and types: every cell of the matrix has an answer. A legal pair gives what the model says for missing, extreme
//! and boundary values; any other pair is refused for its types.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use seg_tests::matrix::{Verdict, all_cells, judge};

/// Fewer cells than this, and an operator or a type was lost.
const CELLS_MIN: usize = 7_000;

#[test]
fn no_cell_is_empty() {
    let cells = all_cells();
    let names: BTreeSet<&str> = cells.iter().map(|cell| cell.name.as_str()).collect();
    assert_eq!(names.len(), cells.len(), "a cell is there twice");
    let (mut values, mut refused, mut empty) = (0, 0, Vec::new());
    for cell in &cells {
        match judge(cell) {
            Verdict::Agrees(0) => empty.push(format!("{}: nothing was asked", cell.name)),
            Verdict::Agrees(count) => values += count,
            Verdict::Refuses => refused += 1,
            Verdict::Wrong(why) => empty.push(format!("{}: {why}", cell.name)),
        }
    }
    println!(
        "{} cells: {refused} refused, {} legal with {values} values",
        cells.len(),
        cells.len() - refused - empty.len()
    );
    println!("empty cells: {}", empty.len());
    empty.iter().for_each(|cell| println!("  {cell}"));
    assert!(empty.is_empty(), "{} cells have no answer", empty.len());
    assert!(cells.len() >= CELLS_MIN, "{} cells", cells.len());
}
