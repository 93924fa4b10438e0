//! Writes what a run gives into a folder: under another name first, then in one step under its own, so that nobody ever
//! sees half a run.

mod bits;
mod flags;
mod parquet;
mod place;
mod table;
mod text;

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use seg_ir::outcome::Reject;

use crate::error::Error;
use crate::options::Format;
use crate::sink::Sink;
use crate::summary::Summary;
use place::Place;
use table::TableWriter;

/// Tables that a run may write; each in the format that was asked for.
const TABLES: [&str; 5] = ["segments", "attributes", "decisions", "proposals", "messages"];

/// A folder of results that appears whole, or not at all.
pub struct Folder {
    target: PathBuf,
    /// Where the files are until all are there.
    place: Place,
    format: Format,
    segments: Option<TableWriter>,
    attributes: Option<TableWriter>,
    rejects: Option<BufWriter<File>>,
}

impl Folder {
    /// Prepares to write a folder. **Errors**: it holds files that no run wrote; its parent cannot be written.
    pub fn create(target: &Path, format: Format) -> Result<Folder, Error> {
        check_ours(target)?;
        let place = Place::beside(target)?;
        let target = target.to_path_buf();
        Ok(Folder { target, place, format, segments: None, attributes: None, rejects: None })
    }

    fn table(&self, name: &str, schema: &SchemaRef) -> Result<Option<TableWriter>, Error> {
        // The key alone answers nothing.
        if schema.fields().len() < 2 {
            return Ok(None);
        }
        let path = self.place.folder().join(format!("{name}.{}", self.format.extension()));
        TableWriter::create(&path, self.format, schema).map(Some)
    }
}

impl Sink for Folder {
    fn begin(&mut self, segments: &SchemaRef, attributes: &SchemaRef) -> Result<(), Error> {
        self.segments = self.table("segments", segments)?;
        self.attributes = self.table("attributes", attributes)?;
        let path = self.place.folder().join("rejects.ndjson");
        let file = File::create_new(&path).map_err(Error::io(&path, "it cannot be made"))?;
        self.rejects = Some(BufWriter::new(file));
        Ok(())
    }

    fn segments(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        self.segments.as_mut().map_or(Ok(()), |table| table.write(batch))
    }

    fn attributes(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        self.attributes.as_mut().map_or(Ok(()), |table| table.write(batch))
    }

    fn reject(&mut self, reject: &Reject) -> Result<(), Error> {
        let path = self.place.folder().join("rejects.ndjson");
        let Some(file) = &mut self.rejects else { return Ok(()) };
        let mut line =
            serde_json::to_vec(reject).map_err(|e| Error::Write { path: path.clone(), what: e.to_string() })?;
        line.push(b'\n');
        file.write_all(&line).map_err(Error::io(&path, "it cannot be written"))
    }

    fn finish(&mut self, summary: &Summary) -> Result<(), Error> {
        for table in [self.segments.take(), self.attributes.take()].into_iter().flatten() {
            table.finish()?;
        }
        let path = self.place.folder().join("rejects.ndjson");
        if let Some(file) = self.rejects.take() {
            let file = file.into_inner().map_err(|e| Error::io(&path, "it cannot be written")(e.into_error()))?;
            file.sync_all().map_err(Error::io(&path, "it cannot be flushed"))?;
        }
        let path = self.place.folder().join("summary.json");
        let mut text =
            serde_json::to_vec_pretty(summary).map_err(|e| Error::Write { path: path.clone(), what: e.to_string() })?;
        text.push(b'\n');
        let mut file = File::create_new(&path).map_err(Error::io(&path, "it cannot be made"))?;
        file.write_all(&text).and_then(|()| file.sync_all()).map_err(Error::io(&path, "it cannot be written"))?;
        check_ours(&self.target)?;
        self.place.publish()
    }
}

/// **Errors**: the folder exists and holds something that no run wrote.
fn check_ours(target: &Path) -> Result<(), Error> {
    // While another run puts its results in place, those that it replaces are seen to go file by file.
    look(target).or_else(|_| look(target)).or_else(|_| look(target))
}

fn look(target: &Path) -> Result<(), Error> {
    // What is no folder is told of by whoever makes one.
    let foreign = |entry: String| Error::Foreign { folder: target.to_path_buf(), entry };
    if !target.is_dir() {
        return Ok(());
    }
    let entries = fs::read_dir(target).map_err(Error::io(target, "it is no folder that can be read"))?;
    let mut names = BTreeSet::new();
    for entry in entries {
        let entry = entry.map_err(Error::io(target, "it cannot be read"))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !is_ours(&name) || !entry.path().is_file() {
            return Err(foreign(name));
        }
        names.insert(name);
    }
    // Every run leaves its summary; files that only share our names are somebody's.
    match names.first() {
        Some(first) if !names.contains("summary.json") => Err(foreign(first.clone())),
        _ => Ok(()),
    }
}

fn is_ours(name: &str) -> bool {
    let formats = [Format::Parquet, Format::Arrow, Format::Ndjson, Format::Csv];
    let table = |stem: &str, ending: &str| TABLES.contains(&stem) && formats.iter().any(|f| f.extension() == ending);
    matches!(name, "rejects.ndjson" | "summary.json")
        || name.split_once('.').is_some_and(|(stem, ending)| table(stem, ending))
}
