//! A bulk run: reference tables, then event tables, then the profile in batches that threads evaluate. Results go out in
//! the order of the profile, whatever the threads do.

use std::collections::{BTreeMap, HashMap};
use std::io::BufReader;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{Field, Schema as ArrowSchema, SchemaRef};
use seg_evaluator::{Bulk, arrow_type, export};
use seg_ir::interpret::Tally;
use seg_ir::outcome::{Counts, Reject};
use seg_ir::schema::PROFILE;
use seg_ir::{NodeId, Program, Type, time};
use sha2::{Digest as _, Sha256};

use crate::bind::{self, BoundFile};
use crate::clock::Worked;
use crate::error::{Error, did_you_mean};
use crate::load::{Stats, pipeline};
use crate::options::{Options, Stage};
use crate::ordered::{Hand, ordered};
use crate::profile::{self, Customers, Keyed, Loaded, Reader, Selection};
use crate::references::References;
use crate::sink::Sink;
use crate::summary::{Digest, Elapsed, FaultSummary, SegmentSummary, SkippedSummary, SourceSummary, Summary};

/// Evaluates a playbook over the bound data. **Errors**: those of the world (files, columns, memory); rows that break the
/// schema go to the sink as rejects and are counted.
pub fn run(program: &Program, options: &Options, sink: &mut dyn Sink) -> Result<Summary, Error> {
    let started = Instant::now();
    bind::check_names(&program.schema, &options.bindings)?;
    let outputs = Outputs::new(program, &options.only)?;
    sink.begin(&outputs.segment_schema, &outputs.attribute_schema)?;
    let digests = std::thread::scope(|scope| {
        let digests = scope.spawn(|| digests(program, options));
        let bulk = Bulk::new(program.running(options.as_of), &outputs.nodes, options.method);
        let answers = sink.wants_answers();
        let run = Run { program, options, outputs: &outputs, bulk: &bulk, answers }.all(sink);
        run.map(|done| (done, digests.join().unwrap_or_default()))
    });
    let (mut done, digests) = digests?;
    for source in &mut done.sources {
        source.files = digests.get(&source.table).cloned().unwrap_or_default();
    }
    let summary = summary(program, options, &outputs, done, started);
    sink.finish(&summary)?;
    Ok(summary)
}

/// What is computed, in the order of declaration.
struct Outputs {
    segments: Vec<usize>,
    attributes: Vec<usize>,
    /// Segments, then attributes.
    nodes: Vec<NodeId>,
    key_type: Type,
    segment_schema: SchemaRef,
    attribute_schema: SchemaRef,
}

impl Outputs {
    fn new(program: &Program, only: &[String]) -> Result<Outputs, Error> {
        let names = || {
            let segments = program.segments.iter().map(|s| s.name.as_str());
            segments.chain(program.attributes.iter().map(|a| a.name.as_str()))
        };
        if let Some(name) = only.iter().find(|name| !names().any(|known| known == name.as_str())) {
            return Err(Error::UnknownName { name: name.clone(), hint: did_you_mean(name, names()) });
        }
        let wanted = |name: &String, own: bool| if only.is_empty() { own } else { only.contains(name) };
        let of_segments = program.segments.iter().enumerate().filter(|(_, s)| wanted(&s.name, s.own));
        let segments: Vec<usize> = of_segments.map(|(i, _)| i).collect();
        let of_attributes = program.attributes.iter().enumerate().filter(|(_, a)| wanted(&a.name, a.own));
        let attributes: Vec<usize> = of_attributes.map(|(i, _)| i).collect();

        let schema = &program.schema;
        let key = schema.profile().key.map(|key| schema.field(PROFILE, key));
        let key_type = key.map_or(Type::Int, |field| field.ty.clone());
        let key_field = Field::new(key.map_or("row", |f| f.name.as_str()), arrow_type(&key_type, schema), false);
        let (mut nodes, mut of_segments, mut of_attributes) = (Vec::new(), vec![key_field.clone()], vec![key_field]);
        let optimised = &program.optimised;
        nodes.extend(segments.iter().filter_map(|i| optimised.segments.get(*i)));
        nodes.extend(attributes.iter().filter_map(|i| optimised.attributes.get(*i)));
        for segment in segments.iter().filter_map(|i| program.segments.get(*i)) {
            of_segments.push(Field::new(&segment.name, arrow_type(&Type::Bool, schema), true));
        }
        for attribute in attributes.iter().filter_map(|i| program.attributes.get(*i)) {
            of_attributes.push(Field::new(&attribute.name, arrow_type(program.ir.ty(attribute.node), schema), true));
        }
        Ok(Outputs {
            segments,
            attributes,
            nodes,
            key_type,
            segment_schema: Arc::new(ArrowSchema::new(of_segments)),
            attribute_schema: Arc::new(ArrowSchema::new(of_attributes)),
        })
    }
}

