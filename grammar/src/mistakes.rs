//! What pest says, in a marketer's words: the mistakes that beginners make are recognised by the text around the place
//! where the grammar stopped; the rest is told as "expected ...".

use pest::error::{Error, ErrorVariant, InputLocation};

use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::lex::{Token, TokenKind};
use crate::parse::Rule;
use crate::source::{FileId, Span};

/// Explains why a declaration does not parse. `text` is the declaration, `offset` its place in the file, `tokens` its
/// tokens with offsets from its start.
pub fn explain(file: FileId, text: &str, offset: usize, tokens: &[Token], error: &Error<Rule>) -> Diagnostic {
    let stop = match error.location {
        InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
    };
    let tokens: Vec<Token> = tokens.iter().filter(|t| !t.is_comment()).copied().collect();
    let index = tokens.iter().position(|t| t.end > stop).unwrap_or(tokens.len());
    let stuck = Stuck { file, text, offset, tokens: &tokens, index };
    KNOWN_MISTAKES.iter().find_map(|recognise| recognise(&stuck)).unwrap_or_else(|| stuck.expected(error))
}

/// Where the grammar stopped, with the tokens around it.
struct Stuck<'a> {
    file: FileId,
    text: &'a str,
    offset: usize,
    tokens: &'a [Token],
    index: usize,
}

const KNOWN_MISTAKES: &[fn(&Stuck) -> Option<Diagnostic>] = &[
    foreign_operator,
    foreign_word,
    bare_thousands,
    arrow_for_at_least,
    missing_comparison_side,
    reserved_name,
    equals_for_when,
    upper_case_keyword,
    missing_arrow,
    nothing_after,
];

impl Stuck<'_> {
    fn word(&self, ahead: isize) -> &str {
        self.index.checked_add_signed(ahead).and_then(|i| self.tokens.get(i)).map_or("", |t| t.text(self.text))
    }

    fn kind(&self, ahead: isize) -> Option<TokenKind> {
        self.index.checked_add_signed(ahead).and_then(|i| self.tokens.get(i)).map(|t| t.kind)
    }

    fn span(&self, ahead: isize) -> Span {
        let token = self.index.checked_add_signed(ahead).and_then(|i| self.tokens.get(i));
        match token {
            Some(t) => Span::new(self.file, self.offset + t.start, self.offset + t.end),
            None => {
                let end = self.offset + self.tokens.last().map_or(self.text.len(), |t| t.end);
                Span::new(self.file, end, end)
            }
        }
    }

    /// The tokens `from..=to` around the place, spelled together, when they touch.
    fn joined(&self, from: isize, to: isize) -> &str {
        let (Some(a), Some(b)) = (self.index.checked_add_signed(from), self.index.checked_add_signed(to)) else {
            return "";
        };
        match (self.tokens.get(a), self.tokens.get(b)) {
            (Some(a), Some(b)) => self.text.get(a.start..b.end).unwrap_or(""),
            _ => "",
        }
    }

    fn operator(&self, span: Span, wrong: &str, right: &str) -> Diagnostic {
        Diagnostic::error(
            codes::SYNTAX_OPERATOR,
            span,
            format!("Seg has no `{wrong}`"),
            format!("write `{right}`"),
        )
        .fix(format!("write `{right}`"), span, right)
    }

    /// pest's own list, as "expected A or B", with rule names in words.
    fn expected(&self, error: &Error<Rule>) -> Diagnostic {
        let span = self.span(0);
        let mut wanted: Vec<&str> = Vec::new();
        if let ErrorVariant::ParsingError { positives, .. } = &error.variant {
            for rule in positives {
                if let Some(name) = words_for(*rule) && !wanted.contains(&name) {
                    wanted.push(name);
                }
            }
        }
        if wanted.contains(&"a value") {
            wanted.retain(|w| !matches!(*w, "a name" | "a list"));
        }
        if wanted.len() > 5 {
            wanted = vec!["an operator or the end of the declaration"];
        }
        let wanted = join_or(&wanted);
        let at_end = self.index >= self.tokens.len();
        let found = if at_end { "the declaration ends".to_string() } else { format!("`{}` does not fit", self.word(0)) };
        let diagnostic =
            Diagnostic::error(codes::SYNTAX, span, format!("{found} here"), format!("expected {wanted}"));
        let head = self.tokens.first().map_or("", |t| t.text(self.text));
        diagnostic.help(shape_of(head))
    }
}

