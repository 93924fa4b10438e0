//! The contestants that decide one record: CEL, ZEN and JSONLogic in Rust, and plain Rust. Each is asked for the segments that a
//! record is in, of a record that it has parsed and of the bytes of a JSON object. See bench/expressions.py for their forms.
//!
//!     seg-bench-engines EXPRESSIONS.json NUMBERS.ndjson TEXTS.ndjson

use std::error::Error;
use std::hint::black_box;
use std::sync::Arc;

use datalogic_rs::{Engine, Logic, ParsedData, Session};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use zen_expression::expression::Standard;
use zen_expression::vm::VM;
use zen_expression::{Expression, Scope, Variable};

#[path = "../../src/serve.rs"]
#[allow(dead_code, reason = "what is decided of records is not only counted")]
mod serve;
#[rustfmt::skip]
mod written;

use serve::{Answers, Failure, Form, Work};
use written::{Numbers, Texts};

/// Work is repeated for as long before it is believed.
const LEAST_S: f64 = 0.05;

/// The segments in every language.
#[derive(Deserialize)]
struct Expressions {
    names: Vec<String>,
    cel: Vec<String>,
    zen: Vec<String>,
    jsonlogic: Vec<Json>,
}

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [expressions, numbers, texts] = arguments.as_slice() else {
        return Err("see the head of bench/engines/src/main.rs".into());
    };
    let expressions: Expressions = serde_json::from_str(&std::fs::read_to_string(expressions)?)?;
    let (numbers, texts) = (std::fs::read_to_string(numbers)?, std::fs::read_to_string(texts)?);
    let (numbers, texts): (Vec<&str>, Vec<&str>) = (numbers.lines().collect(), texts.lines().collect());
    let segments = expressions.names.len();
    let mut forms = cel(&expressions.cel, &numbers)?;
    forms.extend(zen(&expressions.zen, &numbers)?);
    forms.extend(jsonlogic(&expressions.jsonlogic, &numbers)?);
    forms.extend(plain(&numbers, &texts)?);
    let forms = forms.into_iter().map(|form| form.of(segments)).collect();
    serve::serve(forms, &json!({ "records": numbers.len() }), LEAST_S)
}

/// By record: which segments it is in, a bit each.
type In = Vec<u128>;
type Decide<'f> = Box<dyn FnMut(&mut In) -> Result<(), Failure> + 'f>;

/// A form before it is known how many segments there are.
struct Named<'f> {
    name: &'static str,
    kind: &'static str,
    decide: Decide<'f>,
}

struct Records<'f> {
    decide: Decide<'f>,
    segments: usize,
    made: In,
}

impl<'f> Named<'f> {
    fn of(self, segments: usize) -> Form<'f> {
        let work = Records { decide: self.decide, segments, made: Vec::new() };
        Form { name: self.name, kind: self.kind, work: Box::new(work) }
    }
}

impl Work for Records<'_> {
    fn run(&mut self) -> Result<(), Failure> {
        (self.decide)(&mut self.made)
    }

    fn answers(&self) -> Answers {
        let of = |at: usize| self.made.iter().map(|bits| (bits >> at & 1) as u8).collect();
        Answers::Codes((0..self.segments).map(of).collect())
    }

    fn forget(&mut self) {
        self.made.clear();
    }
}

fn bits(answers: impl Iterator<Item = bool>) -> u128 {
    answers.zip(0..).fold(0, |bits, (inside, at)| bits | u128::from(inside) << at)
}

fn wrong(what: impl std::fmt::Display) -> Box<dyn Error> {
    what.to_string().into()
}

