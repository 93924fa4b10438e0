//! Records straight into cells: one pass over the text, made for the schema, that builds nothing on the way. It takes only
//! what it is sure of; at the first thing out of the ordinary it gives up, and the general decoder's verdict counts. So it
//! knows no reasons: whatever it accepts, that decoder accepts with the same values.

use std::collections::{BTreeSet, HashMap};

use seg_evaluator::record::{Events, Input};
use seg_ir::schema::{Collection, Schema};
use seg_ir::{CollectionId, FieldId, Value, Zone, fault};

use super::{Decoder, Names, RequestOptions};
use crate::cell::{self, Note, Raw, number, view};
use crate::decimal::Decimal;
use crate::rule::{Kind, Rule, TableRules};

/// Digits that 64 bits always hold.
const DIGITS_MAX: usize = 18;

/// Reads records of one schema.
#[derive(Debug)]
pub(crate) struct Reader {
    profile: Shape,
    collections: Vec<Shape>,
    /// Entries of [`Seen::followers`] before any record was read.
    followers: Vec<usize>,
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
    keys: Vec<(Token, Key)>,
    by_name: HashMap<Box<str>, usize>,
    /// Where in [`Seen::followers`] it is remembered which key came first, and after it which one followed each key.
    followers: usize,
}

/// A key as it is written where nobody puts spaces: `"name":`.
#[derive(Debug)]
struct Token {
    text: Box<str>,
    /// Its bytes, and which bits of them count, where it has no more than these hold.
    words: Option<([u64; TOKEN_WORDS], [u64; TOKEN_WORDS])>,
}

const TOKEN_WORDS: usize = 3;

#[derive(Debug, Clone, Copy)]
enum Key {
    Field(usize),
    Group(usize),
    Collection(usize),
}

/// Memory that reading uses again and again.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    profile: Marks,
    row: Marks,
    collections: Marks,
    /// Of each key of each object, the place of the one that came next when it was met last.
    followers: Vec<usize>,
}

