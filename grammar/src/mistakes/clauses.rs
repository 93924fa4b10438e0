//! The order and the joints of segments, attributes and conditions.

use super::{Stuck, is_lower, is_reserved, is_upper, lower_snake, upper_camel, with_edits};
use crate::diagnostic::Diagnostic;
use crate::lex::TokenKind;

pub(super) fn mistake(s: &Stuck) -> Option<Diagnostic> {
    name(s)
        .or_else(|| list_in_parentheses(s))
        .or_else(|| clause_order(s))
        .or_else(|| when_missing(s))
        .or_else(|| equals_missing(s))
        .or_else(|| between_without_and(s))
        .or_else(|| chained_comparison(s))
        .or_else(|| pattern_in_quotes(s))
        .or_else(|| follow_up(s))
        .or_else(|| method(s))
        .or_else(|| side_missing(s))
        .or_else(|| counted_thing(s))
        .or_else(|| comma_missing(s))
        .or_else(|| not_alone(s))
        .or_else(|| count_of_everything(s))
        .or_else(|| says_nothing(s))
}

/// Segments are `UpperCamel`, attributes `lower_snake`, neither is quoted.
fn name(s: &Stuck) -> Option<Diagnostic> {
    if s.position() != 1 {
        return second_word_of_name(s);
    }
    let word = s.word(0);
    let span = s.span(0);
    match (s.head(), s.kind(0)?) {
        ("segment", TokenKind::Text) => {
            let fixed = format!("{} {word}", upper_camel(word));
            let diagnostic = s.syntax(0, "a segment has a name before its title", "this is the title");
            Some(diagnostic.suggest(format!("write `{fixed}`"), span, fixed.clone()))
        }
        ("segment", TokenKind::Word) if is_lower(word) && !is_reserved(word) => {
            let fixed = upper_camel(word);
            let diagnostic = s.syntax(0, "the name of a segment begins with a capital", "begins with a small letter");
            Some(diagnostic.suggest(format!("write `{fixed}`"), span, fixed.clone()))
        }
        ("attribute" | "table", TokenKind::Word) if is_upper(word) => {
            let fixed = lower_snake(word);
            let diagnostic = s.syntax(
                0,
                format!("the name of {} is written in small letters", article(s.head())),
                "begins with a capital",
            );
            Some(diagnostic.suggest(format!("write `{fixed}`"), span, fixed.clone()))
        }
        ("attribute" | "table", TokenKind::Text) => {
            let fixed = lower_snake(word);
            let diagnostic = s.syntax(0, "a name stands without quotes", "a name is no text");
            Some(diagnostic.suggest(format!("write `{fixed}`"), span, fixed.clone()))
        }
        ("attribute" | "table", TokenKind::Word) if is_reserved(word) => Some(
            s.keyword(span, format!("`{word}` is a word of the language and cannot be a name"), "choose another name")
                .help(format!("for example `my_{word}`")),
        ),
        ("use", TokenKind::Text) => {
            let fixed = word.trim_matches('"').trim_end_matches(".seg").replace('/', ".");
            let diagnostic = s.syntax(0, "a module is named without quotes", "a name is no text");
            Some(diagnostic.fix(format!("write `{fixed}`"), span, fixed.clone()))
        }
        ("segment", TokenKind::Word) if word == "when" => {
            Some(s.syntax(0, "a segment has a name", "expected a name before this").help("write `segment GoldHolders`"))
        }
        _ => None,
    }
}

fn article(head: &str) -> String {
    if head == "attribute" { "an attribute".to_string() } else { format!("a {head}") }
}

/// `segment Gold Holders`, `segment Gold-Holders`
fn second_word_of_name(s: &Stuck) -> Option<Diagnostic> {
    let dash = matches!(s.word(0), "-") && s.touches(0) && s.kind(1) == Some(TokenKind::Word);
    let word = s.kind(0) == Some(TokenKind::Word) && is_upper(s.word(0)) && s.same_line(0);
    if s.position() != 2 || s.head() != "segment" || !(dash || word) {
        return None;
    }
    let comparison = matches!(s.word(1), "=" | "in" | "is" | "." | "(" | ">" | "<" | "and" | "or");
    if word && comparison {
        return None;
    }
    let last = isize::from(dash);
    let span = s.span(-1).to(s.span(last));
    let fixed = upper_camel(s.source(span));
    let diagnostic = s.syntax(0, "a name is one word", "the name goes on here");
    Some(diagnostic.suggest(format!("write `{fixed}`"), span, fixed.clone()))
}