fn join_or(words: &[&str]) -> String {
    match words {
        [] => "something else".to_string(),
        [one] => (*one).to_string(),
        [init @ .., last] => format!("{} or {last}", init.join(", ")),
    }
}

fn foreign_operator(s: &Stuck) -> Option<Diagnostic> {
    for back in [0, -1] {
        let span = s.span(back);
        let right = match s.word(back) {
            "&&" | "&" => "and",
            "||" if s.tokens.first().map(|t| t.text(s.text)) != Some("table") => "or",
            "!" => "not",
            ";" => {
                return Some(
                    Diagnostic::error(codes::SYNTAX_OPERATOR, span, "nothing ends a line in Seg", "remove the `;`")
                        .fix("remove the `;`", span, ""),
                );
            }
            "'" => {
                return Some(
                    Diagnostic::error(codes::SYNTAX_OPERATOR, span, "a text stands between `\"`, not `'`", "a single quote")
                        .help("write `\"shoes\"`"),
                );
            }
            ">" if s.joined(back - 1, back) == "=>" => continue,
            _ => continue,
        };
        return Some(s.operator(span, s.word(back), right));
    }
    None
}

fn foreign_word(s: &Stuck) -> Option<Diagnostic> {
    for back in [0, -1] {
        let span = s.span(back);
        let lower = s.word(back).to_ascii_lowercase();
        let (wrong, help): (&str, &str) = match lower.as_str() {
            "null" | "nil" | "none" | "empty" => ("null", "write `is missing` for no value, `is known` for a value"),
            "if" => ("if", "write `when` in a segment, or `choose { when ... => ... otherwise => ... }` for a value"),
            "case" | "switch" => ("case", "write `choose { when CONDITION => VALUE otherwise => VALUE }`"),
            "like" | "ilike" => ("like", "write `contains \"...\"`, `starts with \"...\"` or `matches /.../`"),
            "equals" | "equal" => ("equals", "write `=`"),
            "unless" => ("unless", "write `except` behind the `when` of a segment"),
            "select" | "from" | "having" => ("SQL", "a segment says `when CONDITION`"),
            "greater" | "more" | "over" | "above" => ("greater than", "write `>` or `>=`"),
            "less" | "fewer" | "under" | "below" => ("less than", "write `<` or `<=`"),
            "within" => ("within", "write `in last 30 days` or `in next 30 days`"),
            "past" | "previous" => ("past", "write `in last 30 days`"),
            "exactly" => ("exactly", "write `=`"),
            _ => continue,
        };
        return Some(
            Diagnostic::error(
                codes::SYNTAX_KEYWORD,
                span,
                format!("`{}` means nothing to Seg here", s.word(back)),
                format!("`{wrong}` is said otherwise"),
            )
            .help(help),
        );
    }
    None
}

/// `1,000` outside an amount: the comma ends the number.
fn bare_thousands(s: &Stuck) -> Option<Diagnostic> {
    let comma = if s.word(0) == "," { 0 } else { return None };
    let (left, right) = (s.word(comma - 1), s.word(comma + 1));
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    if !(digits(left) && right.len() == 3 && digits(right)) {
        return None;
    }
    let span = s.span(comma - 1).to(s.span(comma + 1));
    let fixed = format!("{left}_{right}");
    Some(
        Diagnostic::error(
            codes::THOUSANDS_SEPARATOR,
            span,
            "a number is written without commas",
            "the comma would end it",
        )
        .fix(format!("write `{fixed}`"), span, fixed.clone()),
    )
}

fn arrow_for_at_least(s: &Stuck) -> Option<Diagnostic> {
    for back in [0, -1] {
        let span = s.span(back);
        match s.word(back) {
            "=>" if !in_choice(s) => return Some(s.operator(span, "=>", ">=")),
            "=" if s.word(back + 1) == "<" => {
                return Some(s.operator(span.to(s.span(back + 1)), "=<", "<="));
            }
            _ => {}
        }
    }
    None
}

