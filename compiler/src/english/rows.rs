//! Events in a sentence: `orders from 1 March 2026 to 31 March 2026 whose total is more than £20`, and what is folded
//! from them.

use seg_ir::Type;
use seg_ir::node::{AggregateKind, Scope};
use seg_ir::schema::CollectionId;

use super::clause::{Clause, THINGS};
use super::text::{Text, say};
use super::value::Thing;
use super::{Reader, View, names, quantity};
use crate::hir::{Aggregate, ExprId, Kind, ThenNo};

impl Reader<'_> {
    /// What the events of a collection are called: `orders`.
    pub(super) fn collection_words(&self, id: CollectionId) -> String {
        let collection = self.schema().collection(id);
        let words = names::words(&collection.name);
        if names::is_plural_noun(&words) {
            return words;
        }
        names::plural(&names::words(&self.schema().table(collection.table).name))
    }

    fn inside(&self, view: &View, collection: CollectionId, scope: Scope) -> View {
        let row = if scope == Scope::Row {
            Some(names::singular(&self.collection_words(collection)))
        } else {
            view.row.clone()
        };
        View { scope, row }
    }

    /// The events that a fold goes over.
    pub(super) fn rows(&self, view: &View, aggregate: &Aggregate) -> Text {
        let inside = self.inside(view, aggregate.collection, aggregate.scope);
        let mut out = self.rows_of_window(view, aggregate);
        if let Some(filter) = aggregate.filter {
            out.push(" ");
            out.push(self.condition(&inside, filter, false).relative(&THINGS));
            out.of_rows = true;
        }
        if let Some(then) = &aggregate.then_no {
            out.push(self.then_no(&inside, then));
            out.of_rows = true;
        }
        out
    }

    fn rows_of_window(&self, view: &View, aggregate: &Aggregate) -> Text {
        let mut out = Text::from(self.collection_words(aggregate.collection));
        if let Some(window) = &aggregate.window {
            out.push(" ");
            out.push(self.over(view, window));
        }
        out
    }

    /// The events of a fold, and its test as their verb: `fall on a Saturday`, `are ones whose total is more than £20`.
    pub(super) fn rows_and_test(&self, view: &View, aggregate: &Aggregate) -> (Text, Text) {
        let inside = self.inside(view, aggregate.collection, aggregate.scope);
        let rows = self.rows_of_window(view, aggregate);
        let test = match aggregate.filter {
            None => Text::from("are there"),
            Some(filter) => match self.condition(&inside, filter, false) {
                Clause::Who(verb) => verb,
                clause => {
                    let mut text = say!["are ones ", clause.relative(&THINGS)];
                    text.of_rows = true;
                    text
                }
            },
        };
        (rows, test)
    }

    fn then_no(&self, inside: &View, then: &ThenNo) -> Text {
        let rows = self.collection_words(then.collection);
        let view = View { scope: Scope::InnerRow, row: inside.row.clone() };
        let within = quantity(then.within);
        let filter = match then.filter {
            Some(filter) => say![" ", self.condition(&view, filter, false).relative(&THINGS)],
            None => Text::default(),
        };
        say![" after which no ", rows, filter, format!(" followed within {within}")]
    }

    /// `any`, `none` and `every` as a condition.
    pub(super) fn fold_test(&self, view: &View, aggregate: &Aggregate, negated: bool) -> Clause {
        if aggregate.kind == AggregateKind::Any {
            let verb = if negated == aggregate.none { "have one or more " } else { "have no " };
            return self.having(view, say![verb, self.rows(view, aggregate)]);
        }
        let whose = match view.scope {
            Scope::Row | Scope::InnerRow => format!("the {}'s ", self.person()),
            _ => "their ".to_string(),
        };
        let (rows, test) = self.rows_and_test(view, aggregate);
        let all = if negated { "not all of " } else { "all of " };
        Clause::For(say![all, whose, rows, " ", test])
    }

    /// The first or the last of some events, when a value is its time: `latest order`.
    pub(super) fn event_of_time(&self, view: &View, id: ExprId) -> Option<Thing> {
        let Kind::Aggregate(aggregate) = &self.expr(id).kind else { return None };
        let which = match aggregate.kind {
            AggregateKind::LatestRow | AggregateKind::Latest | AggregateKind::Max => "latest",
            AggregateKind::EarliestRow | AggregateKind::Earliest | AggregateKind::Min => "first",
            _ => return None,
        };
        let table = self.schema().collection(aggregate.collection).table;
        let is_time = match aggregate.value.map(|v| &self.expr(self.bare(v)).kind) {
            Some(Kind::Field { scope, field, .. }) => {
                *scope == aggregate.scope && self.schema().table(table).at == Some(*field)
            }
            _ => false,
        };
        is_time.then(|| self.end_row(view, aggregate, which))
    }

    /// `latest order`, `latest order among orders from 1 March 2026 to 31 March 2026`
    fn end_row(&self, view: &View, aggregate: &Aggregate, which: &str) -> Thing {
        let one = names::singular(&self.collection_words(aggregate.collection));
        let mut text = say![which, " ", one];
        if aggregate.window.is_some() || aggregate.filter.is_some() {
            let (comma, end) = if aggregate.filter.is_some() { (",", ",") } else { ("", "") };
            text.push(say![comma, " among ", self.rows(view, aggregate), end]);
        }
        self.seen_from(view, text, false)
    }

    fn seen_from(&self, view: &View, text: Text, plural: bool) -> Thing {
        match view.scope {
            Scope::Row | Scope::InnerRow => {
                Thing { owned: false, text: say![format!("the {}'s ", self.person()), text], plural }
            }
            _ => Thing::own(text, plural),
        }
    }

    /// What is folded, as a noun in the singular.
    fn folded(&self, view: &View, aggregate: &Aggregate) -> Text {
        let inside = self.inside(view, aggregate.collection, aggregate.scope);
        match aggregate.value {
            Some(value) => self.thing(&inside, value).text,
            None => Text::from("value"),
        }
    }

    pub(super) fn folded_plural(&self, view: &View, aggregate: &Aggregate) -> Text {
        self.folded(view, aggregate).plural()
    }

    /// A fold as a noun: `total of orders`, `number of orders since 1 March 2026`.
    pub(super) fn fold(&self, view: &View, aggregate: &Aggregate) -> Thing {
        let rows = || self.rows(view, aggregate);
        // What is said of the events is set off by commas, so that it ends where the value goes on.
        let (comma, end) = if aggregate.filter.is_some() { (",", ",") } else { ("", "") };
        let of = |what: Text, word: &str| say![what, comma, " ", word, " ", rows(), end];
        let among = |which: &str| of(say![which, " ", self.folded(view, aggregate)], "among");
        let is_time = aggregate
            .value
            .is_some_and(|v| matches!(self.expr(v).ty.get(), Some(Type::Date | Type::Timestamp | Type::TimeOfDay)));
        let (text, plural) = match aggregate.kind {
            AggregateKind::Count => (say!["number of ", rows(), end], false),
            AggregateKind::Share => {
                let inside = self.inside(view, aggregate.collection, aggregate.scope);
                let all = self.rows_of_window(view, aggregate);
                let mut text = match aggregate.filter {
                    Some(test) => {
                        say!["share of ", all, " ", self.condition(&inside, test, false).relative(&THINGS)]
                    }
                    None => say!["share of ", all],
                };
                text.of_rows = true;
                (text, false)
            }
            AggregateKind::Any | AggregateKind::Every => {
                return Thing::other(say!["whether ", self.fold_test(view, aggregate, false).plain()]);
            }
            AggregateKind::Sum => {
                let folded = self.folded(view, aggregate);
                let whole = ["total", "amount", "value", "sum"].iter().any(|word| folded == Text::from(*word));
                let text = match whole {
                    true => say!["total value of ", rows(), end],
                    false => of(say!["total ", folded], "across"),
                };
                (text, false)
            }
            AggregateKind::Mean => (of(say!["average ", self.folded(view, aggregate)], "across"), false),
            AggregateKind::Min => (among(if is_time { "earliest" } else { "lowest" }), false),
            AggregateKind::Max => (among(if is_time { "latest" } else { "highest" }), false),
            AggregateKind::Latest => (among("latest known"), false),
            AggregateKind::Earliest => (among("first known"), false),
            AggregateKind::LatestRow => return self.of_end_row(view, aggregate, "latest"),
            AggregateKind::EarliestRow => return self.of_end_row(view, aggregate, "first"),
            AggregateKind::Distinct => {
                (of(say!["number of different ", self.folded_plural(view, aggregate)], "among"), false)
            }
            AggregateKind::MostFrequent => (among("most frequent"), false),
            AggregateKind::List => (of(self.folded_plural(view, aggregate), "among"), true),
        };
        self.seen_from(view, text, plural)
    }

    /// A field of the first or the last event: `latest order's department`.
    fn of_end_row(&self, view: &View, aggregate: &Aggregate, which: &str) -> Thing {
        let one = names::singular(&self.collection_words(aggregate.collection));
        let folded = self.folded(view, aggregate);
        if aggregate.window.is_none() && aggregate.filter.is_none() {
            return self.seen_from(view, say![which, " ", one, "'s ", folded], false);
        }
        let text = say![folded, format!(" of the {which} {one} among "), self.rows(view, aggregate)];
        self.seen_from(view, text, false)
    }
}
