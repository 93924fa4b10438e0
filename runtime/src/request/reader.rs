//! Records straight into cells: one pass over the text, made for the schema, that builds nothing on the way. It takes only
//! what it is sure of; at the first thing out of the ordinary it gives up, and the general decoder's verdict counts. So it
//! knows no reasons: whatever it accepts, that decoder accepts with the same values.

use std::collections::{BTreeSet, HashMap};

use seg_evaluator::record::{Events, Input};
use seg_ir::schema::{Collection, Schema};
use seg_ir::{CollectionId, FieldId, Value, Zone, fault};

use super::{Decoder, Names, RequestOptions};
use crate::cell::{Note, Raw, number, view};
use crate::decimal::Decimal;
use crate::rule::{Kind, Rule, TableRules};

/// Digits that 64 bits always hold.
const DIGITS_MAX: usize = 18;

/// Reads records of one schema.
#[derive(Debug)]
pub(crate) struct Reader {
    profile: Shape,
    collections: Vec<Shape>,
}

/// What the objects of one table look like. **Shape**: `objects[0]` is the row, the others its groups.
#[derive(Debug)]
struct Shape {
    objects: Vec<Object>,
}

/// The keys that an object may have.
#[derive(Debug, Default)]
struct Object {
    /// In the order of the schema, in which most records have them.
    keys: Vec<(Box<str>, Key)>,
    by_name: HashMap<Box<str>, usize>,
}

#[derive(Debug, Clone, Copy)]
enum Key {
    Field(usize),
    Group(usize),
    Collection(usize),
}

/// Memory that reading uses again and again: which keys an object had.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    profile: Vec<bool>,
    row: Vec<bool>,
    collections: Vec<bool>,
}

impl Reader {
    /// `None` for a schema with two collections of one table, whose rows the general decoder puts together.
    pub fn new(schema: &Schema, decoder: &Decoder<'_>) -> Option<Reader> {
        let tables: BTreeSet<_> = schema.collections.iter().map(|c| c.table).collect();
        if tables.len() < schema.collections.len() {
            return None;
        }
        let mut profile = Shape::of(&decoder.profile.fields, &decoder.known);
        let top = profile.objects.first_mut()?;
        for (at, collection) in schema.collections.iter().enumerate() {
            top.add(&collection.name, Key::Collection(at));
        }
        let shape = |rules: &TableRules| Shape::of(&rules.fields, &Names::of(&rules.fields));
        Some(Reader { profile, collections: decoder.collections.iter().map(shape).collect() })
    }

    /// Reads a record into cells and gives its key. `None`: it is for the general decoder; what the cells then hold is
    /// of no use.
    pub fn read<'d>(
        &self,
        decoder: &'d Decoder<'_>,
        line: &'d str,
        as_of: i64,
        seen: &mut Seen,
        input: &mut Input<'_, 'd>,
    ) -> Option<Value<'d>> {
        let RequestOptions { body_max_bytes, events_max, .. } = decoder.options;
        if line.len() > body_max_bytes && !fault::is("reader.a-long-record-is-taken") {
            return None;
        }
        let Seen { profile: fields, row, collections } = seen;
        reset(fields, decoder.profile.fields.len());
        reset(collections, decoder.collections.len());
        let mut text = Text { text: line, at: 0 };
        let zone = &decoder.program.zone;
        let declared = &decoder.program.schema.collections;
        let mut key = Value::Missing(seg_ir::Reason::NotGiven);
        let at_key = decoder.profile.key.map(|key| key.0 as usize);
        self.profile.object(0, &mut text, &mut |text, entry| match entry {
            Key::Field(at) => {
                first(fields, at)?;
                let rule = decoder.profile.fields.get(at)?;
                if text.peek()? == b'[' {
                    return list(text, rule, zone, FieldId(at as u32), input);
                }
                let value = view(text.scalar()?, rule, zone, &mut Note::default()).ok()?;
                input.set(FieldId(at as u32), &value);
                if at_key == Some(at) {
                    key = value;
                }
                Some(())
            }
            Key::Collection(at) => {
                first(collections, at)?;
                let (declared, rules) = (declared.get(at)?, decoder.collections.get(at)?);
                if text.word("null") {
                    return (declared.optional || fault::is("reader.null-is-a-collection")).then_some(());
                }
                let max = declared.max.unwrap_or(events_max as u64);
                let rows = Rows { rules, max, as_of, today: zone.date(as_of), zone, shape: self.collections.get(at)? };
                rows.read(text, row, input.events(CollectionId(at as u32)))
            }
            Key::Group(_) => None,
        })?;
        text.space();
        if text.at < line.len() && !fault::is("reader.what-follows-is-overlooked") {
            return None;
        }
        for (at, rule) in decoder.profile.fields.iter().enumerate().filter(|(at, _)| !is_seen(fields, *at)) {
            let value = absent(rule, zone)?;
            if !value.is_missing() {
                input.set(FieldId(at as u32), &value);
            }
        }
        let is_whole = |(at, collection): (usize, &Collection)| {
            collection.optional || is_seen(collections, at) || fault::is("reader.a-collection-may-be-absent")
        };
        declared.iter().enumerate().all(is_whole).then_some(key)
    }
}