/// Whether a `choose` or `match` is open before the place, where `=>` belongs.
fn in_choice(s: &Stuck) -> bool {
    s.tokens.iter().take(s.index).any(|t| matches!(t.text(s.text), "choose" | "match"))
}

fn missing_comparison_side(s: &Stuck) -> Option<Diagnostic> {
    let op = s.word(-1);
    let is_operator = matches!(op, "=" | "!=" | "<" | "<=" | ">" | ">=" | "+" | "-" | "*" | "/" | "and" | "or" | "not");
    let ends = s.index >= s.tokens.len() || matches!(s.word(0), ")" | "]" | "}" | "and" | "or" | "," | "when" | "except");
    (is_operator && ends).then(|| {
        Diagnostic::error(codes::SYNTAX, s.span(-1), format!("nothing stands behind `{op}`"), "expected a value behind this")
            .help(format!("write what belongs to the right of `{op}`, or remove it"))
    })
}

const RESERVED: [&str; 23] = [
    "and", "or", "not", "in", "is", "else", "of", "between", "before", "after", "where", "then", "within", "choose",
    "match", "when", "otherwise", "true", "false", "missing", "as", "default", "except",
];

/// A reserved word where a field, attribute or parameter is named.
fn reserved_name(s: &Stuck) -> Option<Diagnostic> {
    let head = s.tokens.first().map_or("", |t| t.text(s.text));
    let word = s.word(0);
    let names_here = match head {
        "attribute" | "table" => s.index == 1,
        "profile" | "event" | "reference" => s.index > 3 && s.kind(1) == Some(TokenKind::Word),
        _ => false,
    };
    (names_here && RESERVED.contains(&word)).then(|| {
        Diagnostic::error(
            codes::SYNTAX_KEYWORD,
            s.span(0),
            format!("`{word}` is a word of the language and cannot be a name"),
            "choose another name",
        )
        .help(format!("a column of that name is bound by `rename = {{ my_{word} = \"{word}\" }}` in seg.toml"))
    })
}

/// `segment Gold = card = Gold`, `segment Gold card = Gold`, `attribute x when ...`
fn equals_for_when(s: &Stuck) -> Option<Diagnostic> {
    let head = s.tokens.first().map_or("", |t| t.text(s.text));
    let span = s.span(0);
    match head {
        "segment" if s.index == 2 || (s.index == 3 && s.kind(-1) == Some(TokenKind::Text)) => {
            let diagnostic = Diagnostic::error(
                codes::SYNTAX,
                span,
                "a segment says who is in it behind `when`",
                "expected `when` here",
            );
            Some(if s.word(0) == "=" || s.word(0) == ":" {
                diagnostic.fix("write `when`", span, "when")
            } else if s.word(0) == "where" || s.word(0) == "if" {
                diagnostic.fix("write `when`", span, "when")
            } else if s.word(0) == "{" {
                diagnostic.help("a segment has no braces: `segment GoldHolders when card = Gold`")
            } else {
                diagnostic.suggest("write `when` before it", Span::new(s.file, span.start as usize, span.start as usize), "when ")
            })
        }
        "attribute" if s.index == 2 => Some(
            Diagnostic::error(codes::SYNTAX, span, "an attribute has its value behind `=`", "expected `=` here")
                .help("write `attribute spend = sum(orders.total)`"),
        ),
        _ => None,
    }
}

/// `WHEN`, `AND`, `Or`: keywords are written in lower case.
fn upper_case_keyword(s: &Stuck) -> Option<Diagnostic> {
    for back in [0, -1] {
        let word = s.word(back);
        let lower = word.to_ascii_lowercase();
        if word != lower && RESERVED.contains(&lower.as_str()) {
            let span = s.span(back);
            return Some(
                Diagnostic::error(
                    codes::SYNTAX_KEYWORD,
                    span,
                    "the words of the language are written in lower case",
                    format!("`{word}` is read as a name"),
                )
                .fix(format!("write `{lower}`"), span, lower),
            );
        }
    }
    None
}

