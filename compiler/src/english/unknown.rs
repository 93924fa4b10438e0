//! Why a customer can be unknown, and so be left out: what the second sentence of a reading says. Looks through names, as
//! unknowns do; what happens within a single event is not told.

use std::collections::{BTreeSet, HashMap, HashSet};

use seg_grammar::ast;
use seg_ir::node::{AggregateKind, Arithmetic, Scope};
use seg_ir::schema::PROFILE;
use seg_ir::{Const, NodeId};

use super::text::{Text, list, long_list, say, short_list};
use super::{Reader, View, names, quantity};
use crate::hir::{Cell, ExprId, Kind, Pattern, State};
use crate::limits::READ_MAX;

/// What can be unknown.
#[derive(Default)]
pub struct Unknown {
    causes: Vec<Cause>,
    /// Whether something else can decide where these are unknown.
    hedged: bool,
}

#[derive(PartialEq)]
enum Cause {
    /// An optional field of the profile: its name, and its name in words.
    Field(String, String),
    /// An optional field that is true or false: its name, and what is not known of them.
    Flag(String, Text),
    /// Something else that may not be there: `home store region`.
    Thing(Text),
    /// No events to take something from.
    NoRows(String),
    /// Events that were not sent at all.
    NoTable(String),
    Zero(Text),
    NoBranch,
    StillOpen(ast::Quantity),
    /// More than a sentence can say.
    More,
}

impl Unknown {
    /// The names of the profile's fields among the causes, in order.
    pub fn needs(&self) -> Vec<String> {
        let names = self.causes.iter().filter_map(|c| match c {
            Cause::Field(name, _) | Cause::Flag(name, _) => Some(name.clone()),
            _ => None,
        });
        names.collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// ` Customers whose card is not known are left out.`
    pub(super) fn left_out(&self, reader: &Reader) -> Text {
        if self.causes.is_empty() {
            return Text::default();
        }
        let who = self.who(reader);
        let people = capital(&reader.people());
        let comma = if self.phrases(reader).len() > 1 { "," } else { "" };
        match self.hedged {
            true => say![" ", people, " ", who, comma, " are left out, unless the rest of the condition decides."],
            false => say![" ", people, " ", who, comma, " are left out."],
        }
    }

    /// ` Customers whose card is not known stay in.`
    pub(super) fn stays_in(&self, reader: &Reader) -> Text {
        if self.causes.is_empty() || self.hedged {
            return Text::default();
        }
        let comma = if self.phrases(reader).len() > 1 { "," } else { "" };
        say![" ", capital(&reader.people()), " ", self.who(reader), comma, " stay in."]
    }

    /// ` It is missing for customers who have no orders to judge by.`
    pub(super) fn missing_for(&self, reader: &Reader) -> Text {
        if self.causes.is_empty() {
            return Text::default();
        }
        let can = if self.hedged { " It can be missing for " } else { " It is missing for " };
        say![can, reader.people(), " ", self.who(reader), "."]
    }

    fn who(&self, reader: &Reader) -> Text {
        let phrases = self.phrases(reader);
        if phrases.len() > 1 { long_list(phrases, "or") } else { list(phrases, "or") }
    }

    fn phrases(&self, reader: &Reader) -> Vec<Text> {
        let pronouns = reader.pronouns();
        let mut phrases = Vec::new();
        let fields: Vec<String> = self
            .causes
            .iter()
            .filter_map(|c| match c {
                Cause::Field(_, words) => Some(words.clone()),
                _ => None,
            })
            .collect();
        if let Some(last) = fields.last() {
            let be = if names::is_plural_noun(last) { "are" } else { "is" };
            phrases.push(say!["whose ", short_list(fields, "or"), " ", be, " not known"]);
        }
        for cause in &self.causes {
            phrases.push(match cause {
                Cause::Field(..) => continue,
                Cause::Flag(_, what) => {
                    let unknown = say!["it is not known whether ", what];
                    super::clause::Clause::Of(unknown).relative(&pronouns)
                }
                Cause::Thing(thing) => say!["whose ", thing, " is not known"],
                Cause::NoRows(rows) => {
                    super::clause::Clause::Who(say!["have no ", rows, " to judge by"]).relative(&pronouns)
                }
                Cause::NoTable(rows) => say!["whose ", rows, " were not given"],
                Cause::Zero(thing) => say!["whose ", thing, " is zero"],
                Cause::More => {
                    super::clause::Clause::For(Text::from("something else is not known")).relative(&pronouns)
                }
                Cause::NoBranch => {
                    super::clause::Clause::For(Text::from("no branch of a choice applies")).relative(&pronouns)
                }
                Cause::StillOpen(time) => {
                    super::clause::Clause::For(say!["the ", quantity(*time), " are not over yet"]).relative(&pronouns)
                }
            });
        }
        phrases
    }
}

impl Reader<'_> {
    /// Why one of some expressions can be unknown.
    pub(super) fn unknown(&self, ids: &[ExprId]) -> Unknown {
        let mut search = Search {
            reader: self,
            out: Unknown::default(),
            told: HashSet::new(),
            known: Vec::new(),
            is_known: HashMap::new(),
            seen: HashSet::new(),
            looked: 0,
        };
        search.all(ids, false);
        search.out
    }
}