/// What a run adds up to.
#[derive(Default)]
struct Done {
    sources: Vec<SourceSummary>,
    /// What is told of the profile.
    profile: Stats,
    customers: u64,
    counts: Vec<Counts>,
    tally: Tally,
    read_s: f64,
    group_s: f64,
    evaluate_s: f64,
    write_s: f64,
    spilled_bytes: u64,
}

impl Done {
    /// Adds a piece up, and leaves its key and its answers.
    fn add(&mut self, chunk: Evaluated, sink: &mut dyn Sink) -> Result<Vec<ArrayRef>, Error> {
        chunk.rejects.iter().try_for_each(|reject| sink.reject(reject))?;
        self.customers += chunk.customers as u64;
        for (sum, counts) in self.counts.iter_mut().zip(&chunk.counts) {
            sum.inside += counts.inside;
            sum.out += counts.out;
            sum.unknown += counts.unknown;
        }
        self.tally.add(chunk.tally);
        self.profile.add(&chunk.stats);
        self.read_s += chunk.read_s;
        self.group_s += chunk.group_s;
        self.evaluate_s += chunk.evaluate_s;
        Ok(chunk.columns)
    }
}

struct Run<'r> {
    program: &'r Program,
    options: &'r Options,
    outputs: &'r Outputs,
    bulk: &'r Bulk<'r>,
    /// Whether they are wanted, or only counted.
    answers: bool,
}

/// A piece of a chunk of the profile, evaluated.
struct Evaluated {
    rejects: Vec<Reject>,
    stats: Stats,
    customers: usize,
    /// Of the keys and of the answers, where these are wanted.
    columns: Vec<ArrayRef>,
    counts: Vec<Counts>,
    tally: Tally,
    read_s: f64,
    group_s: f64,
    evaluate_s: f64,
    /// Whether it is the last piece of what was read together: such pieces are written together, so that results do not show
    /// where they were cut.
    last: bool,
}

