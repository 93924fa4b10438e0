//! "Did you mean": the nearest of some names, within a limit; and where more branches of a choice go.

use seg_grammar::Span;

/// The candidate that is nearest to `name`, if one is near enough to be a typo of it. Equal in all but case counts as near.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = match name.chars().count() {
        0..=2 => 1,
        3..=5 => 2,
        _ => 3,
    };
    let lower = name.to_lowercase();
    candidates
        .into_iter()
        .filter(|candidate| *candidate != name && may_be_near(name, candidate, limit))
        .map(|candidate| (strsim::osa_distance(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= limit && *distance < candidate.chars().count().max(1))
        .min()
        .map(|(_, candidate)| candidate)
}

/// Whether the lengths leave a chance; only plain letters keep theirs in lower case.
fn may_be_near(name: &str, candidate: &str, limit: usize) -> bool {
    !name.is_ascii() || !candidate.is_ascii() || name.len().abs_diff(candidate.len()) <= limit
}

/// Branches to put before the brace that ends a `match`, in the way it is laid out: where, and what.
pub fn more_arms(span: Span, text: &str, patterns: &[String]) -> (Span, String) {
    let body = text.strip_suffix('}').unwrap_or(text);
    let content = body.trim_end_matches([' ', '\t']);
    let indent = " ".repeat(body.len() - content.len());
    let at = |from: usize, to: usize| {
        let place = |offset| span.start + u32::try_from(offset).unwrap_or(0);
        Span { start: place(from), end: place(to), ..span }
    };
    if content.ends_with('\n') {
        let arms = patterns.iter().map(|p| format!("{indent}  {p} => missing\n")).collect();
        return (at(content.len(), content.len()), arms);
    }
    let arms: String = patterns.iter().map(|p| format!(", {p} => missing")).collect();
    (at(content.len(), body.len()), arms + " ")
}
