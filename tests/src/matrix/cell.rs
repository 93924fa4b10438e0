//! A cell of the matrix: what is asked of the compiler and the interpreter, and how the answers are judged.

use seg_evaluator::record::Compiled;
use seg_grammar::Severity;
use seg_ir::interpret::Interpreter;
use seg_ir::schema::{PROFILE, TableId};
use seg_ir::{Const, Program, Record};

use super::CODES_OF_TYPES;
use super::types::V;
use crate::fixture::compile_text;

/// 2026-03-31T10:00Z, a Tuesday at the end of a month.
pub const AS_OF: i64 = 1_774_951_200_000_000;

/// An operator with its types.
#[derive(Debug, Clone)]
pub struct Cell {
    /// `+ Int Money(GBP)`
    pub name: String,
    pub question: Question,
}

/// What is asked in a cell.
#[derive(Debug, Clone)]
pub enum Question {
    /// The expression must be refused for its types.
    Refused { fields: String, event: Option<Event>, expression: String },
    /// The expressions must give these values.
    Gives(Vec<Asked>),
}

/// One expression over several customers.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Fields of the profile, as declared, behind the key.
    pub fields: String,
    pub event: Option<Event>,
    pub expression: String,
    /// Whether it is a condition: then it is asked as an expectation, where nothing has to be stated.
    pub condition: bool,
    pub customers: Vec<Customer>,
}

/// The field of an event as declared, and the type of its time.
pub type Event = (String, &'static str);

/// The values of a customer's fields, their events, and what must come out.
#[derive(Debug, Clone)]
pub struct Customer {
    pub values: Vec<V>,
    /// Time, then the field.
    pub events: Vec<[V; 2]>,
    pub gives: V,
}

/// What came of a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// So many values are as the model has them.
    Agrees(usize),
    /// It is refused for its types.
    Refuses,
    Wrong(String),
}

/// Asks a cell.
pub fn judge(cell: &Cell) -> Verdict {
    match &cell.question {
        Question::Refused { fields, event, expression } => refused(fields, event.as_ref(), expression),
        Question::Gives(asked) => {
            let mut values = 0;
            for asked in asked {
                match gives(asked) {
                    Ok(count) => values += count,
                    Err(wrong) => return Verdict::Wrong(wrong),
                }
            }
            Verdict::Agrees(values)
        }
    }
}

fn playbook(fields: &str, event: Option<&Event>, answer: &str) -> String {
    let (many, event) = match event {
        Some((field, at)) => {
            ("  orders many Order\n", format!("event Order by id at placed_at {{\n  placed_at {at}\n  {field}\n}}\n"))
        }
        None => ("", String::new()),
    };
    format!(
        "playbook \"matrix\" {{ timezone \"UTC\" currency GBP }}\nenum Card {{ Blue, Gold, Platinum }}\n\
         ordered enum Tier {{ Low, Middle, High }}\nreference Item key item_id {{ item_id Text }}\n\
         profile Customer key id {{\n  id Text\n{fields}{many}}}\n{event}{answer}\n"
    )
}

fn refused(fields: &str, event: Option<&Event>, expression: &str) -> Verdict {
    let source = playbook(fields, event, &format!("attribute answer = {expression}"));
    let compiled = compile_text(&source);
    let codes: Vec<&str> =
        compiled.diagnostics.iter().filter(|d| d.severity == Severity::Error).map(|d| d.code.0).collect();
    match codes.as_slice() {
        [] => Verdict::Wrong(format!("`{expression}` is accepted")),
        codes if codes.iter().all(|code| CODES_OF_TYPES.contains(code)) => Verdict::Refuses,
        codes => Verdict::Wrong(format!("`{expression}` is refused by {codes:?}")),
    }
}

fn gives(asked: &Asked) -> Result<usize, String> {
    let answer = match asked.condition {
        true => format!("test \"t\" {{ given {{}} as of 2026-03-31 expect {} }}", asked.expression),
        false => format!("attribute answer = {}", asked.expression),
    };
    let compiled = compile_text(&playbook(&asked.fields, asked.event.as_ref(), &answer));
    let Some(program) = &compiled.program else {
        let errors: Vec<String> = compiled.diagnostics.iter().map(|d| format!("{} {}", d.code, d.message)).collect();
        return Err(format!("`{}` is refused: {errors:?}", asked.expression));
    };
    let node = match program.tests.first() {
        Some(test) => test.expects.first().map(|e| e.node),
        None => program.attribute("answer").map(|a| a.node),
    };
    let node = node.ok_or("there is no answer")?;
    let code = Compiled::new(program.context(AS_OF), &[node]).map_err(|e| e.to_string())?;
    for customer in &asked.customers {
        let record = record(program, customer);
        let mut interpreter = Interpreter::new(program.context(AS_OF), &record);
        interpreter.customer(0);
        let found = interpreter.value(node).to_const();
        if !customer.gives.is(&found) {
            let (values, events) = (&customer.values, &customer.events);
            let (want, expression) = (&customer.gives, &asked.expression);
            return Err(format!("`{expression}` over {values:?} {events:?} gives {found:?}, not {want:?}"));
        }
        let compiled = code.over_source(&record, 0, AS_OF).map_err(|e| e.to_string())?;
        if compiled != [found.clone()] {
            let (values, events, expression) = (&customer.values, &customer.events, &asked.expression);
            return Err(format!("`{expression}` over {values:?} {events:?} is {found:?}, and compiled {compiled:?}"));
        }
    }
    Ok(asked.customers.len())
}

fn record(program: &Program, customer: &Customer) -> Record {
    let mut profile = vec![Const::text("c")];
    profile.extend(customer.values.iter().map(V::to_const));
    let mut record = Record::new(&program.schema, profile);
    for (id, table) in program.schema.table_ids() {
        if table.name == "Item" {
            record.push(id, vec![Const::text("i0")]);
            record.push(id, vec![Const::text("i1")]);
        } else if id != PROFILE {
            push_events(&mut record, id, customer);
        }
    }
    record.seal(&program.schema, &program.zone, AS_OF);
    record
}

fn push_events(record: &mut Record, table: TableId, customer: &Customer) {
    for event in &customer.events {
        record.push(table, event.iter().map(V::to_const).collect());
    }
}
