//! The query: relations as a chain of WITH clauses, layer by layer, and the SELECT over the last.

use std::collections::BTreeSet;

use seg_ir::node::{Aggregate, AggregateKind, Op, Scope};
use seg_ir::schema::{PROFILE, Table};
use seg_ir::time::DATE_MAX;
use seg_ir::{FieldId, NodeId, Program, TableId, Type};

use super::expression::{Columns, Frame, Sql, Writer, joined};
use super::fold::Finish;
use super::literal::{comment, ident, unique};
use super::plan::{Group, Plan};
use super::{CUSTOMER, ORDER, Output};

type Written = Result<String, String>;

/// WITH clauses so far.
struct Clauses {
    taken: std::collections::HashSet<String>,
    texts: Vec<String>,
}

impl Clauses {
    fn add(&mut self, name: &str, why: &str, body: &str) {
        let why = if why.is_empty() { String::new() } else { comment("", why) };
        self.texts.push(format!("{why}{name} AS (\n{body})"));
    }

    fn name(&mut self, wanted: &str) -> String {
        ident(&unique(&mut self.taken, wanted))
    }
}

pub fn query(writer: &mut Writer, plan: &Plan, outputs: &[Output]) -> Written {
    let program = writer.program;
    let taken = program.schema.tables.iter().map(|t| t.name.to_lowercase()).collect();
    let mut clauses = Clauses { taken, texts: Vec::new() };
    let lookups = lookups(program, writer, plan, outputs);
    for (id, table) in program.schema.table_ids().filter(|(_, t)| t.kind == seg_ir::schema::TableKind::Reference) {
        let source = if points_on(program, id) {
            let name = clauses.name(&format!("{}_rows", table.name.to_lowercase()));
            // INVARIANT: references are declared without a circle, but in any order.
            name
        } else {
            ident(&table.name)
        };
        writer.sources.insert(id, source);
    }
    for id in references_in_order(program) {
        if points_on(program, id) {
            let body = format!("  SELECT {}\n  FROM {}\n", base_columns(program, id, &lookups), base_joins(writer, id));
            let name = writer.sources.get(&id).cloned().unwrap_or_default();
            clauses.add(&name, "", &body);
        }
    }
    let event_tables: BTreeSet<TableId> =
        plan.groups.iter().map(|g| g.table).chain(inner_tables(program, writer, outputs)).collect();
    let ordered = ordered_tables(program, writer, outputs);
    for id in &event_tables {
        let name = clauses.name(&format!("{}_seen", program.schema.table(*id).name.to_lowercase()));
        let body = events(writer, *id, ordered.contains(id), &lookups)?;
        clauses.add(&name, "What is known at the instant; later events are never seen.", &body);
        writer.sources.insert(*id, name);
    }
    let mut customers = ident(&program.schema.profile().name);
    if points_on(program, PROFILE) {
        let body =
            format!("  SELECT {}\n  FROM {}\n", base_columns(program, PROFILE, &lookups), base_joins(writer, PROFILE));
        customers = clauses.name("customers");
        clauses.add(&customers, "", &body);
    }
    for (layer, nodes) in plan.customers.layers.iter().enumerate() {
        customers = customer_layer(writer, plan, &mut clauses, &customers, layer as u32, nodes, outputs)?;
    }
    let select = last_select(writer, plan, &customers, outputs)?;
    let with = if clauses.texts.is_empty() { String::new() } else { format!("WITH\n{}\n", clauses.texts.join(",\n")) };
    Ok(format!("{with}{select}"))
}

/// The query when nothing can be said: the customers.
pub fn keys_only(program: &Program) -> String {
    format!("SELECT {}\nFROM {} c", key_column(program), ident(&program.schema.profile().name))
}

fn key_column(program: &Program) -> String {
    let profile = program.schema.profile();
    match profile.key.and_then(|k| profile.fields.get(k.0 as usize)) {
        Some(key) => format!("c.{}", ident(&key.name)),
        None => "row_number() OVER () AS row_number".into(),
    }
}

/// Fields of reference rows that some relation needs beside its own, by the table and pointer through which.
type Lookups = BTreeSet<(TableId, FieldId, TableId, FieldId)>;

fn all_nodes(program: &Program, writer: &Writer, outputs: &[Output]) -> BTreeSet<NodeId> {
    let mut seen = BTreeSet::new();
    let mut stack: Vec<NodeId> = outputs.iter().map(|o| o.node).collect();
    while let Some(id) = stack.pop() {
        if writer.sayer.borrow().constant(id).is_none() && seen.insert(id) {
            program.ir.node(id).op.for_each_operand(|operand| stack.push(operand));
        }
    }
    seen
}

