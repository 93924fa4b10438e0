//! One JSON record: the same judgement of cells as files get, with the record's own faults (keys twice, fields that nobody
//! declared, depth, size) refused by their path.

mod reader;

use std::collections::HashMap;

use seg_ir::outcome::{Reject, RejectCode};
use seg_ir::schema::PROFILE;
use seg_ir::{CollectionId, Const, FieldId, Program, Record};

use crate::cell::{Note, check};
use crate::error::{Error, did_you_mean};
use crate::json::Json;
use crate::reason::reason;
use crate::references::References;
use crate::rule::{Rule, TableRules};

pub(crate) use reader::{Reader, Seen};

/// What a request may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestOptions {
    pub unknown_fields: UnknownFields,
    /// The longest record, in bytes.
    pub body_max_bytes: usize,
    /// The most events of one collection without a `max` of its own.
    pub events_max: usize,
}

/// What becomes of a record with a field that the schema lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UnknownFields {
    #[default]
    Reject,
    Ignore,
}

impl Default for RequestOptions {
    fn default() -> RequestOptions {
        RequestOptions { unknown_fields: UnknownFields::Reject, body_max_bytes: 1 << 20, events_max: 100_000 }
    }
}

/// A record that keeps to the schema. Join it with the references that its pointers lead into: [`References::join`].
#[derive(Debug, Clone)]
pub struct Decoded {
    pub record: Record,
    /// The profile's key; missing for `key row`.
    pub key: Const,
    /// The key as people write it, unless it is personal.
    pub key_text: Option<String>,
    /// Events that break the schema. As in bulk, each is left out and told; the customer is decided without it.
    pub rejects: Vec<Reject>,
}

/// Decodes records of one playbook.
pub struct Decoder<'p> {
    program: &'p Program,
    options: RequestOptions,
    profile: TableRules,
    collections: Vec<TableRules>,
    /// What a profile object may hold at its top, besides groups.
    known: Names,
}

/// The names that an object may hold: fields, and groups with their own.
#[derive(Debug, Default)]
struct Names {
    leaves: HashMap<String, ()>,
    groups: HashMap<String, Names>,
}

/// A fault of a record at a path.
struct Fault {
    field: String,
    code: RejectCode,
    reason: String,
}

