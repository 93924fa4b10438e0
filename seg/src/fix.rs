//! Applies the repairs that cannot change what the author meant.

use std::collections::BTreeMap;

use seg_grammar::{Diagnostic, Edit, SourceMap};

/// The text of each changed file, by path, and how many repairs it took.
#[derive(Debug, Default)]
pub struct Fixed {
    pub files: BTreeMap<String, String>,
    pub repairs: usize,
}

/// Applies all safe repairs that do not touch each other; those that do are left for the next pass.
pub fn fix(sources: &SourceMap, diagnostics: &[Diagnostic]) -> Fixed {
    let mut edits: Vec<&Edit> = Vec::new();
    let mut repairs = 0;
    for diagnostic in diagnostics {
        let Some(fix) = diagnostic.fixes.iter().find(|f| f.safe) else { continue };
        let free = fix.edits.iter().all(|e| edits.iter().all(|taken| !touch(e, taken)));
        if free {
            edits.extend(&fix.edits);
            repairs += 1;
        }
    }
    edits.sort_by_key(|e| std::cmp::Reverse(e.span));
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    for edit in edits {
        let file = sources.file(edit.span.file);
        let text = files.entry(file.path.to_string()).or_insert_with(|| file.text.to_string());
        if text.get(edit.span.range()).is_some() {
            text.replace_range(edit.span.range(), &edit.replacement);
        }
    }
    Fixed { files, repairs }
}

fn touch(a: &Edit, b: &Edit) -> bool {
    a.span.file == b.span.file && a.span.start <= b.span.end && b.span.start <= a.span.end
}