impl Run<'_> {
    fn all(&self, sink: &mut dyn Sink) -> Result<Done, Error> {
        let (program, options) = (self.program, self.options);
        let references = References::load(program, options)?;
        references.rejects.iter().try_for_each(|r| sink.reject(r))?;
        let select = |key: &_, rules: &_, files: &[BoundFile]| match options.sample {
            Some(count) => profile::sample(count, key, rules, files, options),
            None => Ok(Selection::All),
        };
        let loaded = profile::load(program, options, &references, select, &mut |r| sink.reject(&r))?;
        let mut reader = Reader::new(&loaded);
        // Keys are read on this thread, cells judged and segments evaluated on others, answers written on one more.
        let done = ordered(
            options.threads(),
            |send| self.read(&loaded, &mut reader, send),
            |(keyed, last)| self.evaluate(keyed, last, &loaded),
            |chunks| self.write_all(chunks, &loaded, sink),
        )?;
        let (mut done, read_s) = (done.taken, done.made);
        done.read_s += references.read_s + loaded.read_s + read_s;
        done.group_s += loaded.group_s;
        done.spilled_bytes = loaded.parts.spilled_bytes();
        done.sources = self.sources(&references, &loaded, &done.profile);
        Ok(done)
    }

    fn read<'l>(
        &self,
        loaded: &'l Loaded,
        reader: &mut Reader<'l>,
        send: Hand<'_, (Keyed<'l>, bool)>,
    ) -> Result<f64, Error> {
        let (mut rows, mut read_s, started) = (0, 0.0, Worked::now());
        let total = loaded.files.iter().map(|f| f.rows).sum::<Option<u64>>();
        for file in &loaded.files {
            read_s += pipeline(file, self.options, |chunk| {
                rows += chunk.rows as u64;
                let more = reader.cut(chunk, file, &mut |keyed, last| Ok(send((keyed, last))))?;
                self.options.report(Stage::Evaluate, &loaded.rules.name, rows, total);
                Ok(more)
            })?;
        }
        Ok(read_s + started.seconds())
    }

    fn evaluate(&self, keyed: Keyed<'_>, last: bool, loaded: &Loaded) -> Result<Evaluated, Error> {
        let started = Worked::now();
        let Customers { batch, rejects, stats, rows: (first, rows), group_s } = keyed.judge(self.program, loaded)?;
        let judge_s = started.seconds();
        let customers = batch.len();
        let (columns, counts, tally) = if self.answers {
            let answers = self.bulk.evaluate(&batch);
            let key = export(batch.keys(), &self.outputs.key_type, &self.program.schema, &batch);
            let counts: Vec<_> = (0..answers.columns.len()).map(|at| answers.counts(at)).collect();
            (std::iter::once(key).chain(answers.columns).collect(), counts, answers.tally)
        } else {
            let (counts, tally) = self.bulk.count(&batch);
            (Vec::new(), counts, tally)
        };
        let segments = counts.into_iter().take(self.outputs.segments.len());
        let counts = segments.map(|counted| counts_of(counted.unwrap_or_default(), customers as u64)).collect();
        let evaluate_s = started.seconds() - judge_s;
        let read_s = judge_s - group_s;
        drop(batch);
        loaded.parts.decided(first, rows);
        Ok(Evaluated { rejects, stats, customers, columns, counts, tally, read_s, group_s, evaluate_s, last })
    }

    fn write_all(
        &self,
        chunks: &mut dyn Iterator<Item = Result<Evaluated, Error>>,
        loaded: &Loaded,
        sink: &mut dyn Sink,
    ) -> Result<Done, Error> {
        let counts = vec![Counts::default(); self.outputs.segments.len()];
        let mut done = Done { counts, profile: Stats::new(&loaded.rules), ..Done::default() };
        let mut pieces = Vec::new();
        for chunk in chunks {
            let chunk = chunk?;
            let started = Worked::now();
            let last = chunk.last || seg_ir::fault::is("ingest.pieces-are-written-apart");
            pieces.push(done.add(chunk, sink)?);
            if last {
                self.write(std::mem::take(&mut pieces), sink)?;
            }
            done.write_s += started.seconds();
        }
        Ok(done)
    }

    /// Writes the pieces of a chunk: of each the key, then all answers.
    fn write(&self, mut pieces: Vec<Vec<ArrayRef>>, sink: &mut dyn Sink) -> Result<(), Error> {
        let columns = if pieces.len() > 1 { joined(&pieces)? } else { pieces.pop().unwrap_or_default() };
        let Some((key, answers)) = columns.split_first().filter(|(key, _)| !key.is_empty()) else { return Ok(()) };
        let (segments, attributes) = answers.split_at(self.outputs.segments.len().min(answers.len()));
        sink.segments(&batch(&self.outputs.segment_schema, key, segments)?)?;
        if !self.outputs.attributes.is_empty() {
            sink.attributes(&batch(&self.outputs.attribute_schema, key, attributes)?)?;
        }
        Ok(())
    }

    /// What was read, in the order of declaration.
    fn sources(&self, references: &References, loaded: &Loaded, profile: &Stats) -> Vec<SourceSummary> {
        let of_references: HashMap<_, &Stats> = references.stats.iter().map(|(id, stats, _)| (*id, stats)).collect();
        let summarise = |(id, table): (seg_ir::TableId, &seg_ir::schema::Table)| {
            let stats = match of_references.get(&id) {
                _ if id == PROFILE => profile,
                Some(stats) => stats,
                None => loaded.parts.stats(id)?,
            };
            Some(stats.summary(table))
        };
        self.program.schema.table_ids().filter_map(summarise).collect()
    }
}

fn counts_of(counted: seg_evaluator::Counts, customers: u64) -> Counts {
    let seg_evaluator::Counts { inside, unknown } = counted;
    Counts { inside, out: customers.saturating_sub(inside + unknown), unknown }
}

fn batch(schema: &SchemaRef, key: &ArrayRef, columns: &[ArrayRef]) -> Result<RecordBatch, Error> {
    let all = std::iter::once(key).chain(columns).map(Arc::clone).collect();
    RecordBatch::try_new(Arc::clone(schema), all).map_err(invalid)
}