/// `card in (Gold, Platinum)`
fn list_in_parentheses(s: &Stuck) -> Option<Diagnostic> {
    if s.word(0) != "(" || !matches!(s.word(-1), "in" | "of" | "contains") {
        return None;
    }
    let close = s.closing(0)?;
    let diagnostic = s.syntax(0, "a list stands between `[` and `]`", "parentheses only group");
    Some(with_edits(diagnostic, "write `[` and `]`", &[(s.span(0), "["), (s.span(close), "]")], true))
}

fn clause_order(s: &Stuck) -> Option<Diagnostic> {
    if s.head() != "segment" || !s.open_brackets().is_empty() {
        return None;
    }
    let at = if s.word(0) == "when" { 0 } else { -1 };
    if s.word(at) == "when" && matches!(s.word(at - 1), "and" | "or") {
        let diagnostic =
            s.syntax(at, format!("`when` is not said again behind `{}`", s.word(at - 1)), "one `when` is enough");
        return Some(diagnostic.fix("remove `when`", s.behind(at - 1).to(s.span(at)), ""));
    }
    if s.word(0) == "when" && s.follows("when") {
        let diagnostic = s.syntax(0, "a segment says `when` once", "a second `when`");
        return Some(diagnostic.suggest("write `and`: both must hold", s.span(0), "and").suggest(
            "write `or`: one must hold",
            s.span(0),
            "or",
        ));
    }
    if s.word(0) == "when" && s.follows("except") {
        return Some(
            s.syntax(0, "`when` stands before `except`", "expected above `except`")
                .help("move the `when` above the `except`"),
        );
    }
    if s.kind(0) == Some(TokenKind::Text) && (s.follows("when") || s.follows("except")) && !s.same_line(0) {
        let diagnostic = s.syntax(0, "the title stands behind the name", "a text behind the condition");
        return Some(diagnostic.help(format!("write `segment {} {}`", s.word(s.ahead_of(s.base) + 1), s.word(0))));
    }
    None
}

/// `segment Gold = card = Gold`, `segment Gold card = Gold`
fn when_missing(s: &Stuck) -> Option<Diagnostic> {
    let behind_title = s.position() == 3 && s.kind(-1) == Some(TokenKind::Text);
    if s.head() != "segment" || !(s.position() == 2 || behind_title) || s.at_end() {
        return None;
    }
    let span = s.span(0);
    let diagnostic = s.syntax(0, "a segment says who is in it behind `when`", "expected `when` here");
    Some(match s.word(0) {
        ":" if s.word(1) == "when" => diagnostic.fix("remove the `:`", span, ""),
        ":" => diagnostic.fix("write `when`", span, " when"),
        "=" | "where" | "if" | "is" => diagnostic.fix("write `when`", span, "when"),
        "{" => match s.closing(0) {
            Some(close) => with_edits(diagnostic, "remove the braces", &[(span, ""), (s.span(close), "")], false)
                .help("a segment has no braces: `segment GoldHolders when card = Gold`"),
            None => diagnostic.help("a segment has no braces: `segment GoldHolders when card = Gold`"),
        },
        _ => diagnostic.suggest("write `when` before it", s.before(0), "when "),
    })
}

fn equals_missing(s: &Stuck) -> Option<Diagnostic> {
    if s.head() != "attribute" {
        return None;
    }
    let help =
        "write `attribute spend = sum(orders.total)`, with a type if you like: `attribute spend: Money(GBP) = ...`";
    if s.position() == 3 && s.word(-1) == ":" {
        let diagnostic = s.syntax(-1, "an attribute has its value behind `=`", "`:` stands before a type");
        return Some(diagnostic.fix("write `=`", s.span(-1), " ="));
    }
    if s.word(0) == ":" && s.follows("=") && s.open_brackets().is_empty() {
        return Some(s.syntax(0, "the type stands behind the name", "a type behind the value").help(help));
    }
    if s.position() != 2 || s.at_end() {
        return None;
    }
    let span = s.span(0);
    let diagnostic = s.syntax(0, "an attribute has its value behind `=`", "expected `=` here");
    Some(match s.word(0) {
        "when" | "is" | "as" => diagnostic.suggest("write `=`", span, "="),
        "==" => diagnostic.fix("write `=`", span, "="),
        _ if is_upper(s.word(0)) && s.word(1) == "=" => {
            diagnostic.suggest("write `:` before the type", s.behind(-1), ":")
        }
        _ => diagnostic.suggest("write `=` before it", s.before(0), "= "),
    })
}

