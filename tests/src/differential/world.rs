//! The schema of a generated playbook: enums, a profile with fields of every kind, event tables with and without time,
//! reference tables that point to each other. It is made before any expression, and written as source text.

use super::literal;
use super::tree::Ty;
use crate::random::Random;

/// The currencies of generated playbooks: with two decimals, with none, with three.
pub const CURRENCIES: [&str; 3] = ["GBP", "JPY", "KWD"];

/// Zones with clock changes, without, with odd offsets, with negative winter time, and with a day that was left out.
pub const ZONES: [&str; 8] = [
    "UTC",
    "America/New_York",
    "Pacific/Apia",
    "Europe/Dublin",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Europe/London",
    "America/Sao_Paulo",
];

/// Instants at which playbooks are evaluated: ordinary ones, leap days, ends of months and years, and both sides of clock
/// changes of the zones above.
const INSTANTS: [&str; 22] = [
    "2026-03-15T09:00:00Z",
    "2026-03-31T10:00:00Z",
    "2024-02-29T12:00:00Z",
    "2025-02-28T23:59:59Z",
    "2026-12-31T23:59:59Z",
    "2027-01-01T00:00:00Z",
    "2026-03-08T06:59:59Z",
    "2026-03-08T07:00:00Z",
    "2026-11-01T05:30:00Z",
    "2026-11-01T06:30:00Z",
    "2026-03-29T01:00:00Z",
    "2026-10-25T00:30:00Z",
    "2026-10-25T01:30:00Z",
    "2011-12-30T09:59:59Z",
    "2011-12-31T10:00:00Z",
    "2026-04-04T14:30:00Z",
    "2026-10-03T15:45:00Z",
    "2018-11-04T03:00:00Z",
    "1986-01-01T00:00:00Z",
    "2000-02-29T00:00:00Z",
    "0001-06-01T00:00:00Z",
    "9999-06-30T12:00:00Z",
];

#[derive(Debug, Clone)]
pub struct World {
    pub zone: &'static str,
    /// Microseconds since 1970.
    pub as_of: i64,
    pub enums: Vec<Enum>,
    /// The profile, event tables, reference tables.
    pub tables: Vec<Table>,
}

#[derive(Debug, Clone)]
pub struct Enum {
    pub name: String,
    pub ordered: bool,
    /// Names, and the texts that stand for them in data.
    pub members: Vec<(String, Option<String>)>,
    pub built_in: bool,
}

#[derive(Debug, Clone)]
pub struct Table {
    pub name: String,
    pub kind: Kind,
    pub fields: Vec<Field>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    Profile,
    /// The name of its collection, whether that may be missing, the most rows, and the type of the field `at`.
    Event {
        collection: String,
        optional: bool,
        max: Option<u64>,
        at: Option<Ty>,
    },
    Reference,
}

#[derive(Debug, Clone)]
pub struct Field {
    pub name: String,
    pub ty: Ty,
    pub optional: bool,
    pub default: Option<String>,
    pub max: Option<u64>,
}

impl World {
    pub fn new(random: &mut Random) -> World {
        let known = if random.once_in(6) { INSTANTS.len() } else { INSTANTS.len() - 2 };
        let instant = random.pick(&INSTANTS[..known]);
        let as_of = literal::instant(instant);
        let mut world = World { zone: random.pick(&ZONES), as_of, enums: enums(random), tables: Vec::new() };
        let (events, references) = (1 + random.below(3), 1 + random.below(2));
        let first = 1 + events;
        let targets = first..first + references;
        let key = if random.once_in(3) { Ty::Int } else { Ty::Text };
        let id = Field { name: "id".into(), ty: key, optional: false, default: None, max: None };
        let count = 8 + random.below(10);
        let fields = std::iter::once(id).chain(world.fill(random, "p", count, true, &targets)).collect();
        let mut tables = vec![Table { name: "Customer".into(), kind: Kind::Profile, fields }];
        tables.extend((0..events).map(|n| world.event(random, n, &targets)));
        for n in 0..references {
            let key = Field { name: "key".into(), ty: Ty::Text, optional: false, default: None, max: None };
            let (count, later) = (2 + random.below(4), first + n + 1..first + references);
            let fields =
                std::iter::once(key).chain(world.fill(random, &format!("r{n}_"), count, false, &later)).collect();
            tables.push(Table { name: format!("Item{n}"), kind: Kind::Reference, fields });
        }
        world.tables = tables;
        world
    }

