//! `cargo xtask fuzz`: changed inputs by the million, for every target or one. The inputs are tried in processes of their
//! own, so that an abort, an overflow of the stack or an endless loop is a failure of one input and not the end of all.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use seg_tests::fuzz::campaign::{Failure, Tally, alike, changed, inputs, run as judge_all};
use seg_tests::fuzz::{TARGETS, Target, target, watch_panics};
use serde_json::{Value, json};

/// No input takes as long as this.
const HANGS_AFTER: Duration = Duration::from_secs(20);
/// Processes that ended badly, after which a target is given up.
const DEATHS_MAX: usize = 50;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// One target; all by default
    #[arg(long)]
    target: Option<String>,
    /// How many inputs of each target
    #[arg(long, default_value_t = 1_000_000)]
    count: u64,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Processes at a time; one for each of the machine's cores by default
    #[arg(long)]
    processes: Option<u64>,
    /// The first input, for going on where a run ended
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Every so many-th input only, and where the number of the one at hand is written: how a part of a run is asked for
    #[arg(long, hide = true, requires = "mark")]
    step: Option<u64>,
    #[arg(long, hide = true)]
    mark: Option<PathBuf>,
}

pub fn run(root: &Path, arguments: &Arguments) -> Result<ExitCode, String> {
    if let (Some(step), Some(mark)) = (arguments.step, &arguments.mark) {
        return part(root, arguments, step, mark);
    }
    let targets: Vec<&Target> = match &arguments.target {
        Some(name) => vec![target(name)?],
        None => TARGETS.iter().collect(),
    };
    let mut broken = Vec::new();
    for target in targets {
        let found = fuzz(root, arguments, target)?;
        if !found {
            broken.push(target.name);
        }
    }
    if broken.is_empty() { Ok(ExitCode::SUCCESS) } else { Err(format!("inputs broke {}", broken.join(", "))) }
}

/// One target with all its inputs; true when none broke it.
fn fuzz(root: &Path, arguments: &Arguments, target: &Target) -> Result<bool, String> {
    let cores = || std::thread::available_parallelism().map_or(1, |n| n.get() as u64);
    let processes = arguments.processes.unwrap_or_else(cores).max(1);
    let folder = root.join("target/fuzz").join(target.name);
    fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let started = Instant::now();
    let one = |share: u64| Share { root, arguments, target, folder: &folder, step: processes, share }.all();
    let shares: Vec<Result<Tally, String>> = std::thread::scope(|scope| {
        let one = &one;
        let shares: Vec<_> = (0..processes).map(|share| scope.spawn(move || one(share))).collect();
        let broke_down = |_| Err("a thread broke down".to_string());
        shares.into_iter().map(|share| share.join().unwrap_or_else(broke_down)).collect()
    });
    let shares = shares.into_iter().collect::<Result<Vec<Tally>, String>>()?;
    let all = shares.into_iter().fold(Tally::default(), add);
    let verdicts: Vec<String> = all.verdicts.iter().map(|(word, count)| format!("{word}: {count}")).collect();
    println!(
        "{}: {} inputs in {:.0} s, seed {}: {}; {} failures; at most {:.1}% of the memory and {:.1}% of the steps allowed",
        target.name,
        all.tried,
        started.elapsed().as_secs_f64(),
        arguments.seed,
        verdicts.join(", "),
        all.failed,
        all.memory as f64 / 10.0,
        all.steps as f64 / 10.0,
    );
    for Failure { number, what, input } in &all.failures {
        let path = folder.join(format!("{}-{number}", arguments.seed));
        fs::write(&path, input).map_err(|e| format!("{}: {e}", path.display()))?;
        println!("  input {number}, {}: {what}", path.display());
    }
    Ok(all.failed == 0)
}

fn add(mut all: Tally, part: Tally) -> Tally {
    all.tried += part.tried;
    all.failed += part.failed;
    all.failures.extend(part.failures);
    all.memory = all.memory.max(part.memory);
    all.steps = all.steps.max(part.steps);
    for (word, count) in part.verdicts {
        *all.verdicts.entry(word).or_default() += count;
    }
    all
}

/// Every so many-th input of a target, one process after another.
struct Share<'a> {
    root: &'a Path,
    arguments: &'a Arguments,
    target: &'a Target,
    folder: &'a Path,
    step: u64,
    share: u64,
}

