//! What a field asks of its cells, made ready once per run: the members of its enum, the rows that it may point to.

use std::collections::HashMap;
use std::sync::Arc;

use seg_ir::schema::Field;
use seg_ir::{Const, FieldId, Schema, TableId, Type, Zone};

use crate::error::Error;
use crate::key::KeyIndex;

/// What a field asks of its cells.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    /// The dotted name.
    pub name: String,
    pub kind: Kind,
    /// The type in the words of the language.
    pub type_name: String,
    pub optional: bool,
    pub default: Option<Const>,
    pub max: Option<u64>,
    /// Whether its values are personal and stay out of reasons.
    pub secret: bool,
}

#[derive(Debug, Clone)]
pub(crate) enum Kind {
    Bool,
    Int,
    Number,
    Percent,
    /// Decimals of the smallest coin.
    Money(u32),
    Text,
    Date,
    Timestamp,
    TimeOfDay,
    Enum(Arc<Members>),
    /// The rows of the table, by key, and what the key asks.
    Reference(Arc<KeyIndex>, Box<Rule>),
    List(Box<Rule>),
}

/// The members of an enum by the text that stands for them in data.
#[derive(Debug)]
pub(crate) struct Members {
    pub values: Vec<String>,
    by_value: ByValue,
}

#[derive(Debug)]
enum ByValue {
    /// Where a text's mark leads to: the first member of that place, less than half of which are taken, and others after it.
    Places(Vec<Option<u32>>),
    /// Where the marks of too many members are alike, as somebody may have meant them to be.
    Names(HashMap<String, u32>),
}

/// So many places a text is looked for at, at the most.
const PROBES_MAX: usize = 8;

impl Members {
    /// Members that stand for these values, the first of equal ones for its value.
    pub fn of(values: Vec<String>) -> Members {
        let by_name =
            || values.iter().enumerate().rev().map(|(member, value)| (value.clone(), member as u32)).collect();
        let by_value = placed(&values).map_or_else(|| ByValue::Names(by_name()), ByValue::Places);
        Members { values, by_value }
    }

    #[inline]
    pub fn find(&self, value: &str) -> Option<u32> {
        let places = match &self.by_value {
            ByValue::Places(places) => places,
            ByValue::Names(names) => return names.get(value).copied(),
        };
        for at in probe(places.len(), value) {
            let member = places.get(at).copied().flatten()?;
            if self.values.get(member as usize).is_some_and(|known| *known == *value) {
                return Some(member);
            }
        }
        None
    }
}

/// The members by the marks of their values. `None`: one would not be found soon enough.
fn placed(values: &[String]) -> Option<Vec<Option<u32>>> {
    let mut places = vec![None; (values.len() * 4).next_power_of_two()];
    for (member, value) in (0..).zip(values) {
        let free = probe(places.len(), value).find(|at| places.get(*at).is_some_and(Option::is_none))?;
        *places.get_mut(free)? = Some(member);
    }
    Some(places)
}

/// The places at which a text is looked for, out of a power of two of them.
#[inline]
fn probe(places: usize, text: &str) -> impl Iterator<Item = usize> {
    let first = (mark(text.as_bytes()) >> 32) as usize;
    (0..places.min(PROBES_MAX)).map(move |step| (first + step) & (places - 1))
}

