//! What customer data looks like: the profile, its event tables, the reference tables and the enums, as plain data.
//! Knows nothing of files, columns or formats.

use serde::{Deserialize, Serialize};

use crate::currency::Currency;
use crate::types::{EnumId, Type};
use crate::value::Const;

/// Names a table of a [`Schema`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TableId(pub u32);

/// Names a field of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FieldId(pub u32);

/// Names one of the profile's event collections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CollectionId(pub u32);

/// The enum of `weekday of`; always the schema's first.
pub const WEEKDAY: EnumId = EnumId(0);
/// The enum of `month of`; always the schema's second.
pub const MONTH: EnumId = EnumId(1);
/// The profile; always the schema's first table.
pub const PROFILE: TableId = TableId(0);

/// A whole schema. **Shape**: `tables[0]` is the profile; `enums[0..2]` are Weekday and Month.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Schema {
    pub enums: Vec<EnumType>,
    pub tables: Vec<Table>,
    pub collections: Vec<Collection>,
    /// The IANA name of the playbook's time zone.
    pub timezone: String,
    pub currency: Option<Currency>,
}

/// An enum; a member is known by its index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnumType {
    pub name: String,
    pub ordered: bool,
    pub members: Vec<Member>,
}

/// A member: its name in the language, and the text that stands for it in data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    pub name: String,
    pub value: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TableKind {
    Profile,
    Event,
    Reference,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Table {
    pub name: String,
    pub kind: TableKind,
    /// The field whose value is unique; none for `key row`, where a row's number is its key, and for event tables.
    pub key: Option<FieldId>,
    /// Event tables: the column through which a row belongs to its customer. It is a field only if declared as one.
    pub by: Option<String>,
    /// Event tables: the time of a row.
    pub at: Option<FieldId>,
    pub fields: Vec<Field>,
}

/// A field. Fields of a record are fields of its table with a dotted name: `consent.email`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Field {
    pub name: String,
    pub ty: Type,
    pub optional: bool,
    pub default: Option<Const>,
    /// The longest text (characters) or list (items).
    pub max: Option<u64>,
    pub labels: Vec<String>,
    pub doc: Option<String>,
}

/// `orders many Order max 10_000`
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Collection {
    pub name: String,
    pub table: TableId,
    /// `many Order?`: where it is not bound or not sent, what is computed from it is missing.
    pub optional: bool,
    /// The most rows that one customer may have.
    pub max: Option<u64>,
}

impl Field {
    /// Whether its values are personal: it bears a label, other than those that say what it is for.
    pub fn is_personal(&self) -> bool {
        self.labels.iter().any(|label| !is_purpose(label))
    }
}

/// Labels that say what a field is for, not whose business its values are.
fn is_purpose(label: &str) -> bool {
    matches!(label.trim_start_matches('@'), "timezone" | "session")
}

impl Schema {
    /// Takes off all labels that make values personal, for who may see them.
    pub fn reveal(&mut self) {
        let fields = self.tables.iter_mut().flat_map(|table| &mut table.fields);
        fields.for_each(|field| field.labels.retain(|label| is_purpose(label)));
    }

    /// A schema with the built-in enums and nothing else.
    pub fn new() -> Schema {
        let days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
        let months = [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ];
        Schema {
            enums: vec![built_in_enum("Weekday", &days), built_in_enum("Month", &months)],
            timezone: "UTC".to_string(),
            ..Schema::default()
        }
    }

    pub fn table(&self, id: TableId) -> &Table {
        // INVARIANT: ids are made by the schema's own builder or checked by the verifier.
        &self.tables[id.0 as usize]
    }

    pub fn profile(&self) -> &Table {
        self.table(PROFILE)
    }

    pub fn field(&self, table: TableId, field: FieldId) -> &Field {
        &self.table(table).fields[field.0 as usize]
    }

    pub fn collection(&self, id: CollectionId) -> &Collection {
        &self.collections[id.0 as usize]
    }

    pub fn enum_type(&self, id: EnumId) -> &EnumType {
        &self.enums[id.0 as usize]
    }

    pub fn table_ids(&self) -> impl Iterator<Item = (TableId, &Table)> {
        self.tables.iter().enumerate().map(|(i, t)| (TableId(i as u32), t))
    }

    pub fn collection_ids(&self) -> impl Iterator<Item = (CollectionId, &Collection)> {
        self.collections.iter().enumerate().map(|(i, c)| (CollectionId(i as u32), c))
    }

    /// The type in the words of the language: `Money(GBP)`, `List(Text)`, `Card`.
    pub fn show_type(&self, ty: &Type) -> String {
        match ty {
            Type::Bool => "Bool".into(),
            Type::Int => "Int".into(),
            Type::Number => "Number".into(),
            Type::Percent => "Percent".into(),
            Type::Money(currency) => format!("Money({currency})"),
            Type::Text => "Text".into(),
            Type::Date => "Date".into(),
            Type::Timestamp => "Timestamp".into(),
            Type::TimeOfDay => "TimeOfDay".into(),
            Type::Span => "exact span".into(),
            Type::Period => "calendar period".into(),
            Type::Enum(id) => self.enum_type(*id).name.clone(),
            Type::List(item) => format!("List({})", self.show_type(item)),
            Type::Reference(id) => self.table(*id).name.clone(),
        }
    }
}

impl Table {
    /// The field of a dotted name.
    pub fn find(&self, name: &str) -> Option<FieldId> {
        self.fields.iter().position(|f| f.name == name).map(|i| FieldId(i as u32))
    }

    pub fn field_ids(&self) -> impl Iterator<Item = (FieldId, &Field)> {
        self.fields.iter().enumerate().map(|(i, f)| (FieldId(i as u32), f))
    }
}

fn built_in_enum(name: &str, members: &[&str]) -> EnumType {
    let members = members.iter().map(|m| Member { name: (*m).to_string(), value: (*m).to_string() }).collect();
    EnumType { name: name.to_string(), ordered: true, members }
}