    /// The source text of the schema.
    pub fn text(&self) -> String {
        let mut out = format!("playbook \"generated\" {{\n  timezone \"{}\"\n}}\n", self.zone);
        for declared in self.enums.iter().filter(|e| !e.built_in) {
            let members = declared.members.iter().map(|(name, value)| match value {
                Some(value) => format!("{name} = {}", literal::quoted(value)),
                None => name.clone(),
            });
            let ordered = if declared.ordered { "ordered " } else { "" };
            out += &format!("\n{ordered}enum {} {{ {} }}\n", declared.name, members.collect::<Vec<_>>().join(", "));
        }
        for table in &self.tables {
            out += &match &table.kind {
                Kind::Profile => format!("\nprofile {} key id {{\n", table.name),
                Kind::Event { at: Some(_), .. } => format!("\nevent {} by id at time {{\n", table.name),
                Kind::Event { at: None, .. } => format!("\nevent {} by id {{\n", table.name),
                Kind::Reference => format!("\nreference {} key key {{\n", table.name),
            };
            for field in &table.fields {
                out += &self.field_text(field);
            }
            if table.kind == Kind::Profile {
                for other in &self.tables {
                    let Kind::Event { collection, optional, max, .. } = &other.kind else { continue };
                    let optional = if *optional { "?" } else { "" };
                    let max = max.map_or(String::new(), |m| format!(" max {m}"));
                    out += &format!("  {collection} many {}{optional}{max}\n", other.name);
                }
            }
            out += "}\n";
        }
        out
    }

    fn field_text(&self, field: &Field) -> String {
        let optional = if field.optional { "?" } else { "" };
        let max = field.max.map_or(String::new(), |m| format!(" max {m}"));
        let default = field.default.as_ref().map_or(String::new(), |d| format!(" default {d}"));
        format!("  {} {}{optional}{max}{default}\n", field.name, self.type_text(&field.ty))
    }

    /// A type as a declaration writes it. Spans and periods have no such name.
    pub fn type_text(&self, ty: &Ty) -> String {
        match ty {
            Ty::Bool => "Bool".into(),
            Ty::Int => "Int".into(),
            Ty::Number => "Number".into(),
            Ty::Percent => "Percent".into(),
            Ty::Money(currency) => format!("Money({})", CURRENCIES[*currency]),
            Ty::Text => "Text".into(),
            Ty::Date => "Date".into(),
            Ty::Stamp => "Timestamp".into(),
            Ty::Clock => "TimeOfDay".into(),
            Ty::Span | Ty::Period => "none".into(),
            Ty::Enum(n) => self.enums[*n].name.clone(),
            Ty::List(item) => format!("List({})", self.type_text(item)),
            Ty::Ref(n) => self.tables[*n].name.clone(),
        }
    }

    /// The event tables.
    pub fn events(&self) -> Vec<Events<'_>> {
        let tables = self.tables.iter().enumerate();
        tables
            .filter_map(|(table, declared)| match &declared.kind {
                Kind::Event { collection, optional, at, .. } => {
                    Some(Events { table, collection, optional: *optional, at: at.as_ref() })
                }
                _ => None,
            })
            .collect()
    }
}

/// An event table as expressions see it.
#[derive(Debug, Clone, Copy)]
pub struct Events<'w> {
    pub table: usize,
    pub collection: &'w str,
    pub optional: bool,
    pub at: Option<&'w Ty>,
}