/// A number that texts of one length, or with another beginning or end, seldom share.
#[inline]
fn mark(text: &[u8]) -> u64 {
    let eight = |part: Option<&[u8; 8]>| part.map_or(0, |part| u64::from_le_bytes(*part));
    let word = match text.len() {
        8.. => eight(text.first_chunk()) ^ eight(text.last_chunk()).rotate_left(29),
        _ => text.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    };
    (word ^ (text.len() as u64) << 56).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// The key indices of the reference tables that are loaded.
pub(crate) type Targets = HashMap<TableId, Arc<KeyIndex>>;

/// The rules of a table's fields, in the order of declaration.
pub(crate) fn rules(schema: &Schema, table: TableId, targets: &Targets) -> Result<Vec<Rule>, Error> {
    schema.table(table).fields.iter().map(|field| rule(schema, table, field, targets)).collect()
}

/// The rule of a profile's key, or of the numbers of its rows, as another table's column must keep to it.
pub(crate) fn key_rule(schema: &Schema, table: TableId, name: &str, targets: &Targets) -> Result<Rule, Error> {
    let row_number = Field {
        name: name.to_string(),
        ty: Type::Int,
        optional: false,
        default: None,
        max: None,
        labels: Vec::new(),
        doc: None,
    };
    let field = match schema.table(table).key {
        Some(key) => {
            Field { name: name.to_string(), optional: false, default: None, ..schema.field(table, key).clone() }
        }
        None => row_number,
    };
    let rule = rule(schema, table, &field, targets)?;
    if matches!(rule.kind, Kind::Number | Kind::List(_)) {
        return Err(Error::Unsupported {
            table: schema.table(table).name.clone(),
            field: field.name,
            ty: rule.type_name,
            hint: " as a key; use Text or Int".to_string(),
        });
    }
    Ok(rule)
}

fn rule(schema: &Schema, table: TableId, field: &Field, targets: &Targets) -> Result<Rule, Error> {
    let kind = kind(schema, table, field, &field.ty, targets)?;
    // Who points to a row by a personal key says that key.
    let points_to_secret = matches!(&kind, Kind::Reference(_, key) if key.secret);
    Ok(Rule {
        name: field.name.clone(),
        secret: field.is_personal() || points_to_secret,
        kind,
        type_name: schema.show_type(&field.ty),
        optional: field.optional,
        default: field.default.clone(),
        max: field.max,
    })
}

fn kind(schema: &Schema, table: TableId, field: &Field, ty: &Type, targets: &Targets) -> Result<Kind, Error> {
    let unsupported = |hint: &str| Error::Unsupported {
        table: schema.table(table).name.clone(),
        field: field.name.clone(),
        ty: schema.show_type(ty),
        hint: hint.to_string(),
    };
    Ok(match ty {
        Type::Bool => Kind::Bool,
        Type::Int => Kind::Int,
        Type::Number => Kind::Number,
        Type::Percent => Kind::Percent,
        Type::Money(currency) => Kind::Money(currency.exponent()),
        Type::Text => Kind::Text,
        Type::Date => Kind::Date,
        Type::Timestamp => Kind::Timestamp,
        Type::TimeOfDay => Kind::TimeOfDay,
        Type::Enum(id) => Kind::Enum(Arc::new(members(schema, *id))),
        Type::Reference(id) => {
            let index = targets.get(id).ok_or_else(|| Error::NotBound {
                table: schema.table(*id).name.clone(),
                because: format!(", which `{}` of `{}` points to", field.name, schema.table(table).name),
            })?;
            let key = key_rule(schema, *id, &field.name, targets)?;
            Kind::Reference(index.clone(), Box::new(key))
        }
        Type::List(item) => {
            let of = Field { ty: (**item).clone(), optional: false, default: None, max: None, ..field.clone() };
            if matches!(**item, Type::List(_) | Type::Reference(_)) {
                return Err(unsupported("; a list holds plain values"));
            }
            Kind::List(Box::new(rule(schema, table, &of, targets)?))
        }
        Type::Span | Type::Period => return Err(unsupported("; keep it as an Int and say its unit in the name")),
    })
}

fn members(schema: &Schema, id: seg_ir::EnumId) -> Members {
    let normal = |m: &seg_ir::schema::Member| seg_ir::text::normalise(&m.value).into_owned();
    Members::of(schema.enum_type(id).members.iter().map(normal).collect())
}

/// What the reading of a table's rows needs besides them.
#[derive(Debug, Clone)]
pub(crate) struct TableRules {
    pub id: TableId,
    pub name: String,
    pub fields: Vec<Rule>,
    pub at: Option<FieldId>,
    pub key: Option<FieldId>,
    pub zone: Zone,
}

impl TableRules {
    pub fn new(schema: &Schema, zone: &Zone, id: TableId, targets: &Targets) -> Result<TableRules, Error> {
        let table = schema.table(id);
        let fields = rules(schema, id, targets)?;
        Ok(TableRules { id, name: table.name.clone(), fields, at: table.at, key: table.key, zone: zone.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_found_by_their_values_whatever_their_marks() {
        let unlike = |at: u32| format!("{at}");
        // Of one length, and with one beginning and end.
        let alike = |at: u32| format!("aaaaaaaa{at:05}bbbbbbbb");
        for count in [0, 1, 7, 8, 9, 3_000] {
            for name in [unlike, alike] {
                let mut values: Vec<String> = (0..count).map(name).collect();
                values.extend(values.first().cloned());
                let members = Members::of(values);
                assert!((0..count).all(|at| members.find(&name(at)) == Some(at)), "the first of equal ones");
                assert_eq!((members.find(&name(count)), members.find("")), (None, None));
                assert!(name(0) == unlike(0) || count < 9 || matches!(members.by_value, ByValue::Names(_)));
            }
        }
    }
}