fn missing_arrow(s: &Stuck) -> Option<Diagnostic> {
    let span = s.span(0);
    (in_choice(s) && matches!(s.word(0), ":" | "=" | "->" | "then")).then(|| {
        Diagnostic::error(codes::SYNTAX, span, "a branch gives its value behind `=>`", "expected `=>` here").fix(
            "write `=>`",
            span,
            "=>",
        )
    })
}

fn nothing_after(s: &Stuck) -> Option<Diagnostic> {
    if s.tokens.len() > 1 || s.index < s.tokens.len() {
        return None;
    }
    let head = s.word(-1);
    Some(
        Diagnostic::error(codes::SYNTAX, s.span(-1), format!("`{head}` says nothing yet"), "expected a name behind it")
            .help(shape_of(head)),
    )
}

/// What a declaration looks like, for the help line of a syntax error in one.
fn shape_of(head: &str) -> &'static str {
    match head {
        "segment" => "a segment looks like: `segment GoldHolders \"Gold card holders\" when card = Gold`",
        "attribute" => "an attribute looks like: `attribute spend = sum(orders.total in last 90 days)`",
        "enum" | "ordered" => "an enum looks like: `enum Card { Blue, Gold, Platinum }`",
        "profile" => "a profile looks like: `profile Customer key customer_id { customer_id Text  card Card? }`",
        "event" => "an event table looks like: `event Order by customer_id at placed_at { placed_at Timestamp  total Money(GBP) }`",
        "reference" => "a reference table looks like: `reference Item key item_id { item_id Text  department Text? }`",
        "table" => "a table looks like: `table rate(card) -> Percent { card || result  Gold || 10%  any || 0% }`",
        "test" => "a test looks like: `test \"gold\" { given { card: Gold } as of 2026-03-01 expect in GoldHolders }`",
        "playbook" => "a playbook looks like: `playbook \"Spring\" { timezone \"Europe/London\" currency GBP }`",
        "use" => "a use looks like: `use std.lifecycle`",
        "@" => "it looks like: `@allow(unused-attribute) \"kept for the next campaign\"`",
        _ => "see `docs/reference` for how it is written",
    }
}

/// A grammar rule in words; `None` for those that would only add noise.
fn words_for(rule: Rule) -> Option<&'static str> {
    Some(match rule {
        Rule::lower | Rule::upper | Rule::path | Rule::alias | Rule::property_name | Rule::column_name => "a name",
        Rule::expr | Rule::value | Rule::sum | Rule::negated | Rule::atom | Rule::literal | Rule::postfix
        | Rule::test | Rule::not_expr | Rule::and_expr | Rule::product | Rule::share => "a value",
        Rule::list => "a list",
        Rule::title | Rule::text => "a text in quotes",
        Rule::tail | Rule::compare | Rule::compare_tail => "a comparison",
        Rule::type_ref => "a type",
        Rule::field => "a field",
        Rule::fields => "fields in braces",
        Rule::member => "a member",
        Rule::window | Rule::rolling_window | Rule::calendar_window => "a window such as `last 30 days`",
        Rule::quantity => "a length such as `30 days`",
        Rule::unit => "a unit such as `days`",
        Rule::regex => "a pattern between `/`",
        Rule::date | Rule::stamp => "a date such as `2026-03-01`",
        Rule::given => "`given { ... }`",
        Rule::expect => "`expect`",
        Rule::parameter => "a parameter",
        Rule::cell => "a cell",
        Rule::table_row | Rule::table_head => "a row",
        Rule::choose_arm => "`when ... => ...`",
        Rule::otherwise_arm => "`otherwise => ...`",
        Rule::match_arm | Rule::pattern => "a member and `=>`",
        Rule::when_clause => "`when`",
        Rule::except_clause => "`except`",
        Rule::k_and => "`and`",
        Rule::k_or => "`or`",
        Rule::k_key => "`key`",
        Rule::k_by => "`by`",
        Rule::k_of => "`of`",
        Rule::k_as => "`as of`",
        Rule::k_in => "`in`",
        Rule::k_from => "`from`",
        Rule::int => "a whole number",
        Rule::EOI => "the end of the declaration",
        _ => return None,
    })
}