/// The events of one collection.
struct Rows<'d, 'r> {
    rules: &'d TableRules,
    shape: &'r Shape,
    max: u64,
    as_of: i64,
    today: Option<i32>,
    zone: &'d Zone,
}

impl<'d> Rows<'d, '_> {
    fn read(&self, text: &mut Text<'d>, seen: &mut Vec<bool>, mut events: Events<'_, '_, 'd>) -> Option<()> {
        let mut count = 0;
        text.items(|text| {
            events.row();
            if self.row(text, seen, &mut events)? || fault::is("reader.later-events-count") {
                count += 1;
            } else {
                events.withdraw();
            }
            Some(())
        })?;
        events.finish();
        (count <= self.max || fault::is("reader.too-many-events-are-taken")).then_some(())
    }

    /// Whether the event has happened by the instant.
    fn row(&self, text: &mut Text<'d>, seen: &mut Vec<bool>, events: &mut Events<'_, '_, 'd>) -> Option<bool> {
        let fields = &self.rules.fields;
        reset(seen, fields.len());
        let at_time = self.rules.at.map(|at| at.0 as usize);
        let mut happened = true;
        self.shape.object(0, text, &mut |text, entry| {
            let Key::Field(at) = entry else { return None };
            first(seen, at)?;
            let value = view(text.scalar()?, fields.get(at)?, self.zone, &mut Note::default()).ok()?;
            if at_time == Some(at) {
                happened = match value {
                    Value::Timestamp(at) if fault::is("reader.the-instant-itself-is-later") => at < self.as_of,
                    Value::Timestamp(at) => at <= self.as_of,
                    Value::Date(at) => self.today.is_none_or(|today| at <= today),
                    _ => return None,
                };
            }
            events.set(FieldId(at as u32), &value);
            Some(())
        })?;
        for (at, rule) in fields.iter().enumerate().filter(|(at, _)| !is_seen(seen, *at)) {
            let value = absent(rule, self.zone)?;
            if at_time == Some(at) {
                return None;
            }
            if !value.is_missing() {
                events.set(FieldId(at as u32), &value);
            }
        }
        Some(happened)
    }
}

/// A list of the profile: read once to be judged, and once more into its cells.
fn list<'d>(
    text: &mut Text<'d>,
    rule: &'d Rule,
    zone: &'d Zone,
    field: FieldId,
    input: &mut Input<'_, 'd>,
) -> Option<()> {
    let Kind::List(item) = &rule.kind else { return None };
    let judge = |raw: Raw<'d>| view(raw, item, zone, &mut Note::default()).ok();
    let start = text.at;
    let mut count = 0_u64;
    text.items(|text| {
        count += 1;
        judge(text.scalar()?).map(|_| ())
    })?;
    let mut again = Text { text: text.text, at: start + 1 };
    let items = (0..count).map_while(|_| {
        again.space();
        let value = judge(again.scalar()?);
        again.space();
        again.at += 1;
        value
    });
    input.set_list(field, items);
    let max = rule.max.filter(|_| !fault::is("reader.a-long-list-is-taken"));
    max.is_none_or(|max| count <= max).then_some(())
}