fn lookups(program: &Program, writer: &Writer, _: &Plan, outputs: &[Output]) -> Lookups {
    let mut lookups = Lookups::new();
    for id in all_nodes(program, writer, outputs) {
        if let Op::Lookup { pointer, table, field } = &program.ir.node(id).op
            && let Op::Field { table: from, field: through, .. } = &program.ir.node(*pointer).op
        {
            lookups.insert((*from, *through, *table, *field));
        }
    }
    lookups
}

/// Event tables that are folded for a row of another fold.
fn inner_tables(program: &Program, writer: &Writer, outputs: &[Output]) -> BTreeSet<TableId> {
    folds(program, writer, outputs).map(|(_, table)| table).collect()
}

fn folds<'p>(
    program: &'p Program,
    writer: &Writer,
    outputs: &[Output],
) -> impl Iterator<Item = (&'p Aggregate, TableId)> {
    let nodes = all_nodes(program, writer, outputs);
    nodes.into_iter().filter_map(|id| match &program.ir.node(id).op {
        Op::Aggregate(aggregate) => Some((aggregate.as_ref(), program.schema.collection(aggregate.collection).table)),
        _ => None,
    })
}

fn ordered_tables(program: &Program, writer: &Writer, outputs: &[Output]) -> BTreeSet<TableId> {
    folds(program, writer, outputs).filter(|(a, _)| writer.needs_order(a)).map(|(_, table)| table).collect()
}

/// The pointers of a table, whose targets must be there.
fn pointers(program: &Program, id: TableId) -> impl Iterator<Item = (FieldId, TableId, bool)> {
    program.schema.table(id).field_ids().filter_map(|(field, f)| match f.ty {
        Type::Reference(to) if program.schema.table(to).key.is_some() => Some((field, to, f.optional)),
        _ => None,
    })
}

fn points_on(program: &Program, id: TableId) -> bool {
    pointers(program, id).next().is_some()
}

/// Reference tables, those that are pointed to first.
fn references_in_order(program: &Program) -> Vec<TableId> {
    let mut order: Vec<TableId> = Vec::new();
    fn visit(program: &Program, id: TableId, order: &mut Vec<TableId>, depth: usize) {
        if order.contains(&id) || depth > program.schema.tables.len() {
            return;
        }
        for (_, to, _) in pointers(program, id) {
            visit(program, to, order, depth + 1);
        }
        order.push(id);
    }
    for (id, table) in program.schema.table_ids() {
        if table.kind == seg_ir::schema::TableKind::Reference {
            visit(program, id, &mut order, 0);
        }
    }
    order
}

/// All columns of a table, its pointers without those that point nowhere, and the fields that they give.
fn base_columns(program: &Program, id: TableId, lookups: &Lookups) -> String {
    let schema = &program.schema;
    let mut replaced = Vec::new();
    let mut added = Vec::new();
    for (n, (field, to, _)) in pointers(program, id).enumerate() {
        let key = schema.table(to).key.map(|k| ident(&schema.field(to, k).name)).unwrap_or_default();
        replaced.push(format!("t{n}.{key} AS {}", ident(&schema.field(id, field).name)));
        for (_, _, target, of) in lookups.iter().filter(|(from, through, ..)| (*from, *through) == (id, field)) {
            let name = ident(&joined(schema, id, field, *target, *of));
            added.push(format!(", t{n}.{} AS {name}", ident(&schema.field(*target, *of).name)));
        }
    }
    let replace = if replaced.is_empty() { String::new() } else { format!(" REPLACE ({})", replaced.join(", ")) };
    format!("e.*{replace}{}", added.concat())
}

/// A row whose required pointer has no target is refused; an optional one is missing.
fn base_joins(writer: &Writer, id: TableId) -> String {
    let schema = &writer.program.schema;
    let mut text = format!("{} e", ident(&schema.table(id).name));
    let strict = writer.sayer.borrow().options.required == super::Required::Present;
    for (n, (field, to, optional)) in pointers(writer.program, id).enumerate() {
        let key = schema.table(to).key.map(|k| ident(&schema.field(to, k).name)).unwrap_or_default();
        let source = writer.sources.get(&to).cloned().unwrap_or_else(|| ident(&schema.table(to).name));
        let join = if optional || !strict { "LEFT JOIN" } else { "JOIN" };
        text += &format!("\n  {join} {source} t{n} ON t{n}.{key} = e.{}", ident(&schema.field(id, field).name));
    }
    text
}