/// Columns one after another.
fn joined(pieces: &[Vec<ArrayRef>]) -> Result<Vec<ArrayRef>, Error> {
    let column = |at: usize| {
        let parts: Vec<&dyn Array> = pieces.iter().filter_map(|piece| piece.get(at).map(AsRef::as_ref)).collect();
        arrow_select::concat::concat(&parts).map_err(invalid)
    };
    (0..pieces.first().map_or(0, Vec::len)).map(column).collect()
}

fn invalid(error: arrow_schema::ArrowError) -> Error {
    Error::Invalid(seg_evaluator::Invalid(error.to_string()))
}

fn summary(program: &Program, options: &Options, outputs: &Outputs, done: Done, started: Instant) -> Summary {
    let total_s = started.elapsed().as_secs_f64();
    let rows: u64 = done.sources.iter().map(|s| s.rows).sum();
    let per_second = |count: u64, seconds: f64| if seconds > 0.0 { (count as f64 / seconds).round() } else { 0.0 };
    let segments = outputs.segments.iter().filter_map(|i| program.segments.get(*i)).zip(&done.counts);
    Summary {
        playbook: program.name.clone(),
        digest: options.digest.clone(),
        as_of: time::show_instant(options.as_of),
        timezone: program.zone.name().to_string(),
        timezone_database: time::database_version().to_string(),
        sample: options.sample,
        customers: done.customers,
        rejected: done.sources.iter().map(|s| s.rejected).sum(),
        over_threshold: done.sources.iter().any(|s| options.reject_max.is_exceeded(s.rejected, s.rows)),
        segments: segments
            .map(|(s, counts)| SegmentSummary { name: s.name.clone(), title: s.title.clone(), counts: *counts })
            .collect(),
        faults: faults(program, &done.tally),
        skipped: skipped(program, &done.tally),
        elapsed: Elapsed {
            total_s,
            read_s: done.read_s,
            group_s: done.group_s,
            evaluate_s: done.evaluate_s,
            write_s: done.write_s,
            rows_read_per_s: per_second(rows, done.read_s),
            customers_evaluated_per_s: per_second(done.customers, done.evaluate_s),
            spilled_bytes: done.spilled_bytes,
        },
        sources: done.sources,
    }
}

/// Where a node that ran was written.
fn place(program: &Program, node: NodeId) -> Option<String> {
    let written = program.optimised.origin(node);
    program.places.get(written.0 as usize).and_then(Option::as_ref).map(ToString::to_string)
}

fn faults(program: &Program, tally: &Tally) -> Vec<FaultSummary> {
    let mut by_line: BTreeMap<(Option<String>, &'static str), u64> = BTreeMap::new();
    for ((node, reason), count) in &tally.faults {
        *by_line.entry((place(program, *node), reason.text())).or_default() += count;
    }
    let line = |((place, reason), count): ((Option<String>, &str), u64)| FaultSummary {
        reason: reason.to_string(),
        place,
        count,
    };
    by_line.into_iter().map(line).collect()
}

fn skipped(program: &Program, tally: &Tally) -> Vec<SkippedSummary> {
    let mut by_line: BTreeMap<Option<String>, u64> = BTreeMap::new();
    for (node, count) in &tally.skipped {
        *by_line.entry(place(program, *node)).or_default() += count;
    }
    by_line.into_iter().map(|(place, values)| SkippedSummary { place, values }).collect()
}

/// The digests of all bound files, by table. A file that cannot be read is an error of the run itself.
fn digests(program: &Program, options: &Options) -> HashMap<String, Vec<Digest>> {
    let tables = program.schema.tables.iter().filter_map(|table| {
        options.bindings.tables.get(&table.name)?;
        let files = bind::files(&table.name, &options.bindings).ok()?;
        Some((table.name.clone(), files.into_iter().filter_map(digest).collect()))
    });
    tables.collect()
}

/// So many bytes are read for a digest at a time: few calls of the system, and they stay in the caches of a core.
const DIGESTED_BYTES: usize = 256 << 10;

fn digest(path: PathBuf) -> Option<Digest> {
    let mut file = BufReader::with_capacity(DIGESTED_BYTES, crate::file::open(&path).ok()?);
    let mut hasher = Sha256::new();
    let bytes = std::io::copy(&mut file, &mut hasher).ok()?;
    let hex = hasher.finalize().iter().map(|b| format!("{b:02x}")).collect();
    Some(Digest { file: path.file_name()?.to_string_lossy().into_owned(), bytes, sha256: hex })
}