/// What an absent field gives. `None` where it is required.
fn absent<'d>(rule: &'d Rule, zone: &Zone) -> Option<Value<'d>> {
    view(Raw::Null, rule, zone, &mut Note::default()).ok()
}

fn reset(seen: &mut Vec<bool>, len: usize) {
    seen.clear();
    seen.resize(len, false);
}

fn is_seen(seen: &[bool], at: usize) -> bool {
    seen.get(at).copied().unwrap_or(false)
}

/// Marks a key. `None` when it was there before.
fn first(seen: &mut [bool], at: usize) -> Option<()> {
    let slot = seen.get_mut(at)?;
    (!std::mem::replace(slot, true) || fault::is("reader.a-key-twice-is-taken")).then_some(())
}

impl Shape {
    fn of(fields: &[Rule], names: &Names) -> Shape {
        let mut shape = Shape { objects: vec![Object::default()] };
        shape.groups(names, 0);
        for (index, rule) in fields.iter().enumerate() {
            let mut at = 0;
            let mut rest = rule.name.as_str();
            while let Some((group, inner)) = rest.split_once('.') {
                let Some(Key::Group(next)) = shape.objects.get(at).and_then(|o| o.key(group)) else { break };
                (at, rest) = (next, inner);
            }
            if let Some(object) = shape.objects.get_mut(at) {
                object.add(rest, Key::Field(index));
            }
        }
        shape
    }

    fn groups(&mut self, names: &Names, at: usize) {
        for (name, inner) in &names.groups {
            let next = self.objects.len();
            self.objects.push(Object::default());
            if let Some(object) = self.objects.get_mut(at) {
                object.add(name, Key::Group(next));
            }
            self.groups(inner, next);
        }
    }

    /// Reads an object, and its groups, which count as part of it. `None` at anything unknown; a group that is there
    /// twice is met by its fields, and an empty one twice by its mark.
    fn object<'d>(
        &self,
        which: usize,
        text: &mut Text<'d>,
        entry: &mut dyn FnMut(&mut Text<'d>, Key) -> Option<()>,
    ) -> Option<()> {
        let object = self.objects.get(which)?;
        let mut expected = 0;
        let mut groups = 0_u64;
        text.space();
        if !text.take(b'{') {
            return None;
        }
        text.space();
        if text.take(b'}') {
            return Some(());
        }
        loop {
            text.space();
            let name = text.string()?;
            let at = match object.keys.get(expected) {
                Some((key, _)) if **key == *name => expected,
                _ => *object.by_name.get(name)?,
            };
            expected = at + 1;
            text.space();
            if !text.take(b':') {
                return None;
            }
            text.space();
            match object.keys.get(at)?.1 {
                Key::Group(next) => {
                    let mark = 1_u64.checked_shl(u32::try_from(next).ok()?)?;
                    if groups & mark != 0 && !fault::is("reader.a-group-twice-is-taken") {
                        return None;
                    }
                    groups |= mark;
                    if !text.word("null") {
                        self.object(next, text, entry)?;
                    }
                }
                key => entry(text, key)?,
            }
            text.space();
            if text.take(b'}') {
                return Some(());
            }
            if !text.take(b',') {
                return None;
            }
        }
    }
}

impl Object {
    fn add(&mut self, name: &str, key: Key) {
        self.by_name.insert(name.into(), self.keys.len());
        self.keys.push((name.into(), key));
    }

    fn key(&self, name: &str) -> Option<Key> {
        self.by_name.get(name).and_then(|at| self.keys.get(*at)).map(|(_, key)| *key)
    }
}

/// JSON text and where reading has got to.
struct Text<'d> {
    text: &'d str,
    at: usize,
}