/// `between 18 to 25`, `between 18, 25`, `between 18-25`
fn between_without_and(s: &Stuck) -> Option<Diagnostic> {
    if matches!(s.word(0), "to" | "," | "until" | "till" | "–") && (-4..0).any(|ahead| s.word(ahead) == "between") {
        let span = s.span(0);
        let right = if s.word(0) == "," { " and" } else { "and" };
        let diagnostic = s.syntax(0, "`between` joins its ends by `and`", "expected `and` here");
        return Some(diagnostic.fix("write `and`", span, right));
    }
    let between = (-6..0).rev().find(|ahead| s.word(*ahead) == "between")?;
    let complete = (between..0).any(|ahead| s.word(ahead) == "and");
    let minus = (between..0).find(|ahead| s.word(*ahead) == "-");
    let diagnostic = s.syntax(between, "`between` has two ends, joined by `and`", "only one end follows");
    match minus {
        _ if complete => None,
        Some(minus) => Some(diagnostic.suggest("write `and` for the `-`", s.span(minus), " and ")),
        None => Some(diagnostic.help("write `between 18 and 25`")),
    }
}

/// `18 < age < 25`
fn chained_comparison(s: &Stuck) -> Option<Diagnostic> {
    let is_comparison = |ahead: isize| matches!(s.word(ahead), "<" | "<=" | ">" | ">=" | "=" | "==" | "!=" | "<>");
    if !is_comparison(0) {
        return None;
    }
    let earlier = (-6..0)
        .rev()
        .take_while(|ahead| !matches!(s.word(*ahead), "and" | "or" | "when" | "where" | "("))
        .find(|a| is_comparison(*a))?;
    if earlier == -1 {
        return Some(
            s.syntax(
                0,
                format!("two comparisons stand side by side: `{} {}`", s.word(-1), s.word(0)),
                "one of them is enough",
            )
            .help("compare by one of `=`, `!=`, `<`, `<=`, `>`, `>=`"),
        );
    }
    Some(
        s.syntax(0, "a comparison has two sides", "a third side follows here")
            .label(s.span(earlier), "the comparison is complete behind this")
            .help("write `age between 18 and 25`, or `age > 18 and age < 25`"),
    )
}

fn pattern_in_quotes(s: &Stuck) -> Option<Diagnostic> {
    if s.word(-1) != "matches" || s.kind(0) != Some(TokenKind::Text) {
        return None;
    }
    let fixed = format!("/{}/", s.word(0).trim_matches('"').replace('/', "\\/"));
    let diagnostic = s.syntax(0, "a pattern stands between `/`", "this is a text");
    Some(diagnostic.suggest(format!("write `{fixed}`"), s.span(0), fixed.clone()))
}

/// `then orders within 2 days of v`, `then no orders within 2 days`
fn follow_up(s: &Stuck) -> Option<Diagnostic> {
    if s.bracket() != "(" || !(s.follows("then") || s.word(0) == "then") {
        return None;
    }
    let shape = "write `any(visits v where page = \"boots\" then no orders within 2 days of v)`";
    if s.word(-1) == "then" && s.word(0) != "no" {
        return Some(
            s.syntax(0, "`then` is followed by `no`: it finds what did not happen", "expected `no` here")
                .suggest("write `no` before it", s.before(0), "no ")
                .help(shape),
        );
    }
    if s.word(0) == ")" && s.kind(-1) == Some(TokenKind::Number) && s.word(-2) == "within" {
        let diagnostic = s.syntax(
            -1,
            "`within` says from which row on the time counts",
            "expected `of` and the row's name behind it",
        );
        return Some(diagnostic.help(shape));
    }
    (s.kind(0) != Some(TokenKind::Number) && s.word(-1) == "within").then(|| {
        s.syntax(0, "`within` is followed by a length of time", "expected a length such as `2 days`").help(shape)
    })
}

/// `orders.count() > 3`, `count(*)`
fn method(s: &Stuck) -> Option<Diagnostic> {
    if s.word(0) != "(" || s.word(-2) != "." || s.kind(-1) != Some(TokenKind::Word) {
        return None;
    }
    let name = s.word(-1);
    let mut from = -3;
    while s.word(from - 1) == "." {
        from -= 2;
    }
    let subject = s.source(s.span(from).to(s.span(-3)));
    let fixed = format!("{name}({subject}");
    let span = s.span(from).to(s.span(0));
    let diagnostic = s.syntax(-1, "a calculation has its name first", "written behind its rows");
    let whole = format!("{fixed})");
    if s.word(1) == ")" {
        return Some(diagnostic.suggest(format!("write `{whole}`"), span.to(s.span(1)), whole));
    }
    Some(diagnostic.help(format!("write `{whole}`")))
}

