//! Customers for a program, made from its schema alone: rows of plain values by table. They like the values that the program
//! names, the moments at which its windows begin and end, and the ends of every type.

use std::collections::BTreeMap;

use seg_ir::interpret::run_constant;
use seg_ir::node::Op;
use seg_ir::schema::{Field, PROFILE, Schema, TableKind};
use seg_ir::time::{DATE_MAX, DATE_MIN, DAY_US};
use seg_ir::{Const, Program, Reason, TableId, Type, Zone};

use super::literal::TEXTS;
use crate::random::Random;

/// A row: one value a field.
pub type Row = Vec<Const>;

/// Customers and what they share.
#[derive(Debug, Clone)]
pub struct Data {
    pub customers: Vec<Customer>,
    /// Rows by table; only those of reference tables.
    pub references: Vec<Vec<Row>>,
    /// By collection, whether it is there at all.
    pub bound: Vec<bool>,
}

#[derive(Debug, Clone)]
pub struct Customer {
    pub profile: Row,
    /// By collection, in no order, later ones than the as-of instant among them.
    pub events: Vec<Vec<Row>>,
}

/// Values worth trying, by type.
struct Hot {
    by_type: BTreeMap<String, Vec<Const>>,
    as_of: i64,
    zone: Zone,
}

impl Data {
    pub fn new(program: &Program, as_of: i64, customers: usize, random: &mut Random) -> Data {
        let schema = &program.schema;
        let mut hot = Hot::of(program, as_of);
        let mut references: Vec<Vec<Row>> = vec![Vec::new(); schema.tables.len()];
        let counts: Vec<usize> = schema.tables.iter().map(|_| 1 + random.below(6)).collect();
        for (id, table) in schema.table_ids().filter(|(_, t)| t.kind == TableKind::Reference) {
            let rows = (0..counts[id.0 as usize]).map(|n| {
                let mut row = hot.row(schema, &table.fields, &counts, random);
                if let Some(key) = table.key {
                    row[key.0 as usize] = Const::text(&format!("{}-{n}", table.name));
                }
                row
            });
            references[id.0 as usize] = rows.collect();
        }
        let bound = schema.collections.iter().map(|c| !(c.optional && random.once_in(4))).collect();
        let made = (0..customers).map(|n| {
            let mut profile = hot.row(schema, &schema.profile().fields, &counts, random);
            if let Some(key) = schema.profile().key {
                let is_text = schema.field(PROFILE, key).ty == Type::Text;
                let text = Const::text(&format!("c{n}"));
                profile[key.0 as usize] = if is_text { text } else { Const::Int(n as i64 * 7 - 3) };
            }
            let events = schema.collections.iter().map(|c| hot.events(schema, c.table, &counts, random));
            Customer { profile, events: events.collect() }
        });
        let customers = made.collect();
        Data { customers, references, bound }
    }
}

impl Hot {
    fn of(program: &Program, as_of: i64) -> Hot {
        let mut hot = Hot { by_type: BTreeMap::new(), as_of, zone: program.zone.clone() };
        let context = program.context(as_of);
        for (n, node) in program.ir.nodes.iter().enumerate() {
            if let Op::Constant(value) = &node.op {
                hot.add(&node.ty, value.clone());
            }
            if let Op::InSet { value, set } = &node.op {
                let ty = program.ir.ty(*value).clone();
                set.iter().for_each(|value| hot.add(&ty, value.clone()));
            }
            if matches!(node.ty, Type::Date | Type::Timestamp)
                && let Some(value) = run_constant(context, seg_ir::NodeId(n as u32))
            {
                hot.add(&node.ty, value);
            }
        }
        hot
    }

    fn add(&mut self, ty: &Type, value: Const) {
        if value.is_missing() {
            return;
        }
        let zone = self.zone.clone();
        let known = self.by_type.entry(format!("{ty:?}")).or_default();
        for value in [near(&value, -1), near(&value, 1), Some(value)].into_iter().flatten() {
            // What no zone has as a day of the years 1 to 9999 is refused where data is read.
            let is_day = !matches!(value, Const::Timestamp(at) if !is_written(&zone, at));
            if is_day && !known.contains(&value) {
                known.push(value);
            }
        }
    }

