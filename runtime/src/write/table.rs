//! One table of results in one file, in any of the formats.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use arrow_array::RecordBatch;
use arrow_ipc::writer::FileWriter;
use arrow_schema::SchemaRef;
use parquet::errors::ParquetError;

use super::parquet::ParquetWriter;
use super::text;
use crate::error::Error;
use crate::options::Format;

/// A file that is being written.
pub(super) struct TableWriter {
    path: PathBuf,
    inner: Inner,
}

enum Inner {
    Parquet(Box<ParquetWriter>),
    Arrow(Box<FileWriter<BufWriter<File>>>),
    Ndjson(Text),
    Csv(Text),
}

/// A file of lines, and room for those of a batch.
struct Text {
    file: BufWriter<File>,
    lines: String,
}

impl Text {
    fn new(file: File, lines: String) -> Text {
        Text { file: BufWriter::new(file), lines }
    }

    /// Writes the lines, and makes room for others.
    fn flush(&mut self) -> io::Result<()> {
        let written = self.file.write_all(self.lines.as_bytes());
        self.lines.clear();
        written
    }
}

impl TableWriter {
    pub fn create(path: &Path, format: Format, schema: &SchemaRef) -> Result<TableWriter, Error> {
        let file = File::create_new(path).map_err(Error::io(path, "it cannot be made"))?;
        let wrong = |what: String| Error::Write { path: path.to_path_buf(), what };
        let inner = match format {
            Format::Parquet => {
                Inner::Parquet(Box::new(ParquetWriter::create(file, schema).map_err(parquet_error(path))?))
            }
            Format::Arrow => {
                let writer = FileWriter::try_new_buffered(file, schema);
                Inner::Arrow(Box::new(writer.map_err(|e| wrong(e.to_string()))?))
            }
            Format::Ndjson => Inner::Ndjson(Text::new(file, String::new())),
            Format::Csv => Inner::Csv(Text::new(file, text::csv_header(schema))),
        };
        Ok(TableWriter { path: path.to_path_buf(), inner })
    }

    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        let wrong = |what: String| Error::Write { path: self.path.clone(), what };
        let io = Error::io(&self.path, "it cannot be written");
        match &mut self.inner {
            Inner::Parquet(writer) => writer.write(batch).map_err(parquet_error(&self.path)),
            Inner::Arrow(writer) => writer.write(batch).map_err(|e| wrong(e.to_string())),
            Inner::Ndjson(writer) => {
                text::ndjson(batch, &mut writer.lines);
                writer.flush().map_err(io)
            }
            Inner::Csv(writer) => {
                text::csv(batch, &mut writer.lines);
                writer.flush().map_err(io)
            }
        }
    }

    /// Writes what is left and waits until it is on disk.
    pub fn finish(self) -> Result<(), Error> {
        let path = self.path;
        let wrong = |what: String| Error::Write { path: path.clone(), what };
        let io = || Error::io(&path, "it cannot be written");
        let file = match self.inner {
            Inner::Parquet(writer) => writer.finish().map_err(parquet_error(&path))?,
            Inner::Arrow(mut writer) => {
                writer.finish().map_err(|e| wrong(e.to_string()))?;
                let buffered = writer.into_inner().map_err(|e| wrong(e.to_string()))?;
                buffered.into_inner().map_err(|e| io()(e.into_error()))?
            }
            Inner::Ndjson(mut writer) | Inner::Csv(mut writer) => {
                writer.flush().map_err(io())?;
                writer.file.into_inner().map_err(|e| io()(e.into_error()))?
            }
        };
        file.sync_all().map_err(Error::io(&path, "it cannot be flushed"))
    }
}

/// What stopped the writing of a Parquet file: the disk, or the data.
fn parquet_error(path: &Path) -> impl FnOnce(ParquetError) -> Error {
    let path = path.to_path_buf();
    move |error| match error {
        ParquetError::External(source) => match source.downcast::<io::Error>() {
            Ok(source) => Error::io(&path, "it cannot be written")(*source),
            Err(other) => Error::Write { path, what: other.to_string() },
        },
        other => Error::Write { path, what: other.to_string() },
    }
}