impl<'p> Decoder<'p> {
    /// **Errors**: fields whose types cannot be read; reference tables that are not loaded.
    pub fn new(program: &'p Program, references: &References, options: RequestOptions) -> Result<Decoder<'p>, Error> {
        let schema = &program.schema;
        let rules = |id| TableRules::new(schema, &program.zone, id, &references.targets);
        let profile = rules(PROFILE)?;
        let collections = schema.collections.iter().map(|c| rules(c.table)).collect::<Result<Vec<_>, _>>()?;
        let mut known = Names::of(&profile.fields);
        for collection in &schema.collections {
            known.add(&collection.name);
        }
        Ok(Decoder { program, options, profile, collections, known })
    }

    /// Decodes one record, given at an instant; `row` is its line, for the reject.
    pub fn decode(&self, line: &str, row: u64, as_of: i64) -> Result<Decoded, Box<Reject>> {
        let json = self.parse(line).map_err(|fault| self.reject(fault, row, None))?;
        let key = self.key(&json);
        let mut faults = Vec::new();
        match self.record(&json, as_of, &mut faults) {
            Err(fault) => Err(self.reject(fault, row, key)),
            Ok(mut decoded) => {
                let reject =
                    |(source, fault): (String, Fault)| Reject { source, ..*self.reject(fault, row, key.clone()) };
                decoded.rejects = faults.into_iter().map(reject).collect();
                Ok(decoded)
            }
        }
    }

    fn parse(&self, line: &str) -> Result<Json, Fault> {
        let malformed = |field: String, reason: String| Fault { field, code: RejectCode::Malformed, reason };
        if line.len() > self.options.body_max_bytes && !seg_ir::fault::is("ingest.requests-may-be-of-any-size") {
            let what = format!("the record has more than {} bytes", self.options.body_max_bytes);
            return Err(malformed(String::new(), what));
        }
        match Json::parse(line) {
            Ok(object @ Json::Object(_)) => Ok(object),
            Ok(other) => Err(malformed(String::new(), format!("the record is {}, not an object", other.what()))),
            Err(fault) => Err(malformed(fault.within(|path| self.holds_more(path)), fault.what)),
        }
    }

    /// Whether what is at a path of names is a group or a collection, whose own names are the schema's too.
    fn holds_more(&self, path: &[&str]) -> bool {
        let collections = self.program.schema.collections.iter().zip(&self.collections);
        let in_groups = |names: &Names, path: &[&str]| names.group(path).is_some();
        match path.split_first() {
            None => true,
            Some((first, rest)) => match collections.into_iter().find(|(c, _)| c.name == **first) {
                Some((_, rules)) => rest.is_empty() || in_groups(&Names::of(&rules.fields), rest),
                None => in_groups(&self.known, path),
            },
        }
    }

    fn record(&self, json: &Json, as_of: i64, rejected: &mut Vec<(String, Fault)>) -> Result<Decoded, Fault> {
        let schema = &self.program.schema;
        let values = self.fields(json, &self.profile, "")?;
        let key = self.profile.key.and_then(|key| values.get(key.0 as usize)).cloned();
        let mut record = Record::new(schema, values);
        for ((id, collection), rules) in schema.collection_ids().zip(&self.collections) {
            for fault in self.collection(json, id, &collection.name, rules, as_of, &mut record)? {
                rejected.push((rules.name.clone(), fault));
            }
        }
        let passes = seg_ir::fault::is("ingest.unknown-fields-pass");
        if self.options.unknown_fields == UnknownFields::Reject && !passes {
            self.known.check(json, "")?;
        }
        record.seal(schema, &self.program.zone, as_of);
        let rule = self.profile.key.and_then(|key| self.profile.fields.get(key.0 as usize));
        let shown = key.as_ref().zip(rule).filter(|(_, rule)| !rule.secret);
        let key_text = shown.and_then(|(key, rule)| crate::key::show(&key.value(), rule));
        Ok(Decoded {
            record,
            key: key.unwrap_or(Const::Missing(seg_ir::Reason::NotGiven)),
            key_text,
            rejects: Vec::new(),
        })
    }

    fn fields(&self, json: &Json, rules: &TableRules, path: &str) -> Result<Vec<Const>, Fault> {
        rules.fields.iter().map(|rule| self.field(json, rule, path)).collect()
    }

    fn field(&self, json: &Json, rule: &Rule, path: &str) -> Result<Const, Fault> {
        let names: Vec<String> = rule.name.split('.').map(str::to_string).collect();
        let raw = json.at(&names);
        let judged = check(raw.clone(), rule, &self.program.zone, &mut Note::default());
        judged.map_err(|code| Fault { field: format!("{path}{}", rule.name), code, reason: reason(rule, &raw, code) })
    }

    /// Adds the events of a collection to the record; gives the faults of those that are refused.
    fn collection(
        &self,
        json: &Json,
        id: CollectionId,
        name: &str,
        rules: &TableRules,
        as_of: i64,
        record: &mut Record,
    ) -> Result<Vec<Fault>, Fault> {
        let declared = self.program.schema.collection(id);
        let fault = |code, reason: String| Err(Fault { field: name.to_string(), code, reason });
        let items = match json.member(name) {
            None | Some(Json::Null) if declared.optional => {
                record.not_sent(id);
                return Ok(Vec::new());
            }
            None | Some(Json::Null) => {
                let what = format!(
                    "`{name}` was not sent; send an empty list for a customer without, or declare it `many {}?`",
                    rules.name
                );
                return fault(RejectCode::NotSent, what);
            }
            Some(Json::List(items)) => items,
            Some(other) => {
                return fault(RejectCode::WrongType, format!("it is {}, not a list of objects", other.what()));
            }
        };
        let mut rows = 0_u64;
        let mut faults = Vec::new();
        let names = Names::of(&rules.fields);
        for (index, item) in items.iter().enumerate() {
            if self.is_later(item, rules, as_of) {
                continue;
            }
            match self.event(item, rules, &names, &format!("{name}[{index}]")) {
                Ok(values) => {
                    rows += 1;
                    record.push(rules.id, values);
                }
                Err(_) if seg_ir::fault::is("ingest.requests-forget-refused-events") => {}
                Err(fault) => faults.push(fault),
            }
        }
        let max = declared.max.unwrap_or(self.options.events_max as u64);
        if rows > max && !seg_ir::fault::is("ingest.requests-may-have-any-number-of-events") {
            let (refusal, _) = crate::events::too_many(0, name, u32::try_from(rows).unwrap_or(u32::MAX), max);
            return fault(refusal.code, refusal.reason);
        }
        Ok(faults)
    }

    /// One event of a collection, at its path.
    fn event(&self, item: &Json, rules: &TableRules, names: &Names, path: &str) -> Result<Vec<Const>, Fault> {
        if !matches!(item, Json::Object(_)) {
            let reason = format!("it is {}, not an object", item.what());
            return Err(Fault { field: path.to_string(), code: RejectCode::WrongType, reason });
        }
        let values = self.fields(item, rules, &format!("{path}."))?;
        if self.options.unknown_fields == UnknownFields::Reject {
            names.check(item, &format!("{path}."))?;
        }
        Ok(values)
    }

    /// Whether an event's time alone says that it has not happened yet; then nothing else of it is looked at.
    fn is_later(&self, item: &Json, rules: &TableRules, as_of: i64) -> bool {
        let Some(rule) = rules.at.and_then(|FieldId(at)| rules.fields.get(at as usize)) else { return false };
        match self.field(item, rule, "") {
            Ok(Const::Timestamp(at)) => at > as_of && !seg_ir::fault::is("ingest.requests-judge-later-events"),
            Ok(Const::Date(at)) => self.program.zone.date(as_of).is_some_and(|today| at > today),
            _ => false,
        }
    }

    /// The key as text, where it can be read and is not personal.
    fn key(&self, json: &Json) -> Option<String> {
        let rule = self.profile.key.and_then(|key| self.profile.fields.get(key.0 as usize)).filter(|r| !r.secret)?;
        crate::key::show(&self.field(json, rule, "").ok()?.value(), rule)
    }

    fn reject(&self, fault: Fault, row: u64, key: Option<String>) -> Box<Reject> {
        let Fault { field, code, reason } = fault;
        Box::new(Reject { source: self.profile.name.clone(), file: None, row, key, field, code, reason })
    }
}

impl Names {
    fn of(rules: &[Rule]) -> Names {
        let mut names = Names::default();
        for rule in rules {
            names.add(&rule.name);
            // The dotted name itself is another way to write a field of a group.
            names.leaves.insert(rule.name.clone(), ());
        }
        names
    }

    fn add(&mut self, name: &str) {
        match name.split_once('.') {
            Some((group, rest)) => self.groups.entry(group.to_string()).or_default().add(rest),
            None => {
                self.leaves.insert(name.to_string(), ());
            }
        }
    }

    /// The names of a group within.
    fn group(&self, path: &[&str]) -> Option<&Names> {
        path.iter().try_fold(self, |names, name| names.groups.get(*name))
    }

    /// **Errors**: a name that is neither.
    fn check(&self, json: &Json, path: &str) -> Result<(), Fault> {
        let Json::Object(members) = json else { return Ok(()) };
        for (name, value) in members {
            if let Some(group) = self.groups.get(&**name) {
                group.check(value, &format!("{path}{name}."))?;
            } else if !self.leaves.contains_key(&**name) {
                let mut known: Vec<&str> = self.leaves.keys().chain(self.groups.keys()).map(String::as_str).collect();
                known.sort_unstable();
                let reason = format!("the schema has no such field{}", did_you_mean(name, known));
                return Err(Fault { field: format!("{path}{name}"), code: RejectCode::UnknownField, reason });
            }
        }
        Ok(())
    }
}