fn enums(random: &mut Random) -> Vec<Enum> {
    let built_in = |name: &str, members: &[&str]| Enum {
        name: name.into(),
        ordered: true,
        members: members.iter().map(|m| ((*m).to_string(), None)).collect(),
        built_in: true,
    };
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
    let mut all = vec![built_in("Weekday", &days), built_in("Month", &months)];
    for (name, ordered) in [("Card", false), ("Tier", true)] {
        let names: &[&str] = if ordered { &["Low", "Middle", "High", "Top"] } else { &["Blue", "Gold", "Platinum"] };
        let count = 2 + random.below(names.len() - 1);
        let value = |random: &mut Random, m: &str| random.once_in(2).then(|| format!("the {} - {m}", m.to_lowercase()));
        let members = names[..count].iter().map(|m| ((*m).to_string(), value(random, m))).collect();
        all.push(Enum { name: name.into(), ordered, members, built_in: false });
    }
    all
}

/// A field of a random type; each of the profile's is of another one as far as they go.
fn field(random: &mut Random, name: String, lists: bool, targets: std::ops::Range<usize>) -> Field {
    let ty = match random.below(if lists { 17 } else { 15 }) {
        0 => Ty::Bool,
        1 | 2 => Ty::Int,
        3 => Ty::Number,
        4 => Ty::Percent,
        5 | 6 => Ty::Money(random.below(CURRENCIES.len())),
        7 => Ty::Text,
        8 => Ty::Date,
        9 => Ty::Stamp,
        10 => Ty::Clock,
        11 => Ty::Enum(2),
        12 => Ty::Enum(3),
        13 if random.once_in(3) => Ty::Enum(random.below(2)),
        13 | 14 if !targets.is_empty() => Ty::Ref(targets.start + random.below(targets.len())),
        13 | 14 => Ty::Text,
        _ => Ty::List(Box::new(
            random.pick(&[&Ty::Text, &Ty::Int, &Ty::Enum(2), &Ty::Date, &Ty::Percent, &Ty::Number]).clone(),
        )),
    };
    let optional = !random.once_in(3);
    let plain = !matches!(ty, Ty::List(_) | Ty::Ref(_));
    let default = (!optional && plain && random.once_in(4)).then_some(());
    let max = match ty {
        Ty::Text if random.once_in(3) => Some(40),
        Ty::List(_) if random.once_in(2) => Some(10),
        _ => None,
    };
    Field { name, ty, optional, default: default.map(|()| String::new()), max }
}

impl World {
    fn fill(
        &self,
        random: &mut Random,
        prefix: &str,
        count: usize,
        lists: bool,
        targets: &std::ops::Range<usize>,
    ) -> Vec<Field> {
        let made = (0..count).map(|n| {
            let mut made = field(random, format!("{prefix}{n}"), lists, targets.clone());
            if made.default.is_some() {
                made.default = Some(literal::of(&made.ty, self, random));
            }
            made
        });
        made.collect()
    }

    fn event(&self, random: &mut Random, n: usize, targets: &std::ops::Range<usize>) -> Table {
        let at = match random.below(8) {
            0 => None,
            1 | 2 => Some(Ty::Date),
            _ => Some(Ty::Stamp),
        };
        let time = at.clone().map(|ty| Field { name: "time".into(), ty, optional: false, default: None, max: None });
        let count = 3 + random.below(6);
        let fields = time.into_iter().chain(self.fill(random, &format!("e{n}_"), count, false, targets)).collect();
        let kind = Kind::Event {
            collection: ["orders", "visits", "mails"][n].to_string(),
            optional: random.once_in(5),
            max: random.once_in(2).then_some(1000),
            at,
        };
        Table { name: ["Order", "Visit", "Mail"][n].to_string(), kind, fields }
    }
}
