//! What the grammar itself has to say where no known mistake is found: what it expected, with rule names in words.

use pest::error::{Error, ErrorVariant};

use super::Stuck;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::parse::Rule;

/// pest's own list, as "expected A or B".
pub(super) fn expected(s: &Stuck, error: &Error<Rule>) -> Diagnostic {
    let mut wanted: Vec<&str> = Vec::new();
    if let ErrorVariant::ParsingError { positives, .. } = &error.variant {
        for rule in positives {
            if let Some(name) = words_for(*rule)
                && !wanted.contains(&name)
            {
                wanted.push(name);
            }
        }
    }
    let goes_on = wanted.iter().any(|w| matches!(*w, "a comparison" | "`and`" | "`or`" | "`of`"));
    if wanted.contains(&"a value") {
        wanted.retain(|w| !matches!(*w, "a name" | "a list" | "`not`"));
    } else if goes_on && s.open_brackets().is_empty() {
        wanted = vec!["an operator, or the end of the declaration"];
    } else if goes_on {
        wanted = vec!["an operator", "the end of what the bracket holds"];
    }
    let wanted = join_or(&wanted);
    let help = shape_of(s.head());
    if s.at_end() {
        let last = s.word(-1);
        let message = format!("the declaration ends behind `{last}`, and something is missing");
        return Diagnostic::error(codes::SYNTAX, s.span(-1), message, format!("expected {wanted} behind this"))
            .help(help);
    }
    let message = format!("`{}` does not fit here", s.word(0));
    Diagnostic::error(codes::SYNTAX, s.span(0), message, format!("expected {wanted}")).help(help)
}

fn join_or(words: &[&str]) -> String {
    match words {
        [] => "something else".to_string(),
        [one] => (*one).to_string(),
        [init @ .., last] => format!("{} or {last}", init.join(", ")),
    }
}

/// What a declaration looks like, for the help line of a syntax error in one.
pub(super) fn shape_of(head: &str) -> &'static str {
    match head {
        "segment" => "a segment looks like: `segment GoldHolders \"Gold card holders\" when card = Gold`",
        "attribute" => "an attribute looks like: `attribute spend = sum(orders.total in last 90 days)`",
        "enum" | "ordered" => "an enum looks like: `enum Card { Blue, Gold, Platinum }`",
        "profile" => "a profile looks like: `profile Customer key customer_id { customer_id Text  card Card? }`",
        "event" => {
            "an event table looks like: `event Order by customer_id at placed_at { placed_at Timestamp  total Money(GBP) }`"
        }
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
        Rule::expr
        | Rule::value
        | Rule::sum
        | Rule::negated
        | Rule::negative
        | Rule::atom
        | Rule::literal
        | Rule::postfix
        | Rule::test
        | Rule::not_expr
        | Rule::and_expr
        | Rule::product
        | Rule::share
        | Rule::argument => "a value",
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
        Rule::locale => "a value of the property",
        Rule::lint_name => "the name of a lint",
        Rule::k_and => "`and`",
        Rule::k_or => "`or`",
        Rule::k_key => "`key`",
        Rule::k_by => "`by`",
        Rule::k_of => "`of`",
        Rule::k_as => "`as of`",
        Rule::k_in => "`in`",
        Rule::k_no => "`no`",
        Rule::k_from => "`from`",
        Rule::k_case => "`case`",
        Rule::k_with => "`with`",
        Rule::k_column => "`column`",
        Rule::k_enum => "`enum`",
        Rule::k_not => "`not`",
        Rule::k_arrow => "`=>`",
        Rule::k_bars => "`||`",
        Rule::k_close => "`}`",
        Rule::k_colon => "`:`",
        Rule::k_equals => "`=`",
        Rule::k_open => "`{`",
        Rule::k_parameters => "`(`",
        Rule::k_result => "`->`",
        Rule::int => "a whole number",
        Rule::EOI => "the end of the declaration",
        _ => return None,
    })
}