impl Share<'_> {
    fn all(&self) -> Result<Tally, String> {
        let mut all = Tally::default();
        let mut next = self.arguments.from + self.share;
        for _ in 0..DEATHS_MAX {
            let mark = self.folder.join(format!("mark-{}", self.share));
            let _ = fs::remove_file(&mark);
            let (ended, told) = self.process(next, &mark)?;
            if let Ended::Well = ended {
                return Ok(add(all, tally(&told)?));
            }
            let at = number(&mark).unwrap_or(next);
            // What the process had counted is lost with it; what it was at is known.
            all.tried += (at - next) / self.step + 1;
            all.failed += 1;
            let what = match ended {
                Ended::Hanging => format!("it takes longer than {} s", HANGS_AFTER.as_secs()),
                _ => format!("the process ended: {}", told.trim()),
            };
            let inputs = inputs(self.root, self.target)?;
            let input = changed(self.target, &inputs, self.arguments.seed, at);
            if !all.failures.iter().any(|other| alike(&other.what, &what)) {
                all.failures.push(Failure { number: at, what, input });
            }
            next = at + self.step;
        }
        Ok(all)
    }

    /// Has a process try the inputs from one on, and watches that it gets on.
    fn process(&self, from: u64, mark: &Path) -> Result<(Ended, String), String> {
        let told = |e: std::io::Error| e.to_string();
        let out = self.folder.join(format!("out-{}", self.share));
        let (to, err) =
            (fs::File::create(&out).map_err(told)?, fs::File::create(out.with_extension("err")).map_err(told)?);
        let text = |number: u64| number.to_string();
        let mut child = Command::new(std::env::current_exe().map_err(told)?)
            .args(["fuzz", "--target", self.target.name, "--seed", &text(self.arguments.seed)])
            .args(["--count", &text(self.arguments.count), "--from", &text(from), "--step", &text(self.step)])
            .arg("--mark")
            .arg(mark)
            .stdout(to)
            .stderr(err)
            .stdin(Stdio::null())
            .spawn()
            .map_err(told)?;
        let ended = watch(&mut child, mark).map_err(told)?;
        match ended {
            Ended::Well => Ok((ended, fs::read_to_string(&out).map_err(told)?)),
            _ => {
                let said = fs::read_to_string(out.with_extension("err")).unwrap_or_default();
                let status = child.wait().map_err(told)?;
                Ok((ended, format!("{status}; {said}")))
            }
        }
    }
}

enum Ended {
    Well,
    Badly,
    Hanging,
}

fn watch(child: &mut Child, mark: &Path) -> std::io::Result<Ended> {
    let (mut at, mut since) = (None, Instant::now());
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(if status.success() { Ended::Well } else { Ended::Badly });
        }
        std::thread::sleep(Duration::from_millis(20));
        let now = number(mark);
        if now != at {
            (at, since) = (now, Instant::now());
        }
        if since.elapsed() > HANGS_AFTER * if at.is_none() { 6 } else { 1 } {
            child.kill()?;
            return Ok(Ended::Hanging);
        }
    }
}

fn number(mark: &Path) -> Option<u64> {
    Some(u64::from_le_bytes(fs::read(mark).ok()?.get(..8)?.try_into().ok()?))
}

/// What a process of its own does.
fn part(root: &Path, arguments: &Arguments, step: u64, mark: &Path) -> Result<ExitCode, String> {
    use std::os::unix::fs::FileExt;
    let target = target(arguments.target.as_deref().unwrap_or(""))?;
    let inputs = inputs(root, target)?;
    let mark = fs::File::create(mark).map_err(|e| e.to_string())?;
    watch_panics();
    let end = arguments.count;
    let step = usize::try_from(step).map_err(|e| e.to_string())?.max(1);
    let tally = judge_all(target, &inputs, arguments.seed, (arguments.from..end).step_by(step), |number| {
        let _ = mark.write_all_at(&number.to_le_bytes(), 0);
    });
    let failures = tally.failures.iter().map(|f| json!({ "number": f.number, "what": f.what, "input": f.input }));
    println!(
        "{}",
        json!({
            "tried": tally.tried, "failed": tally.failed, "memory": tally.memory, "steps": tally.steps,
            "verdicts": tally.verdicts, "failures": failures.collect::<Vec<Value>>(),
        })
    );
    Ok(ExitCode::SUCCESS)
}

/// What a process told.
fn tally(told: &str) -> Result<Tally, String> {
    let all: Value = serde_json::from_str(told).map_err(|e| format!("{e}: {told}"))?;
    let count = |name: &str| all[name].as_u64().unwrap_or(0);
    let failures = all["failures"].as_array().into_iter().flatten().map(|failure| Failure {
        number: failure["number"].as_u64().unwrap_or(0),
        what: failure["what"].as_str().unwrap_or("").to_string(),
        input: failure["input"].as_array().into_iter().flatten().map(|b| b.as_u64().unwrap_or(0) as u8).collect(),
    });
    let verdicts = all["verdicts"].as_object().into_iter().flatten();
    let verdicts: BTreeMap<_, _> = verdicts.map(|(word, n)| (word.clone(), n.as_u64().unwrap_or(0))).collect();
    Ok(Tally {
        tried: count("tried"),
        failed: count("failed"),
        memory: count("memory"),
        steps: count("steps"),
        failures: failures.collect(),
        verdicts,
    })
}