/// The events that are seen, with their place in the language's order where it is asked for.
fn events(writer: &Writer, id: TableId, ordered: bool, lookups: &Lookups) -> Written {
    let schema = &writer.program.schema;
    let table = schema.table(id);
    let by = ident(table.by.as_deref().ok_or("events without a customer")?);
    let mut text = format!("  SELECT {}, e.{by} AS {CUSTOMER}", base_columns(writer.program, id, lookups));
    if ordered {
        let columns = table.at.into_iter().chain(table.field_ids().map(|(f, _)| f).filter(|f| Some(*f) != table.at));
        let columns: Vec<String> = columns.map(|f| order_of(writer, table, f)).collect();
        let order = if columns.is_empty() { String::new() } else { format!(" ORDER BY {}", columns.join(", ")) };
        text += &format!(",\n         row_number() OVER (PARTITION BY e.{by}{order}) AS {ORDER}");
    }
    text += &format!("\n  FROM {}\n", base_joins(writer, id));
    if let Some(at) = table.at {
        let field = schema.field(id, at);
        let as_of = writer.sayer.borrow().options.as_of;
        let limit = match field.ty {
            Type::Date => {
                let zone = &writer.program.zone;
                let today = zone.date(as_of).unwrap_or(DATE_MAX);
                let last = (today - 1..=today).rev().find(|d| zone.start_of_day(*d).is_none_or(|t| t <= as_of));
                super::literal::constant(schema, &field.ty, &seg_ir::Const::Date(last.unwrap_or(today)))?
            }
            _ => super::literal::constant(schema, &field.ty, &seg_ir::Const::Timestamp(as_of))?,
        };
        text += &format!("  WHERE e.{} <= {limit}\n", ident(&field.name));
    }
    Ok(text)
}

/// A column as the canonical order of rows compares it.
fn order_of(writer: &Writer, table: &Table, field: FieldId) -> String {
    let Some(declared) = table.fields.get(field.0 as usize) else { return "1".into() };
    let column = Sql::atom(format!("e.{}", ident(&declared.name)));
    let column = match declared.ty {
        Type::Enum(id) => writer.apply(super::macros::Macro::Rank(id.0), &[&column]),
        _ => column,
    };
    let nulls = if declared.optional || writer.sayer.borrow().options.required == super::Required::MayBeMissing {
        " NULLS FIRST"
    } else {
        ""
    };
    format!("{}{nulls}", column.text)
}

fn customer_frame<'f>(columns: &'f Columns, layer: u32) -> Frame<'f> {
    Frame { columns, alias: "c", layer, owns: &[Scope::Customer], outer: None }
}

/// The next layer of customers: what is computed from the one before it, and from rows that look at it.
fn customer_layer(
    writer: &Writer,
    plan: &Plan,
    clauses: &mut Clauses,
    before: &str,
    layer: u32,
    nodes: &[NodeId],
    outputs: &[Output],
) -> Written {
    let program = writer.program;
    let key = program.schema.profile().key.map(|k| ident(&program.schema.field(PROFILE, k).name)).unwrap_or_default();
    let mut joins = String::new();
    let mut joined = 0;
    let mut sources: Vec<(NodeId, Finish, String)> = Vec::new();
    for group in plan.groups.iter().filter(|g| g.layer == layer) {
        for (name, folds) in group_clauses(writer, plan, clauses, before, &key, group)? {
            let alias = format!("f{joined}");
            joined += 1;
            joins += &format!("\n  LEFT JOIN {name} {alias} ON {alias}.{CUSTOMER} = c.{key}");
            sources.extend(folds.into_iter().map(|(fold, finish)| (fold, finish, alias.clone())));
        }
    }
    let frame = customer_frame(&plan.customers.columns, layer);
    let mut columns = vec!["  SELECT c.*".to_string()];
    for id in nodes {
        let name = column_name(&plan.customers.columns, *id);
        let value = match (&program.ir.node(*id).op, sources.iter().find(|(f, ..)| f == id)) {
            (Op::Aggregate(aggregate), Some((_, finish, alias))) => {
                let no_rows = format!("{alias}.{CUSTOMER} IS NULL");
                let value = writer.finish(*finish, format!("{alias}.{name}"), Some(&no_rows));
                writer.guard_bounds(aggregate, &frame, value)?
            }
            _ => writer.operation(*id, &frame)?.text,
        };
        let words = outputs.iter().find(|o| o.node == *id).and_then(|o| o.words).unwrap_or("");
        columns.push(format!("{}         {value} AS {name}", comment("         ", words)));
    }
    let name = clauses.name(&format!("customers_{}", layer + 1));
    clauses.add(&name, "", &format!("{}\n  FROM {before} c{joins}\n", columns.join(",\n")));
    Ok(name)
}

fn column_name(columns: &Columns, id: NodeId) -> String {
    columns.0.get(&id).map_or_else(|| "value".into(), |(name, _)| ident(name))
}

/// A clause's name, and the folds that it gives with how each is finished.
type Folded = (String, Vec<(NodeId, Finish)>);

