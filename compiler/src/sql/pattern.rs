//! Patterns of `matches` as RE2 reads them. The two engines agree on a core of the syntax; what lies outside it is refused.

/// The most repeats that RE2 counts.
const REPEATS_MAX: u32 = 1000;

/// A pattern for `regexp_full_match`. **Errors**: why it cannot be said.
pub fn translate(pattern: &str, ignoring_case: bool) -> Result<String, String> {
    let refuse = |what: &str| Err(format!("the pattern `/{pattern}/`: {what}"));
    if ignoring_case && !pattern.is_ascii() {
        return refuse("letters beyond ASCII `ignoring case`");
    }
    let mut out = String::new();
    let mut chars = pattern.chars().peekable();
    let mut in_class = false;
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                // The Unicode digits and spaces, as the language reads them.
                Some('d') => out.push_str(r"\p{Nd}"),
                Some('D') if !in_class => out.push_str(r"\P{Nd}"),
                Some('s') if in_class => out.push_str(r"\s\pZ\x0b\x85"),
                Some('s') => out.push_str(r"[\s\pZ\x0b\x85]"),
                Some('S') if !in_class => out.push_str(r"[^\s\pZ\x0b\x85]"),
                Some(other) if other.is_ascii_punctuation() => out.extend(['\\', other]),
                Some(other @ ('n' | 't' | 'r')) => out.extend(['\\', other]),
                Some(other) => return refuse(&format!("`\\{other}` may mean something else there")),
                None => return refuse("it ends in `\\`"),
            },
            '[' if in_class => return refuse("a class within a class"),
            '[' => {
                in_class = true;
                out.push(c);
                for lead in ['^', ']'] {
                    if chars.peek() == Some(&lead) {
                        if lead == ']' {
                            return refuse("a class that begins with `]`");
                        }
                        out.extend(chars.next());
                    }
                }
            }
            ']' => {
                in_class = false;
                out.push(c);
            }
            '&' | '~' | '-' if in_class && chars.peek() == Some(&c) => return refuse("an operation on classes"),
            '.' if !in_class => out.push_str(r"[^\n]"),
            '(' if !in_class && chars.peek() == Some(&'?') => {
                chars.next();
                match chars.next() {
                    Some(':') => out.push_str("(?:"),
                    _ => return refuse("flags or a named group"),
                }
            }
            '{' if !in_class => {
                let count: String = chars.clone().take_while(|c| *c != '}').collect();
                let plain = count.split(',').all(|n| n.is_empty() || n.parse::<u32>().is_ok_and(|n| n <= REPEATS_MAX));
                if !plain || count.is_empty() || count.starts_with(',') {
                    return refuse("a count that RE2 does not have");
                }
                out.push(c);
            }
            '^' | '$' if !in_class => return refuse("an anchor within it"),
            _ => out.push(c),
        }
    }
    Ok(if ignoring_case { format!("(?i:{out})") } else { out })
}

#[cfg(test)]
mod tests {
    use super::translate;

    #[test]
    fn the_common_core_is_said_and_the_rest_refused() {
        assert_eq!(translate("[A-Z]{2}-[0-9]+", false).as_deref(), Ok("[A-Z]{2}-[0-9]+"));
        assert_eq!(translate(r"(A|B).*\.", true).as_deref(), Ok(r"(?i:(A|B)[^\n]*\.)"));
        assert_eq!(translate(r"\d{4}", false).as_deref(), Ok(r"\p{Nd}{4}"));
        for refused in [r"\w+", r"\bx", "(?i)x", "[a&&b]", "a{2000}", "(?P<x>y)", "[[:alpha:]]", "^a", r"\p{Greek}"] {
            assert!(translate(refused, false).is_err(), "{refused}");
        }
        assert!(translate("É", true).is_err());
    }
}
