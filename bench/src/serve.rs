//! What a process of the benchmark is asked and answers, on standard input and output: the same as bench/peer.py says it for
//! the peers. Knows neither what is decided nor by whom. The crate of the expression engines reads this file too.

use std::hint::black_box;
use std::io::{BufRead as _, Write as _};
use std::time::Instant;

use serde_json::{Map, Value as Json, json};

pub type Failure = Box<dyn std::error::Error>;

/// What was decided.
pub enum Answers {
    /// By segment, by customer: 0 out, 1 in, 2 unknown.
    Codes(Vec<Vec<u8>>),
    /// By segment: how many are in and how many unknown.
    Counts(Vec<(u64, u64)>),
}

/// Something that can be done again and again.
pub trait Work {
    /// Does it, and keeps what came of it.
    fn run(&mut self) -> Result<(), Failure>;
    /// What came of it.
    fn answers(&self) -> Answers;
    /// Lets go of what came of it.
    fn forget(&mut self);
}

/// A way to do the work. Of one kind, all do the same.
pub struct Form<'w> {
    pub name: &'static str,
    pub kind: &'static str,
    pub work: Box<dyn Work + 'w>,
}

/// Answers until the input ends. Work is done again until `least_s` seconds have gone, and the time of once is given.
pub fn serve(mut forms: Vec<Form<'_>>, about: &Json, least_s: f64) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\"ready\"")?;
    out.flush()?;
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let words: Vec<&str> = line.split_whitespace().collect();
        let answer = match words.as_slice() {
            ["forms"] => Json::Object(forms.iter().map(|f| (f.name.to_string(), json!(f.kind))).collect::<Map<_, _>>()),
            ["about"] => about.clone(),
            ["time", form] => json!({ "s": time(named(&mut forms, form)?, least_s)? }),
            ["memory", form] => memory(named(&mut forms, form)?)?,
            ["answers", form, file] => {
                let work = named(&mut forms, form)?;
                let started = Instant::now();
                work.run()?;
                let s = started.elapsed().as_secs_f64();
                std::fs::write(file, npy(&work.answers()))?;
                work.forget();
                json!({ "s": s })
            }
            _ => return Err(format!("no such command: {line}").into()),
        };
        writeln!(out, "{answer}")?;
        out.flush()?;
    }
    Ok(())
}

fn named<'f, 'w>(forms: &'f mut [Form<'w>], name: &str) -> Result<&'f mut (dyn Work + 'w), Failure> {
    let form = forms.iter_mut().find(|form| form.name == name);
    form.map(|form| form.work.as_mut()).ok_or_else(|| format!("no form `{name}`").into())
}

fn time(work: &mut dyn Work, least_s: f64) -> Result<f64, Failure> {
    let (mut spent, mut times) = (0.0, 0_u32);
    while times == 0 || spent < least_s {
        let started = Instant::now();
        black_box(&mut *work).run()?;
        spent += started.elapsed().as_secs_f64();
        times += 1;
        work.forget();
    }
    Ok(spent / f64::from(times))
}

/// How much memory the process has when the work begins, and the most that it has meanwhile.
fn memory(work: &mut dyn Work) -> Result<Json, Failure> {
    // What was the most until now is forgotten by the system.
    std::fs::write("/proc/self/clear_refs", "5")?;
    let before = resident("VmRSS:")?;
    work.run()?;
    work.forget();
    Ok(json!({ "before_bytes": before, "peak_bytes": resident("VmHWM:")? }))
}

fn resident(what: &str) -> Result<u64, Failure> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(what));
    let kibibytes = line.and_then(|rest| rest.split_whitespace().next()).ok_or("the system does not tell memory")?;
    Ok(kibibytes.parse::<u64>()? * 1024)
}

/// Answers as NumPy reads them, version 1.0 of its format.
fn npy(answers: &Answers) -> Vec<u8> {
    let (kind, shape, bytes) = match answers {
        Answers::Codes(rows) => ("|u1", (rows.len(), rows.first().map_or(0, Vec::len)), rows.concat()),
        Answers::Counts(counts) => {
            let (inside, unknown) = (counts.iter().map(|c| c.0), counts.iter().map(|c| c.1));
            ("<i8", (2, counts.len()), inside.chain(unknown).flat_map(u64::to_le_bytes).collect())
        }
    };
    let head = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': ({}, {}), }}", shape.0, shape.1);
    // The whole head is a multiple of 64 bytes, ten of which come before its text.
    let length = (10 + head.len() + 1).next_multiple_of(64) - 10;
    let mut file = b"\x93NUMPY\x01\x00".to_vec();
    file.extend((length as u16).to_le_bytes());
    file.extend(format!("{head:<width$}\n", width = length - 1).into_bytes());
    file.extend(bytes);
    file
}