fn count_of_everything(s: &Stuck) -> Option<Diagnostic> {
    let distinct =
        (-4..=0).find(|ahead| s.word(*ahead) == "distinct" && s.word(ahead - 1) == "(" && s.word(ahead - 2) == "count");
    if let Some(distinct) = distinct {
        let span = s.span(distinct - 2).to(s.before(distinct + 1));
        let diagnostic =
            s.syntax(distinct, "different values are counted by `distinct(...)`", "no word within `count`");
        return Some(diagnostic.fix("write `distinct(`", span, "distinct("));
    }
    let at = [0, -1].into_iter().find(|ahead| s.word(*ahead) == "*" && s.word(ahead - 1) == "(")?;
    Some(s.syntax(at, "rows are counted by the name of their table", "`*` names nothing").help("write `count(orders)`"))
}

/// `card =` and then nothing, or something that no value begins with.
fn side_missing(s: &Stuck) -> Option<Diagnostic> {
    let op = s.word(-1);
    let is_operator = matches!(
        op,
        "=" | "=="
            | "!="
            | "<>"
            | "<"
            | "<="
            | ">"
            | ">="
            | "+"
            | "-"
            | "*"
            | "/"
            | "and"
            | "or"
            | "not"
            | "before"
            | "after"
            | "contains"
            | "with"
            | "is"
            | "in"
            | "of"
            | "else"
            | "when"
            | "except"
            | "where"
            | "since"
            | "between"
            | "matches"
            | ","
    );
    let ends = s.at_end()
        || matches!(
            s.word(0),
            ")" | "]" | "}" | "and" | "or" | "," | "when" | "except" | "=>" | "where" | "else" | "otherwise"
        );
    if !is_operator || !ends {
        return None;
    }
    if op == "," {
        let diagnostic = s.syntax(-1, "two commas stand side by side", "nothing stands behind this one");
        return (s.word(0) == ",").then(|| diagnostic.fix("remove one", s.span(0), ""));
    }
    let diagnostic = s.syntax(-1, format!("nothing stands behind `{op}`"), "expected a value behind this");
    if op == s.word(0) {
        return Some(diagnostic.fix(format!("remove one `{op}`"), s.behind(-1).to(s.span(0)), ""));
    }
    Some(diagnostic.help(format!("write what belongs to the right of `{op}`, or remove it")))
}

/// `count(orders) >= 3 orders`, `> 3 times`
fn counted_thing(s: &Stuck) -> Option<Diagnostic> {
    let word = s.word(0);
    let behind_number = s.kind(-1) == Some(TokenKind::Number) && s.kind(0) == Some(TokenKind::Word) && s.same_line(0);
    if !behind_number || !is_lower(word) || is_reserved(word) {
        return None;
    }
    let diagnostic = s.syntax(0, format!("a number is not followed by `{word}`"), "the number stands alone");
    Some(diagnostic.suggest(format!("remove `{word}`"), s.behind(-1).to(s.span(0)), ""))
}

/// `[Gold Blue]`, `max(a b)`
fn comma_missing(s: &Stuck) -> Option<Diagnostic> {
    let value = |ahead: isize| {
        matches!(s.kind(ahead), Some(TokenKind::Number | TokenKind::Text))
            || (s.kind(ahead) == Some(TokenKind::Word) && !is_reserved(s.word(ahead)))
    };
    if !matches!(s.bracket(), "[" | "(") || !value(0) || !value(-1) {
        return None;
    }
    let (left, right) = (s.word(-1), s.word(0));
    let diagnostic =
        s.syntax(0, format!("`{left}` and `{right}` stand side by side"), "expected a `,` or an operator before this");
    Some(diagnostic.suggest("write `,` between them", s.behind(-1), ","))
}

/// `card not Gold`
fn not_alone(s: &Stuck) -> Option<Diagnostic> {
    if s.word(-1) != "not" || s.kind(-2) != Some(TokenKind::Word) || is_reserved(s.word(-2)) {
        return None;
    }
    let diagnostic = s.syntax(-1, "`not` does not compare two values", "expected a comparison here");
    let diagnostic = diagnostic.suggest("write `!=`", s.span(-1), "!=");
    Some(diagnostic.help("write `card != Gold` or `card not in [Gold, Blue]`"))
}

fn says_nothing(s: &Stuck) -> Option<Diagnostic> {
    if !s.at_end() || s.tokens.len() > s.base + 1 {
        return None;
    }
    let head = s.head();
    Some(
        s.syntax(-1, format!("`{head}` says nothing yet"), "expected a name behind it")
            .help(super::expected::shape_of(head)),
    )
}