fn cel<'f>(texts: &[String], lines: &'f [&'f str]) -> Result<Vec<Named<'f>>, Failure> {
    let env = Arc::new(cel::Env::stdlib());
    let programs = texts.iter().map(|text| env.compile(text).map_err(wrong)).collect::<Result<Vec<_>, _>>()?;
    let programs = Arc::new(programs);
    /// What a record's fields are called, each a variable.
    fn context(env: &Arc<cel::Env>, line: &str) -> Result<cel::Context<'static, 'static>, Failure> {
        let mut context = cel::Context::with_env(Arc::clone(env));
        let record: serde_json::Map<String, Json> = serde_json::from_str(line)?;
        for (name, value) in record {
            context.add_variable(name, value).map_err(wrong)?;
        }
        Ok(context)
    }
    fn decide(programs: &[cel::Program], context: &cel::Context) -> u128 {
        bits(programs.iter().map(|program| matches!(program.execute(context), Ok(cel::Value::Bool(true)))))
    }
    let contexts = lines.iter().map(|line| context(&env, line)).collect::<Result<Vec<_>, _>>()?;
    let of_parsed = Arc::clone(&programs);
    let parsed = move |made: &mut In| {
        made.extend(contexts.iter().map(|context| decide(&of_parsed, context)));
        Ok(())
    };
    let json = move |made: &mut In| {
        for line in lines {
            made.push(decide(&programs, &context(&env, line)?));
        }
        Ok(())
    };
    Ok(vec![
        Named { name: "cel-parsed", kind: "parsed", decide: Box::new(parsed) },
        Named { name: "cel-json", kind: "json", decide: Box::new(json) },
    ])
}

fn zen<'f>(texts: &[String], lines: &'f [&'f str]) -> Result<Vec<Named<'f>>, Failure> {
    let compile = |text: &String| zen_expression::compile_expression(text).map_err(wrong);
    let programs: Arc<Vec<Expression<Standard>>> = Arc::new(texts.iter().map(compile).collect::<Result<_, _>>()?);
    fn scope(line: &str) -> Result<Scope, Failure> {
        Ok(Scope::new(serde_json::from_str::<Variable>(line)?))
    }
    fn decide(programs: &[Expression<Standard>], scope: &Scope, vm: &mut VM) -> u128 {
        bits(programs.iter().map(|p| matches!(p.evaluate_with_scope(scope, vm), Ok(Variable::Bool(true)))))
    }
    let scopes = lines.iter().map(|line| scope(line)).collect::<Result<Vec<_>, _>>()?;
    let (of_parsed, mut vm) = (Arc::clone(&programs), VM::new());
    let parsed = move |made: &mut In| {
        made.extend(scopes.iter().map(|scope| decide(&of_parsed, scope, &mut vm)));
        Ok(())
    };
    let mut vm = VM::new();
    let json = move |made: &mut In| {
        for line in lines {
            made.push(decide(&programs, &scope(line)?, &mut vm));
        }
        Ok(())
    };
    Ok(vec![
        Named { name: "zen-parsed", kind: "parsed", decide: Box::new(parsed) },
        Named { name: "zen-json", kind: "json", decide: Box::new(json) },
    ])
}

fn jsonlogic<'f>(rules: &[Json], lines: &'f [&'f str]) -> Result<Vec<Named<'f>>, Failure> {
    let engine = Arc::new(Engine::new());
    let compile = |rule: &Json| engine.compile(rule.to_string().as_str()).map_err(wrong);
    let programs: Arc<Vec<Logic>> = Arc::new(rules.iter().map(compile).collect::<Result<_, _>>()?);
    fn decide(programs: &[Logic], session: &mut Session<'_>, record: &ParsedData) -> u128 {
        let made =
            bits(programs.iter().map(|program| {
                session.eval_borrowed(program, record).is_ok_and(|value| value.as_bool() == Some(true))
            }));
        session.reset();
        made
    }
    let parse = |line: &&str| ParsedData::from_json(line).map_err(wrong);
    let records = lines.iter().map(parse).collect::<Result<Vec<_>, _>>()?;
    let (of_parsed, its_engine) = (Arc::clone(&programs), Arc::clone(&engine));
    let parsed = move |made: &mut In| {
        let mut session = its_engine.session();
        made.extend(records.iter().map(|record| decide(&of_parsed, &mut session, record)));
        Ok(())
    };
    let json = move |made: &mut In| {
        let mut session = engine.session();
        for line in lines {
            made.push(decide(&programs, &mut session, &parse(line)?));
        }
        Ok(())
    };
    Ok(vec![
        Named { name: "datalogic-parsed", kind: "parsed", decide: Box::new(parsed) },
        Named { name: "datalogic-json", kind: "json", decide: Box::new(json) },
    ])
}

fn plain<'f>(numbers: &'f [&'f str], texts: &'f [&'f str]) -> Result<Vec<Named<'f>>, Failure> {
    let records = || numbers.iter().map(|line| serde_json::from_str(line)).collect::<Result<Vec<Numbers>, _>>();
    let (first, second) = (records()?, records()?);
    macro_rules! parsed {
        ($records:expr, $decide:path) => {
            Box::new(move |made: &mut In| {
                made.extend($records.iter().map(|record| $decide(black_box(record))));
                Ok(())
            })
        };
    }
    macro_rules! json {
        ($lines:expr, $record:ident, $decide:path) => {
            Box::new(move |made: &mut In| {
                for line in $lines {
                    made.push($decide(&serde_json::from_str::<$record>(line)?));
                }
                Ok(())
            })
        };
    }
    let only = move |made: &mut In| {
        for line in texts {
            made.push(serde_json::from_str::<Json>(line)?.as_object().map_or(0, |fields| fields.len() as u128));
        }
        Ok(())
    };
    use written::{beforehand, in_place};
    Ok(vec![
        Named { name: "plain-parsed-in-place", kind: "parsed", decide: parsed!(first, in_place) },
        Named { name: "plain-parsed-beforehand", kind: "parsed", decide: parsed!(second, beforehand) },
        Named { name: "plain-json-numbers", kind: "json", decide: json!(numbers, Numbers, in_place) },
        Named { name: "plain-json-texts", kind: "json", decide: json!(texts, Texts, in_place) },
        Named { name: "serde-value-only", kind: "value", decide: Box::new(only) },
    ])
}