impl<'d> Text<'d> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn take(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    fn word(&mut self, word: &str) -> bool {
        let there = self.text.as_bytes().get(self.at..).is_some_and(|rest| rest.starts_with(word.as_bytes()));
        if there {
            self.at += word.len();
        }
        there
    }

    /// A text without escapes.
    fn string(&mut self) -> Option<&'d str> {
        if !self.take(b'"') {
            return None;
        }
        let start = self.at;
        let rest = self.text.as_bytes().get(start..)?;
        let len = rest.iter().position(|b| match *b {
            b'\\' => !fault::is("reader.escapes-are-taken-as-they-are"),
            b'"' => true,
            b => b < 0x20 && !fault::is("reader.control-characters-are-taken"),
        })?;
        self.at += len;
        if !self.take(b'"') {
            return None;
        }
        self.text.get(start..start + len)
    }

    /// The items of a list, each read by `item`.
    fn items(&mut self, mut item: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        if !self.take(b'[') {
            return None;
        }
        self.space();
        if self.take(b']') {
            return Some(());
        }
        loop {
            self.space();
            item(self)?;
            self.space();
            if self.take(b']') {
                return Some(());
            }
            if !self.take(b',') {
                return None;
            }
        }
    }

    /// A value that is neither object nor list.
    fn scalar(&mut self) -> Option<Raw<'d>> {
        match self.peek()? {
            b'"' => self.string().map(Raw::Text),
            b't' => self.word("true").then_some(Raw::Bool(true)),
            b'f' => self.word("false").then_some(Raw::Bool(false)),
            b'n' => self.word("null").then_some(Raw::Null),
            b'-' | b'0'..=b'9' => self.number(),
            _ => None,
        }
    }

    fn digits(&mut self, value: &mut u64) -> usize {
        let start = self.at;
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            *value = value.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'));
            self.at += 1;
        }
        self.at - start
    }

    /// A number by JSON's grammar. Short ones are made here, as [`number`] makes them.
    fn number(&mut self) -> Option<Raw<'d>> {
        let start = self.at;
        let negative = self.take(b'-');
        let first = self.peek()?;
        let mut value = 0;
        let whole = self.digits(&mut value);
        if whole == 0 || (first == b'0' && whole > 1 && !fault::is("reader.zeros-may-lead")) {
            return None;
        }
        let mut scale = 0;
        if self.take(b'.') {
            scale = self.digits(&mut value);
            if scale == 0 && !fault::is("reader.a-point-may-end-a-number") {
                return None;
            }
        }
        let has_exponent = self.take(b'e') || self.take(b'E');
        if has_exponent {
            let _ = self.take(b'+') || self.take(b'-');
            if self.digits(&mut 0) == 0 {
                return None;
            }
        }
        let has_exponent = has_exponent && !fault::is("reader.exponents-are-dropped");
        let whole = if fault::is("reader.long-numbers-wrap") { 1 } else { whole };
        if has_exponent || whole + scale > DIGITS_MAX {
            return number(self.text.get(start..self.at)?);
        }
        if scale == 0 {
            let whole = value.cast_signed();
            return Some(Raw::Int(if negative && !fault::is("reader.minus-is-lost") { -whole } else { whole }));
        }
        let mut scale = i32::try_from(scale).ok()?;
        while scale > 0 && value % 10 == 0 {
            value /= 10;
            scale -= 1;
        }
        let unscaled = i128::from(value);
        Some(Raw::Exact(Decimal { unscaled: if negative { -unscaled } else { unscaled }, scale }))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::json::Json;

    #[test]
    fn scalars_are_read_as_the_general_reader_reads_them() {
        let texts = [
            "0",
            "-0",
            "1",
            "-17",
            "12.50",
            "12.00",
            "0.001",
            "-0.5",
            "1e3",
            "1E-2",
            "123456789012345678",
            "1234567890123456789",
            "12345678901234567890123",
            "0.1234567890123456789",
            "1.5e400",
            "true",
            "false",
            "null",
            "\"\"",
            "\"a b\"",
            "\"é\"",
            "10",
            "100.0",
            "9.99",
        ];
        for text in texts {
            let mut reader = Text { text, at: 0 };
            let raw = reader.scalar().unwrap();
            assert_eq!(format!("{raw:?}"), format!("{:?}", Json::parse(text).unwrap().raw()), "{text}");
            assert_eq!(reader.at, text.len());
        }
        for text in ["01", "-", "1.", ".5", "+1", "1e", "nul", "\"a\\nb\"", "\"a\u{1}\"", "\"a", "{", "[", ""] {
            let mut reader = Text { text, at: 0 };
            assert!(reader.scalar().is_none_or(|_| reader.at < text.len()), "{text}");
        }
    }
}