    fn row(&mut self, schema: &Schema, fields: &[Field], counts: &[usize], random: &mut Random) -> Row {
        fields.iter().map(|f| self.field(schema, f, counts, random)).collect()
    }

    fn field(&mut self, schema: &Schema, field: &Field, counts: &[usize], random: &mut Random) -> Const {
        if field.optional && random.once_in(5) {
            return Const::Missing(Reason::NotGiven);
        }
        if let Some(default) = &field.default
            && random.once_in(4)
            && !matches!(default, Const::Timestamp(at) if !is_written(&self.zone, *at))
        {
            return default.clone();
        }
        let made = self.value(schema, &field.ty, counts, random);
        match (field.max, made) {
            (Some(max), Const::Text(text)) => Const::text(&text.chars().take(max as usize).collect::<String>()),
            (Some(max), Const::List(mut items)) => {
                items.truncate(max as usize);
                Const::List(items)
            }
            (_, made) => made,
        }
    }

    fn value(&mut self, schema: &Schema, ty: &Type, counts: &[usize], random: &mut Random) -> Const {
        if let Some(known) = self.by_type.get(&format!("{ty:?}"))
            && random.below(100) < 50
        {
            return known[random.below(known.len())].clone();
        }
        let whole = |random: &mut Random| match random.below(8) {
            0 => {
                random.pick(&[i64::MAX, i64::MIN, i64::MAX - 1, i64::MIN + 1, 1 << 53, (1 << 53) + 1, i64::MAX / 2 + 1])
            }
            1 => random.next_u64() as i64,
            2 => random.pick(&[0, 1, -1]),
            _ => random.below(400) as i64 - 100,
        };
        match ty {
            Type::Bool => Const::Bool(random.once_in(2)),
            Type::Int => Const::Int(whole(random)),
            Type::Number => {
                let ends = [0.0, 0.5, -0.5, 1.5, 2.5, 1e308, -1e308, 5e-324, 9_007_199_254_740_993.0, 0.1, 1e15, -2.5];
                let some = random.below(2000) as f64 / 8.0 - 100.0;
                Const::number(if random.once_in(2) { random.pick(&ends) } else { some })
            }
            Type::Percent => {
                Const::Percent(if random.once_in(2) { random.below(1_200_000) as i64 } else { whole(random) })
            }
            Type::Money(_) => Const::Money(if random.once_in(2) { random.below(20_000) as i64 } else { whole(random) }),
            Type::Text if random.once_in(150) => {
                let long = random.pick(&["x", "Zoë ", "日本"]).repeat(300);
                Const::text(&long)
            }
            Type::Text => Const::text(random.pick(&TEXTS)),
            Type::Date => Const::Date(self.day(random)),
            Type::Timestamp => Const::Timestamp(self.instant(random)),
            Type::TimeOfDay => Const::TimeOfDay(random.pick(&[0, 1, 32_400, 45_015, 86_399])),
            Type::Enum(id) => Const::Enum(random.below(schema.enum_type(*id).members.len()) as u32),
            Type::List(item) => {
                let count = random.pick(&[0, 0, 1, 1, 2, 3, 8]);
                Const::List((0..count).map(|_| self.value(schema, item, counts, random)).collect())
            }
            Type::Reference(table) => Const::Reference(random.below(counts[table.0 as usize]) as u32),
            Type::Span | Type::Period => Const::Missing(Reason::NotGiven),
        }
    }

    fn day(&self, random: &mut Random) -> i32 {
        let today = self.as_of.div_euclid(DAY_US) as i32;
        let day = match random.below(8) {
            0 => random.pick(&[DATE_MIN, DATE_MAX, DATE_MIN + 1, DATE_MAX - 1, 0, -1]),
            // 29 February 2024, 2000 and 1600, and their neighbours.
            1 => random.pick(&[19_782, 11_016, -135_081, 19_783, 19_781]),
            2 => today + random.pick(&[0, 1, -1]),
            3 | 4 => today - random.below(60) as i32,
            5 => today + random.below(60) as i32,
            _ => today - random.below(1500) as i32,
        };
        day.clamp(DATE_MIN, DATE_MAX)
    }