/// The clauses of a group's folds: one for all that are single aggregates, and one each for those that fold twice.
fn group_clauses(
    writer: &Writer,
    plan: &Plan,
    clauses: &mut Clauses,
    customers: &str,
    key: &str,
    group: &Group,
) -> Result<Vec<Folded>, String> {
    let program = writer.program;
    let table = &program.schema.table(group.table).name.to_lowercase();
    let mut rows = writer.sources.get(&group.table).cloned().ok_or("an event table out of reach")?;
    if !group.of_customer.is_empty() {
        let frame = customer_frame(&plan.customers.columns, group.layer);
        let mut columns = String::new();
        for id in &group.of_customer {
            let value = writer.node(*id, &frame)?.text;
            columns += &format!(", {value} AS {}", column_name(&group.rows.columns, *id));
        }
        let name = clauses.name(&format!("{table}_of_customers"));
        let body = format!("  SELECT e.*{columns}\n  FROM {rows} e JOIN {customers} c ON c.{key} = e.{CUSTOMER}\n");
        clauses.add(&name, "", &body);
        rows = name;
    }
    let owns: &[Scope] = &[Scope::Row, Scope::InnerRow];
    let frame = |layer| Frame { columns: &group.rows.columns, alias: "r", layer, owns, outer: None };
    for (layer, nodes) in group.rows.layers.iter().enumerate() {
        let mut columns = vec!["  SELECT r.*".to_string()];
        for id in nodes {
            let value = writer.operation(*id, &frame(layer as u32))?.text;
            columns.push(format!("         {value} AS {}", column_name(&group.rows.columns, *id)));
        }
        let name = clauses.name(&format!("{table}_{}", layer + 1));
        clauses.add(&name, "", &format!("{}\n  FROM {rows} r\n", columns.join(",\n")));
        rows = name;
    }
    let frame = frame(group.rows.layers.len() as u32);
    let mut made = Vec::new();
    let mut columns = vec![format!("  SELECT r.{CUSTOMER}")];
    let mut together = Vec::new();
    for id in &group.folds {
        let Op::Aggregate(aggregate) = &program.ir.node(*id).op else { continue };
        let name = column_name(&plan.customers.columns, *id);
        if matches!(aggregate.kind, AggregateKind::MostFrequent | AggregateKind::List) {
            let body = folded_twice(writer, aggregate, &frame, &rows, &name)?;
            let clause = clauses.name(&format!("each_{}", name.trim_matches('"')));
            clauses.add(&clause, "", &body);
            let finish = match aggregate.kind {
                AggregateKind::List => Finish::Or("[]"),
                _ => Finish::AsItIs,
            };
            made.push((clause, vec![(*id, finish)]));
            continue;
        }
        let fold = writer.fold(aggregate, &frame)?;
        columns.push(format!("         {} AS {name}", fold.text));
        together.push((*id, fold.finish));
    }
    if !together.is_empty() {
        let name = clauses.name(&format!("by_{table}"));
        clauses.add(&name, "", &format!("{}\n  FROM {rows} r GROUP BY r.{CUSTOMER}\n", columns.join(",\n")));
        made.insert(0, (name, together));
    }
    Ok(made)
}

/// The most frequent value, the latest of equals; or all values in the order in which they came first.
fn folded_twice(writer: &Writer, aggregate: &Aggregate, frame: &Frame, rows: &str, name: &str) -> Written {
    let value = aggregate.value.ok_or("a fold of nothing")?;
    let value = writer.node(value, frame)?;
    let mut kept = writer.kept(aggregate, frame)?;
    kept.push(format!("{} IS NOT NULL", value.within(super::expression::Level::Atom)));
    let (fold, counts) = match aggregate.kind {
        AggregateKind::MostFrequent => {
            ("arg_max(value, (times, latest))", format!("count(*) AS times, max(r.{ORDER}) AS latest"))
        }
        _ => ("list(value ORDER BY earliest)", format!("min(r.{ORDER}) AS earliest")),
    };
    Ok(format!(
        "  SELECT {CUSTOMER}, {fold} AS {name}\n  FROM (SELECT r.{CUSTOMER}, {} AS value, {counts}\n        FROM {rows} r WHERE {} GROUP BY ALL)\n  GROUP BY {CUSTOMER}\n",
        value.text,
        kept.join(" AND ")
    ))
}

fn last_select(writer: &Writer, plan: &Plan, customers: &str, outputs: &[Output]) -> Written {
    let frame = customer_frame(&plan.customers.columns, plan.customers.layers.len() as u32);
    let mut columns = Vec::new();
    for output in outputs {
        let value = writer.node(output.node, &frame)?.text;
        let name = ident(&output.name);
        let is_column = value == format!("c.{name}");
        columns.push(match is_column {
            true => format!("       {value}"),
            false => format!("{}       {value} AS {name}", comment("       ", output.words.unwrap_or(""))),
        });
    }
    columns.insert(0, format!("SELECT {}", key_column(writer.program)));
    Ok(format!("{}\nFROM {customers} c", columns.join(",\n")))
}
