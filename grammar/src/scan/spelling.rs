//! What several tokens spell that the grammar would read as something else, or not at all: `01/03/2026` as a division,
//! `1.000.000`, `--` as two minus signs, `5€`.

use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::lex::{Token, TokenKind};
use crate::source::{FileId, Span};

/// Reports the first such spelling of each kind in a declaration.
pub(super) fn check(file: FileId, source: &str, tokens: &[Token], diagnostics: &mut Vec<Diagnostic>) {
    let table = tokens.iter().find(|t| t.kind == TokenKind::Word).is_some_and(|t| t.text(source) == "table");
    for n in 0..tokens.len() {
        let found = date(file, source, tokens, n)
            .or_else(|| points(file, source, tokens, n))
            .or_else(|| dashes(file, source, tokens, n, table));
        if let Some(diagnostic) = found {
            diagnostics.push(diagnostic);
            return;
        }
    }
}

/// The texts of the tokens from `n` on that touch each other, up to five of them.
fn touching<'s, const N: usize>(source: &'s str, tokens: &[Token], n: usize) -> Option<[&'s str; N]> {
    let mut texts = [""; N];
    let mut end = None;
    for (text, token) in texts.iter_mut().zip(tokens.get(n..n + N)?) {
        if end.is_some_and(|end| end != token.start) {
            return None;
        }
        *text = token.text(source);
        end = Some(token.end);
    }
    Some(texts)
}

fn span_of(file: FileId, tokens: &[Token], n: usize, count: usize) -> Span {
    let start = tokens.get(n).map_or(0, |t| t.start);
    let end = tokens.get(n + count - 1).map_or(start, |t| t.end);
    Span::new(file, start, end)
}

/// `01/03/2026`, `1-3-2026`, `1.3.2026`, `2026/03/01`
fn date(file: FileId, source: &str, tokens: &[Token], n: usize) -> Option<Diagnostic> {
    let (parts, span) = if let Some([a, one, b, two, c]) = touching::<5>(source, tokens, n)
        && one == two
        && matches!(one, "/" | "-")
    {
        ([a, b, c], span_of(file, tokens, n, 5))
    } else if let Some([ab, ".", c]) = touching::<3>(source, tokens, n) {
        let (a, b) = ab.split_once('.')?;
        ([a, b, c], span_of(file, tokens, n, 3))
    } else {
        return None;
    };
    let [a, b, c] = parts.map(|part| part.parse::<u32>().ok().filter(|_| part.len() <= 4));
    let (a, b, c) = (a?, b?, c?);
    let diagnostic = Diagnostic::error(
        codes::DATE_FORMAT,
        span,
        "a date is written year, month, day: `2026-03-01`",
        "written in another order, or with other marks",
    );
    let written = |year: u32, month: u32, day: u32| {
        ((1..=12).contains(&month) && (1..=31).contains(&day)).then(|| format!("{year:04}-{month:02}-{day:02}"))
    };
    if parts.first().is_some_and(|year| year.len() == 4) {
        let fixed = written(a, b, c)?;
        return Some(diagnostic.fix(format!("write `{fixed}`"), span, fixed));
    }
    if parts.last().is_none_or(|year| year.len() != 4) {
        return None;
    }
    match (written(c, b, a), written(c, a, b)) {
        (Some(only), None) | (None, Some(only)) => Some(diagnostic.fix(format!("write `{only}`"), span, only)),
        (Some(same), Some(also)) if same == also => Some(diagnostic.fix(format!("write `{same}`"), span, same)),
        (Some(day_first), Some(month_first)) => {
            Some(diagnostic.suggest(format!("write `{day_first}`, if the day stands first"), span, day_first).suggest(
                format!("write `{month_first}`, if the month stands first"),
                span,
                month_first,
            ))
        }
        (None, None) => None,
    }
}

/// `1.000.000`
fn points(file: FileId, source: &str, tokens: &[Token], n: usize) -> Option<Diagnostic> {
    let [first, ".", last] = touching::<3>(source, tokens, n)? else { return None };
    let (whole, thousands) = first.split_once('.')?;
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let groups = thousands.len() == 3 && last.len() == 3 && digits(thousands) && digits(last);
    if !groups || tokens.get(n).is_none_or(|t| t.kind != TokenKind::Number) {
        return None;
    }
    let fixed = format!("{whole}_{thousands}_{last}");
    let span = span_of(file, tokens, n, 3);
    Some(
        Diagnostic::error(
            codes::THOUSANDS_SEPARATOR,
            span,
            "a number is written without points",
            "a point begins the decimals",
        )
        .fix(format!("write `{fixed}`"), span, fixed),
    )
}

/// `-- a comment`, and the line of dashes below a table's header
fn dashes(file: FileId, source: &str, tokens: &[Token], n: usize, table: bool) -> Option<Diagnostic> {
    let ["-", "-"] = touching::<2>(source, tokens, n)? else { return None };
    let span = span_of(file, tokens, n, 2);
    if table {
        let line_start = source.get(..span.range().start)?.rfind('\n').map_or(0, |at| at + 1);
        let line_end = super::line_end(source, line_start);
        let line = Span::new(file, line_start, (line_end + 1).min(source.len()));
        let only_marks =
            source.get(line_start..line_end)?.chars().all(|c| matches!(c, '-' | '|' | ' ' | '\t' | '+' | ':' | '='));
        if only_marks {
            return Some(
                Diagnostic::error(
                    codes::SYNTAX,
                    span,
                    "a table has no line between its header and its rows",
                    "a line of dashes",
                )
                .fix("remove the line", line, ""),
            );
        }
    }
    Some(
        Diagnostic::error(codes::SYNTAX_OPERATOR, span, "`--` does not start a comment", "a comment starts with `#`")
            .suggest("write `#`", span, "#")
            .help("to subtract a negative number, part the two: `a - -5`"),
    )
}

/// A currency sign that no digit follows: `5€`, `£ 500`, `£-5`.
pub(super) fn lone_sign(file: FileId, source: &str, tokens: &[Token], n: usize) -> Diagnostic {
    let text = |n: usize| tokens.get(n).map_or("", |t| t.text(source));
    let number = |n: usize| {
        let amount = text(n);
        !amount.is_empty() && amount.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'_' | b'.'))
    };
    let sign = text(n);
    let own = span_of(file, tokens, n, 1);
    let report = |span: Span| {
        Diagnostic::error(
            codes::BAD_NUMBER,
            span,
            "the sign of an amount stands right before its digits",
            "written otherwise here",
        )
    };
    if number(n + 1) {
        let (span, fixed) = (span_of(file, tokens, n, 2), format!("{sign}{}", text(n + 1)));
        return report(span).fix(format!("write `{fixed}`"), span, fixed);
    }
    if text(n + 1) == "-" && number(n + 2) {
        let (span, fixed) = (span_of(file, tokens, n, 3), format!("-{sign}{}", text(n + 2)));
        return report(span).fix(format!("write `{fixed}`"), span, fixed);
    }
    if let Some(before) = n.checked_sub(1).filter(|before| number(*before)) {
        let (span, fixed) = (span_of(file, tokens, before, 2), format!("{sign}{}", text(before)));
        return report(span).fix(format!("write `{fixed}`"), span, fixed);
    }
    report(own).help(format!("write `{sign}20`, or `20 GBP` with the code of the currency"))
}