struct Search<'a> {
    reader: &'a Reader<'a>,
    out: Unknown,
    /// The fields among the causes.
    told: HashSet<String>,
    /// What a guard made known where the search is, and how often.
    known: Vec<NodeId>,
    is_known: HashMap<NodeId, u32>,
    /// Definitions that were looked through.
    seen: HashSet<ExprId>,
    looked: usize,
}

impl Search<'_> {
    fn add(&mut self, cause: Cause, hedged: bool) {
        let is_new = match &cause {
            Cause::Field(name, _) | Cause::Flag(name, _) => self.told.insert(name.clone()),
            cause => !self.out.causes.contains(cause),
        };
        if is_new {
            self.out.causes.push(cause);
        }
        self.out.hedged |= hedged;
    }

    /// A conjunction: what one part makes known is known in the others.
    fn all(&mut self, ids: &[ExprId], hedged: bool) {
        let before = self.known.len();
        for id in ids {
            self.assume(*id, true);
        }
        ids.iter().for_each(|id| self.look(*id, hedged));
        self.forget(before);
    }

    fn learn(&mut self, node: NodeId) {
        self.known.push(node);
        *self.is_known.entry(node).or_default() += 1;
    }

    /// Forgets what was learnt last.
    fn forget(&mut self, before: usize) {
        for node in self.known.drain(before.min(self.known.len())..) {
            if let Some(times) = self.is_known.get_mut(&node) {
                *times = times.saturating_sub(1);
            }
        }
    }

    /// What is known where a condition is true, or where it is false.
    fn assume(&mut self, id: ExprId, holds: bool) {
        match (&self.reader.expr(id).kind, holds) {
            (Kind::Is { value, state: State::Known, .. }, true)
            | (Kind::Is { value, state: State::Missing, .. }, false) => {
                self.learn(self.reader.node(*value));
            }
            (Kind::And(parts), true) | (Kind::Or(parts), false) => parts.iter().for_each(|p| self.assume(*p, holds)),
            (Kind::Not(inner), _) => self.assume(*inner, !holds),
            _ => {}
        }
    }

    fn definition(&mut self, id: ExprId, hedged: bool) {
        if self.seen.insert(id) {
            self.look(id, hedged);
        }
    }

    fn look(&mut self, id: ExprId, hedged: bool) {
        let reader = self.reader;
        if self.is_known.get(&reader.node(id)).is_some_and(|times| *times > 0) {
            return;
        }
        self.looked += 1;
        if self.looked > READ_MAX {
            return self.add(Cause::More, hedged);
        }
        match &reader.expr(id).kind {
            Kind::Is { .. } | Kind::Constant(_) | Kind::AsOf | Kind::Error => {}
            Kind::Field { scope, table, field } => {
                let declared = reader.schema().field(*table, *field);
                if *scope == Scope::Customer && *table == PROFILE && declared.optional {
                    let name = declared.name.clone();
                    let cause = match reader.flag_words(&View::customer(), id) {
                        Some(what) => Cause::Flag(name, what),
                        None => Cause::Field(name, reader.field_words(*table, *field)),
                    };
                    self.add(cause, hedged);
                }
            }
            Kind::Lookup { pointer, table, field } => {
                let before = self.out.causes.len();
                self.look(*pointer, hedged);
                if before == self.out.causes.len() && reader.schema().field(*table, *field).optional {
                    self.add(Cause::Thing(reader.thing(&View::customer(), id).text), hedged);
                }
            }
            Kind::Attribute(attribute) => self.definition(reader.hir.attribute(*attribute).value, hedged),
            Kind::Segment(segment) => self.definition(reader.hir.segment(*segment).condition, hedged),
            Kind::And(parts) => self.all(parts, hedged),
            Kind::Or(parts) => {
                let before = self.known.len();
                parts.iter().for_each(|part| self.assume(*part, false));
                parts.iter().for_each(|part| self.look(*part, true));
                self.forget(before);
            }
            Kind::Else(value, fallback) => {
                let before = self.out.causes.len();
                self.look(*fallback, true);
                if self.out.causes.len() > before {
                    self.look(*value, true);
                }
            }
            Kind::Choose { arms, otherwise } => {
                for (when, value) in arms {
                    let before = self.known.len();
                    self.assume(*when, true);
                    self.look(*value, true);
                    self.forget(before);
                }
                match otherwise {
                    Some(value) => self.look(*value, true),
                    None => self.add(Cause::NoBranch, hedged),
                }
            }
            Kind::Match { subject, arms } => {
                let says = |p: &Pattern| matches!(p, Pattern::Missing | Pattern::Otherwise);
                if !arms.iter().any(|arm| arm.patterns.iter().any(says)) {
                    self.look(*subject, hedged);
                }
                arms.iter().for_each(|arm| self.look(arm.value, true));
            }
            Kind::Decide { decision, arguments } => {
                let rows = &reader.hir.decision(*decision).rows;
                for (n, argument) in arguments.iter().enumerate() {
                    if !rows.iter().any(|row| row.cells.get(n) == Some(&Cell::Missing)) {
                        self.look(*argument, hedged);
                    }
                }
            }
            Kind::Arithmetic { op: Arithmetic::Divide, left, right } => {
                self.look(*left, hedged);
                self.look(*right, hedged);
                let fixed = reader.lowered.ir.constant(reader.node(*right));
                if !matches!(fixed, Some(Const::Int(1..) | Const::Money(1..) | Const::Percent(1..) | Const::Number(_)))
                {
                    self.add(Cause::Zero(reader.thing(&View::customer(), *right).text), hedged);
                }
            }
            Kind::Call { builtin, arguments } => {
                let before = self.out.causes.len();
                arguments.iter().for_each(|a| self.look(*a, hedged));
                let partial = seg_stdlib::VOCABULARY.get(*builtin).is_some_and(|b| b.partial);
                if partial && self.out.causes.len() == before {
                    self.add(Cause::Thing(reader.thing(&View::customer(), id).text), hedged);
                }
            }
            Kind::Aggregate(aggregate) => {
                let words = reader.collection_words(aggregate.collection);
                if reader.schema().collection(aggregate.collection).optional {
                    self.add(Cause::NoTable(words.clone()), hedged);
                }
                match (aggregate.kind, &aggregate.then_no) {
                    (AggregateKind::Count | AggregateKind::Sum | AggregateKind::Distinct | AggregateKind::List, _) => {}
                    (AggregateKind::Any, None) => {}
                    (AggregateKind::Any, Some(then)) => self.add(Cause::StillOpen(then.within), hedged),
                    _ => self.add(Cause::NoRows(words), hedged),
                }
            }
            kind => kind.children().into_iter().for_each(|part| self.look(part, hedged)),
        }
    }
}

fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