    fn instant(&self, random: &mut Random) -> i64 {
        const HOUR_US: i64 = 3_600_000_000;
        let at = match random.below(9) {
            0 => random.pick(&[i64::from(DATE_MIN) * DAY_US, (i64::from(DATE_MAX) + 1) * DAY_US - 1, 0, -1]),
            1 => self.as_of + random.pick(&[0, 1, -1, 1_000_000, -1_000_000]),
            2 => self.as_of - random.below(72) as i64 * HOUR_US,
            3 => self.as_of + random.below(72) as i64 * HOUR_US / 2,
            4 => i64::from(self.day(random)) * DAY_US + random.pick(&[0, -1, 1, HOUR_US, 5 * HOUR_US, 10 * HOUR_US]),
            // Around changes of clocks of the zones that playbooks have.
            5 => {
                let changes = [
                    1_772_953_200,
                    1_793_509_200,
                    1_774_746_000,
                    1_792_890_000,
                    1_325_239_200,
                    1_775_311_200,
                    504_901_800,
                ];
                random.pick(&changes) * 1_000_000 + random.pick(&[0, -1, HOUR_US / 2, -HOUR_US / 2, HOUR_US, -HOUR_US])
            }
            _ => self.as_of - random.below(400 * 86_400) as i64 * 1_000_000,
        };
        if is_written(&self.zone, at) { at } else { self.as_of }
    }

    fn events(&mut self, schema: &Schema, table: TableId, counts: &[usize], random: &mut Random) -> Vec<Row> {
        let declared = schema.table(table);
        let count = match random.below(240) {
            0 => 300 + random.below(100),
            1..=10 => 20 + random.below(50),
            11..=70 => 0,
            71..=110 => 1,
            _ => 2 + random.below(6),
        };
        let mut rows: Vec<Row> = Vec::with_capacity(count);
        for _ in 0..count {
            let mut row = match rows.is_empty() {
                false if random.once_in(8) => rows[random.below(rows.len())].clone(),
                _ => self.row(schema, &declared.fields, counts, random),
            };
            if let (Some(at), false, true) = (declared.at, rows.is_empty(), random.once_in(5)) {
                row[at.0 as usize] = rows[random.below(rows.len())][at.0 as usize].clone();
            }
            rows.push(row);
        }
        rows
    }
}

/// Whether an instant lies in the years 1 to 9999 in the zone, where data is read, and in UTC, in which it is written.
fn is_written(zone: &Zone, at: i64) -> bool {
    let in_utc = (i64::from(DATE_MIN)..=i64::from(DATE_MAX)).contains(&at.div_euclid(DAY_US));
    in_utc && zone.civil(at).is_some()
}

/// The value beside a value.
fn near(value: &Const, by: i64) -> Option<Const> {
    Some(match value {
        Const::Int(v) => Const::Int(v.checked_add(by)?),
        Const::Percent(v) => Const::Percent(v.checked_add(by)?),
        Const::Money(v) => Const::Money(v.checked_add(by)?),
        Const::Timestamp(v) => Const::Timestamp(v.checked_add(by)?).in_range()?,
        Const::Date(v) => Const::Date(v.checked_add(by as i32)?).in_range()?,
        Const::Text(text) => Const::text(&format!("{text}{}", if by > 0 { "a" } else { "A" })),
        _ => return None,
    })
}

trait InRange: Sized {
    fn in_range(self) -> Option<Self>;
}

impl InRange for Const {
    /// The same, if a field may hold it.
    fn in_range(self) -> Option<Const> {
        let held = match &self {
            Const::Date(v) => (DATE_MIN..=DATE_MAX).contains(v),
            Const::Timestamp(v) => (i64::from(DATE_MIN)..=i64::from(DATE_MAX)).contains(&v.div_euclid(DAY_US)),
            _ => true,
        };
        held.then_some(self)
    }
}
