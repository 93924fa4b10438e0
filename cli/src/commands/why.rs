//! `seg why`: the clauses as written, each with its value.

use seg::why::{Answer, Found, Why as Verdict};
use serde_json::json;

use super::{now, playbook};
use crate::args::{TextFormat, Why};
use crate::output::{Output, Tint};
use crate::progress::Bar;
use crate::{Failure, Status};

pub fn why(args: &Why, output: &mut Output) -> Result<Status, Failure> {
    let mut playbook = playbook(args.playbook.as_deref(), &args.trust, output)?;
    if args.sight.show_labelled {
        playbook.reveal();
    }
    let program = &playbook.program;
    if let Some(name) = args.names.iter().find(|n| program.segment(n).is_none() && program.attribute(n).is_none()) {
        return Err(Failure::Told(format!("the playbook has no segment or attribute `{name}`")));
    }
    let mut options = seg::run::options(&playbook, &args.data.request(&[], None), now())?;
    let progress = Bar::new(output.quiet);
    options.progress = progress.listener();
    let key = seg::why::shown_key(program, &args.key);
    let found = seg::why::customer(program, &options, &args.key, &args.names)?;
    drop(progress);
    let verdicts = match found {
        Found::Verdicts(verdicts) => verdicts,
        Found::Absent => {
            let key = key.map_or("that key".to_string(), |key| format!("the key `{key}`"));
            return Err(Failure::Told(format!("no customer has {key} in the bound data")));
        }
        Found::Rejected(reject) => {
            let place = reject.file.as_deref().unwrap_or(&reject.source);
            return Err(Failure::Told(format!(
                "the customer{} is not decided: its row {} of {place} is rejected, because `{}` breaks the schema ({}: {})",
                key.map_or(String::new(), |key| format!(" `{key}`")),
                reject.row,
                reject.field,
                reject.code.name(),
                reject.reason
            )));
        }
    };
    if args.format == TextFormat::Json {
        let document = json!({ "key": key, "as_of": seg::show_instant(options.as_of), "verdicts": verdicts });
        output.line(&format!("{document:#}"))?;
        return Ok(Status::Done);
    }
    for (n, verdict) in verdicts.iter().enumerate() {
        if n > 0 {
            output.line("")?;
        }
        print(verdict, key.unwrap_or("the customer"), output)?;
    }
    Ok(Status::Done)
}

/// The longest words of a value that are repeated beside its clause; longer ones stand in the clause already.
const WORDS_REPEATED_MAX: usize = 30;

fn print(why: &Verdict, key: &str, output: &mut Output) -> Result<(), Failure> {
    let title = why.title.as_ref().map_or(String::new(), |t| format!("  {t}"));
    let title = output.paint(&title, Tint::Dim);
    let name = output.paint(&why.name, Tint::Bold);
    match &why.value {
        Some(value) => output.line(&format!("{key}: {name} is {value}{title}"))?,
        None => {
            let verdict = match why.verdict {
                Some(true) => output.paint("in", Tint::Green),
                Some(false) => output.paint("out of", Tint::Red),
                None => output.paint("unknown for", Tint::Yellow),
            };
            output.line(&format!("{key} is {verdict} {name}{title}"))?;
        }
    }
    for clause in &why.clauses {
        answer(clause, 1, output)?;
    }
    Ok(())
}

fn answer(answer_of: &Answer, depth: usize, output: &mut Output) -> Result<(), Failure> {
    let mark = match (&answer_of.value, answer_of.truth) {
        (Some(value), _) => output.paint(value, Tint::Bold),
        (None, Some(true)) => output.paint("true   ", Tint::Green),
        (None, Some(false)) => output.paint("false  ", Tint::Red),
        (None, None) => output.paint("unknown", Tint::Yellow),
    };
    let indent = "  ".repeat(depth);
    let values: Vec<String> = answer_of
        .values
        .iter()
        .filter(|(text, _)| *text != answer_of.text)
        .map(
            |(text, value)| {
                if text.len() > WORDS_REPEATED_MAX { format!("it is {value}") } else { format!("{text} is {value}") }
            },
        )
        .collect();
    let values = if values.is_empty() { String::new() } else { format!("  # {}", values.join(", ")) };
    let values = output.paint(&values, Tint::Dim);
    output.line(&format!("{indent}{mark}  {}{values}", answer_of.text))?;
    for part in &answer_of.parts {
        answer(part, depth + 1, output)?;
    }
    Ok(())
}
