//! The formatter over every `.seg` file of the repository: a comment at every token boundary survives, the tree stays the
//! same, and what is formatted is formatted already.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at what it does not expect")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use seg_grammar::format::laws;

/// Fewer than these, and a folder was lost.
const FILES_MIN: usize = 400;
const VARIANTS_MIN: usize = 100_000;

#[test]
fn a_comment_survives_at_every_token_boundary_of_every_file() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut files = Vec::new();
    for folder in ["tests/cases/eval", "examples", "stdlib/prelude"] {
        collect(&root.join(folder), &mut files);
    }
    assert!(files.len() >= FILES_MIN, "{} files", files.len());
    let (next, variants) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let text = fs::read_to_string(file).unwrap();
                    match laws::keeps_meaning(&text).and_then(|()| laws::keeps_comments(&text)) {
                        Ok(tried) => variants.fetch_add(tried, Ordering::Relaxed),
                        Err(broken) => panic!("{}: {broken}", file.display()),
                    };
                }
            });
        }
    });
    let variants = variants.into_inner();
    assert!(variants >= VARIANTS_MIN, "{variants} variants");
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|e| e == "seg") {
            files.push(path);
        }
    }
}