/// Which keys an object had.
#[derive(Debug, Default)]
struct Marks {
    words: Vec<u64>,
    count: usize,
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
        let mut collections: Vec<Shape> = decoder.collections.iter().map(shape).collect();
        let mut followers = Vec::new();
        for object in std::iter::once(&mut profile).chain(&mut collections).flat_map(|shape| &mut shape.objects) {
            object.followers = followers.len();
            followers.extend(0..=object.keys.len());
        }
        Some(Reader { profile, collections, followers })
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
        let Seen { profile: fields, row, collections, followers } = seen;
        fields.reset(decoder.profile.fields.len());
        collections.reset(decoder.collections.len());
        if followers.len() != self.followers.len() {
            followers.clone_from(&self.followers);
        }
        let mut text = Text { text: line, at: 0 };
        let zone = &decoder.program.zone;
        let declared = &decoder.program.schema.collections;
        let mut key = Value::Missing(seg_ir::Reason::NotGiven);
        let at_key = decoder.profile.key.map(|key| key.0 as usize);
        self.profile.object(0, &mut text, followers, &mut |text, followers, entry| match entry {
            Key::Field(at) => {
                fields.first(at)?;
                let rule = decoder.profile.fields.get(at)?;
                if text.peek()? == b'[' {
                    return list(text, rule, zone, FieldId(at as u32), input);
                }
                let value = value(text, rule, zone)?;
                input.set(FieldId(at as u32), &value);
                if at_key == Some(at) {
                    key = value;
                }
                Some(())
            }
            Key::Collection(at) => {
                collections.first(at)?;
                let (declared, rules) = (declared.get(at)?, decoder.collections.get(at)?);
                if text.word("null") {
                    return (declared.optional || fault::is("reader.null-is-a-collection")).then_some(());
                }
                let max = declared.max.unwrap_or(events_max as u64);
                let rows = Rows { rules, max, as_of, today: zone.date(as_of), zone, shape: self.collections.get(at)? };
                rows.read(text, row, followers, input.events(CollectionId(at as u32)))
            }
            Key::Group(_) => None,
        })?;
        text.space();
        if text.at < line.len() && !fault::is("reader.what-follows-is-overlooked") {
            return None;
        }
        for (at, rule) in fields.absent(&decoder.profile.fields) {
            let value = absent(rule, zone)?;
            if !value.is_missing() {
                input.set(FieldId(at as u32), &value);
            }
        }
        let is_whole = |(at, collection): (usize, &Collection)| {
            collection.optional || collections.has(at) || fault::is("reader.a-collection-may-be-absent")
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
    fn read(
        &self,
        text: &mut Text<'d>,
        seen: &mut Marks,
        followers: &mut [usize],
        mut events: Events<'_, '_, 'd>,
    ) -> Option<()> {
        let mut count = 0;
        text.items(|text| {
            events.row();
            if self.row(text, seen, followers, &mut events)? || fault::is("reader.later-events-count") {
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
    fn row(
        &self,
        text: &mut Text<'d>,
        seen: &mut Marks,
        followers: &mut [usize],
        events: &mut Events<'_, '_, 'd>,
    ) -> Option<bool> {
        let fields = &self.rules.fields;
        seen.reset(fields.len());
        let at_time = self.rules.at.map(|at| at.0 as usize);
        let mut happened = true;
        self.shape.object(0, text, followers, &mut |text, _, entry| {
            let Key::Field(at) = entry else { return None };
            seen.first(at)?;
            let value = value(text, fields.get(at)?, self.zone)?;
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
        for (at, rule) in seen.absent(fields) {
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

/// A value that is neither object nor list, as its field has it. What the field's kind and the first byte tell is asked at
/// once, so that all else of reading and judging it is one way through.
#[inline]
fn value<'d>(text: &mut Text<'d>, rule: &'d Rule, zone: &Zone) -> Option<Value<'d>> {
    let note = &mut Note::default();
    Some(match (&rule.kind, text.peek()?) {
        (Kind::Int, b'-' | b'0'..=b'9') => Value::Int(cell::int(&text.number()?).ok()?),
        (Kind::Number, b'-' | b'0'..=b'9') => Value::Number(cell::float(&text.number()?).ok()?),
        (Kind::Percent, b'-' | b'0'..=b'9') => Value::Percent(cell::percent(&text.number()?).ok()?),
        (Kind::Money(exponent), b'-' | b'0'..=b'9') => {
            Value::Money(cell::money(&text.number()?, *exponent, note).ok()?)
        }
        (Kind::Bool, b't') => text.word("true").then_some(Value::Bool(true))?,
        (Kind::Bool, b'f') => text.word("false").then_some(Value::Bool(false))?,
        (Kind::Date, b'"') => Value::Date(cell::date(&Raw::Text(text.string()?), zone).ok()?),
        (Kind::Timestamp, b'"') => Value::Timestamp(cell::timestamp(&Raw::Text(text.string()?), zone, note).ok()?),
        (Kind::Enum(members), b'"') => Value::Enum(cell::member(&Raw::Text(text.string()?), members).ok()?),
        _ => view(text.scalar()?, rule, zone, note).ok()?,
    })
}

impl Marks {
    fn reset(&mut self, len: usize) {
        self.words.clear();
        self.words.resize(len.div_ceil(64), 0);
        self.count = 0;
    }

    fn has(&self, at: usize) -> bool {
        self.words.get(at / 64).is_some_and(|word| word >> (at % 64) & 1 == 1)
    }

    /// Marks a key. `None` when it was there before.
    #[inline]
    fn first(&mut self, at: usize) -> Option<()> {
        let word = self.words.get_mut(at / 64)?;
        let bit = 1 << (at % 64);
        let is_first = *word & bit == 0 || fault::is("reader.a-key-twice-is-taken");
        *word |= bit;
        self.count += 1;
        is_first.then_some(())
    }

    /// The fields without a mark.
    fn absent<'r>(&self, fields: &'r [Rule]) -> impl Iterator<Item = (usize, &'r Rule)> {
        let all: &[Rule] = if self.count == fields.len() && !fault::PLANTED { &[] } else { fields };
        all.iter().enumerate().filter(|(at, _)| !self.has(*at))
    }
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
        followers: &mut [usize],
        entry: &mut impl FnMut(&mut Text<'d>, &mut [usize], Key) -> Option<()>,
    ) -> Option<()> {
        let object = self.objects.get(which)?;
        let mut groups = 0_u64;
        text.space();
        if !text.take(b'{') {
            return None;
        }
        text.space();
        if text.take(b'}') {
            return Some(());
        }
        let mut before = object.followers;
        loop {
            text.space();
            let follower = followers.get_mut(before)?;
            let key = match object.keys.get(*follower) {
                Some((token, key)) if text.token(token) => *key,
                _ => {
                    let name = text.string()?;
                    text.space();
                    if !text.take(b':') {
                        return None;
                    }
                    *follower = *object.by_name.get(name)?;
                    object.keys.get(*follower)?.1
                }
            };
            before = object.followers + 1 + *follower;
            text.space();
            match key {
                Key::Group(next) => {
                    let mark = 1_u64.checked_shl(u32::try_from(next).ok()?)?;
                    if groups & mark != 0 && !fault::is("reader.a-group-twice-is-taken") {
                        return None;
                    }
                    groups |= mark;
                    if !text.word("null") {
                        self.object(next, text, followers, entry)?;
                    }
                }
                key => entry(text, followers, key)?,
            }
            text.space();
            if text.take(b',') {
                continue;
            }
            return text.take(b'}').then_some(());
        }
    }
}

impl Object {
    fn add(&mut self, name: &str, key: Key) {
        self.by_name.insert(name.into(), self.keys.len());
        self.keys.push((Token::of(name), key));
    }

    fn key(&self, name: &str) -> Option<Key> {
        self.by_name.get(name).and_then(|at| self.keys.get(*at)).map(|(_, key)| *key)
    }
}

impl Token {
    /// Names of fields have nothing that is written with an escape.
    fn of(name: &str) -> Token {
        let text = format!("\"{name}\":");
        let mut bytes = [0; TOKEN_WORDS * 8];
        let mut counts = bytes;
        let words = bytes.get_mut(..text.len()).zip(counts.get_mut(..text.len())).map(|(bytes, counts)| {
            bytes.copy_from_slice(text.as_bytes());
            counts.fill(0xff);
        });
        let words = words.map(|()| (words_of(&bytes), words_of(&counts)));
        Token { text: text.into(), words }
    }
}

#[inline]
fn words_of(bytes: &[u8; TOKEN_WORDS * 8]) -> [u64; TOKEN_WORDS] {
    let (words, _) = bytes.as_chunks::<8>();
    let word = |at: usize| words.get(at).map_or(0, |word| u64::from_le_bytes(*word));
    [word(0), word(1), word(2)]
}

/// JSON text and where reading has got to.
struct Text<'d> {
    text: &'d str,
    at: usize,
}

impl<'d> Text<'d> {
    #[inline]
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    #[inline]
    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    #[inline]
    fn take(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    /// A key where it is written as most are.
    #[inline]
    fn token(&mut self, token: &Token) -> bool {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or(&[]);
        let there = match (rest.first_chunk(), &token.words) {
            (Some(bytes), Some(([a, b, c], [in_a, in_b, in_c]))) => {
                let [x, y, z] = words_of(bytes);
                (x & in_a ^ a) | (y & in_b ^ b) | (z & in_c ^ c) == 0
            }
            _ => rest.starts_with(token.text.as_bytes()),
        };
        if there {
            self.at += token.text.len();
        }
        there
    }

    #[inline]
    fn word(&mut self, word: &str) -> bool {
        let there = self.text.as_bytes().get(self.at..).is_some_and(|rest| rest.starts_with(word.as_bytes()));
        if there {
            self.at += word.len();
        }
        there
    }

    /// A text without escapes.
    #[inline]
    fn string(&mut self) -> Option<&'d str> {
        if !self.take(b'"') {
            return None;
        }
        let start = self.at;
        loop {
            self.plain();
            match self.peek()? {
                b'"' => break,
                b'\\' if fault::is("reader.escapes-are-taken-as-they-are") => self.at += 1,
                0..0x20 if fault::is("reader.control-characters-are-taken") => self.at += 1,
                _ => return None,
            }
        }
        let text = self.text.get(start..self.at);
        self.at += 1;
        text
    }

    /// Goes to the next quote, backslash or control character, eight bytes at a time.
    #[inline]
    fn plain(&mut self) {
        const ONES: u64 = u64::MAX / 255;
        const HIGH: u64 = ONES * 0x80;
        let bytes = self.text.as_bytes();
        while let Some(chunk) = bytes.get(self.at..).and_then(<[u8]>::first_chunk) {
            let word = u64::from_le_bytes(*chunk);
            // The highest bit of each byte that is below; of the lowest such byte it is right, and no other is asked for.
            let below = |word: u64, than: u8| word.wrapping_sub(ONES * u64::from(than)) & !word & HIGH;
            let is = |byte: u8| below(word ^ (ONES * u64::from(byte)), 1);
            let found = below(word, 0x20) | is(b'"') | is(b'\\');
            if found != 0 {
                self.at += found.trailing_zeros() as usize / 8;
                return;
            }
            self.at += 8;
        }
        while self.peek().is_some_and(|b| b >= 0x20 && b != b'"' && b != b'\\') {
            self.at += 1;
        }
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

    #[inline]
    fn digits(&mut self, value: &mut u64) -> usize {
        let start = self.at;
        while let Some(eight) = self.text.as_bytes().get(self.at..).and_then(<[u8]>::first_chunk).and_then(eight_digits)
        {
            *value = value.wrapping_mul(100_000_000).wrapping_add(eight);
            self.at += 8;
        }
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            *value = value.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'));
            self.at += 1;
        }
        self.at - start
    }

    /// A number by JSON's grammar. Short ones are made here, as [`number`] makes them.
    #[inline]
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
        if has_exponent || whole + scale > DIGITS_MAX + usize::from(scale > 0) {
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

/// The number that eight digits are; `None` where one of them is none.
/// **Source**: pairs of digits to numbers, then pairs of those, and again.
#[inline]
fn eight_digits(bytes: &[u8; 8]) -> Option<u64> {
    const ONES: u64 = u64::MAX / 255;
    let word = u64::from_le_bytes(*bytes);
    // Of `0` to `9` the upper half is 3, and still is with 6 more.
    let (upper, threes) = (ONES * 0xf0, ONES * 0x30);
    if word & upper != threes || word.wrapping_add(ONES * 6) & upper != threes {
        return None;
    }
    let ones = word & (ONES * 0x0f);
    let pairs = (ones.wrapping_mul(10).wrapping_add(ones >> 8)) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs.wrapping_mul(100).wrapping_add(pairs >> 16)) & 0x0000_ffff_0000_ffff;
    Some(fours.wrapping_mul(10_000).wrapping_add(fours >> 32) & 0xffff_ffff)
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
