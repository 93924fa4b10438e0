//! Applies the repairs that cannot change what the author meant.

use std::collections::BTreeMap;

use seg_grammar::{Diagnostic, Edit, SourceMap, Span};

/// The text of each changed file, by path, and how many repairs it took.
#[derive(Debug, Default)]
pub struct Fixed {
    pub files: BTreeMap<String, String>,
    pub repairs: usize,
}

/// Applies all safe repairs that do not touch each other; those that do are left for the next pass.
pub fn fix(sources: &SourceMap, diagnostics: &[Diagnostic]) -> Fixed {
    let mut taken: BTreeMap<Span, &Edit> = BTreeMap::new();
    let mut repairs = 0;
    for diagnostic in diagnostics {
        let Some(fix) = diagnostic.fixes.iter().find(|f| f.safe) else { continue };
        if fix.edits.iter().all(|edit| is_free(&taken, edit)) {
            taken.extend(fix.edits.iter().map(|edit| (edit.span, edit)));
            repairs += 1;
        }
    }
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    let mut edits = taken.into_values().peekable();
    while let Some(id) = edits.peek().map(|edit| edit.span.file) {
        let file = sources.file(id);
        let mut text = String::new();
        let mut done = 0;
        while let Some(edit) = edits.next_if(|edit| edit.span.file == id) {
            let Some(kept) = file.text.get(done..edit.span.start as usize) else { continue };
            text.push_str(kept);
            text.push_str(&edit.replacement);
            done = edit.span.end as usize;
        }
        text.push_str(file.text.get(done..).unwrap_or(""));
        files.insert(file.path.to_string(), text);
    }
    Fixed { files, repairs }
}

/// Whether an edit touches none of those that were taken; those do not touch each other.
fn is_free(taken: &BTreeMap<Span, &Edit>, edit: &Edit) -> bool {
    let before = taken.range(..=edit.span).next_back();
    let behind = taken.range(edit.span..).next();
    before.into_iter().chain(behind).all(|(_, other)| !touch(edit, other))
}

fn touch(a: &Edit, b: &Edit) -> bool {
    a.span.file == b.span.file && a.span.start <= b.span.end && b.span.start <= a.span.end
}
