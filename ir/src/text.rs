//! Text: one normal form, one way to fold case, one pattern syntax.
//! **Source**: Unicode normalisation form C; full default case folding.

use unicode_normalization::UnicodeNormalization;

/// The text in normal form C; borrowed when it already is.
pub fn normalise(text: &str) -> std::borrow::Cow<'_, str> {
    if text.is_ascii() || unicode_normalization::is_nfc(text) || crate::fault::is("ingest.text-is-not-normalised") {
        return std::borrow::Cow::Borrowed(text);
    }
    std::borrow::Cow::Owned(text.nfc().collect())
}

/// The text as `ignoring case` compares it.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    if crate::fault::is("operation.case-folds-ascii-only") {
        return text.to_ascii_lowercase();
    }
    caseless::default_case_fold_str(text).nfc().collect()
}

/// The most states that a pattern may compile to.
const PATTERN_BYTES_MAX: usize = 1 << 20;

/// A pattern that must match a whole value. Matching is linear in the text. **Errors**: the pattern's own fault, in words.
pub fn pattern(pattern: &str, ignoring_case: bool) -> Result<regex::Regex, String> {
    let whole = match crate::fault::is("operation.pattern-without-group") {
        true => format!("^{pattern}$"),
        false => format!("^(?:{pattern})$"),
    };
    regex::RegexBuilder::new(&whole)
        .case_insensitive(ignoring_case)
        .dot_matches_new_line(false)
        .size_limit(PATTERN_BYTES_MAX)
        .build()
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => "it is too large".to_string(),
            other => other.to_string().lines().last().unwrap_or("").trim_start_matches("error: ").to_string(),
        })
}
