//! `window-beyond-history`: a window that begins before the data does, and so counts less than it says.

use seg_grammar::ast::{Unit, WindowKind};
use seg_grammar::{Code, Diagnostic};
use seg_ir::Const;
use seg_ir::node::Scope;
use seg_ir::schema::CollectionId;

use super::{Lint, Playbook};
use crate::config::Level;
use crate::hir::{ExprId, Kind, Window};

pub const LINT: Lint = Lint {
    name: "window-beyond-history",
    level: Level::Warn,
    page: include_str!("../../../docs/lints/window-beyond-history.md"),
    check,
};

/// Where windows that move with time are measured when no `as_of` is set: the end of a year, where the calendar's
/// windows are longest.
const ANY_INSTANT: i64 = 1_735_603_200_000_000;

fn check(playbook: &Playbook, out: &mut Vec<Diagnostic>) {
    if playbook.config.history_days.is_empty() {
        return;
    }
    for (_, expr) in playbook.expressions() {
        match &expr.kind {
            Kind::Aggregate(aggregate) => {
                if let Some(window) = &aggregate.window {
                    look(playbook, aggregate.collection, window, out);
                }
            }
            Kind::InWindow { value, window, .. } => {
                if let Some(collection) = time_of_events(playbook, *value) {
                    look(playbook, collection, window, out);
                }
            }
            _ => {}
        }
    }
}

/// The events whose own time a value is: `latest(orders).placed_at`.
fn time_of_events(playbook: &Playbook, id: ExprId) -> Option<CollectionId> {
    let Kind::Aggregate(aggregate) = &playbook.hir.expr(id).kind else { return None };
    let schema = &playbook.schemas.schema;
    let table = schema.collection(aggregate.collection).table;
    match playbook.hir.expr(aggregate.value?).kind {
        Kind::Field { field, .. } => (schema.table(table).at == Some(field)).then_some(aggregate.collection),
        _ => None,
    }
}

fn look(playbook: &Playbook, collection: CollectionId, window: &Window, out: &mut Vec<Diagnostic>) {
    let table = &playbook.schemas.schema.table(playbook.schemas.schema.collection(collection).table).name;
    let Some(days) = playbook.config.history_days.get(table) else { return };
    let Some((low, _)) = window.low else { return };
    let as_of = match (playbook.config.as_of, playbook.scope(low)) {
        (Some(as_of), _) => as_of,
        (None, Scope::Run) => ANY_INSTANT,
        (None, _) => return,
    };
    let zone = &playbook.schemas.zone;
    let begins = match playbook.value_at(low, as_of) {
        Some(Const::Date(date)) => Some(date),
        Some(Const::Timestamp(instant)) => zone.date(instant),
        _ => None,
    };
    let (Some(begins), Some(today)) = (begins, zone.date(as_of)) else { return };
    let back = i64::from(today) - i64::from(begins);
    if back <= *days {
        return;
    }
    let text = playbook.text(window.span);
    let diagnostic = Diagnostic::warning(
        Code(LINT.name),
        window.span,
        format!("`{text}` goes back {back} days, and the history of `{table}` only {days}"),
        "what lies before that is counted as if it had not happened",
    );
    let help = format!("the length is set by `[history]` in `seg.toml`: `{table} = \"{days} days\"`");
    out.push(match &window.words {
        WindowKind::Last { before: None, .. } if *days > 0 => {
            let fixed = format!("last {days} {}{}", Unit::Day.name(), if *days == 1 { "" } else { "s" });
            diagnostic.suggest(format!("write `{fixed}`"), window.span, fixed).help(help)
        }
        _ => diagnostic.help(format!("begin the window later; {help}")),
    });
}
