//! One table of results in one file, in any of the formats.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use arrow_array::RecordBatch;
use arrow_ipc::writer::FileWriter;
use arrow_schema::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

use super::text;
use crate::error::Error;
use crate::options::Format;

/// A file that is being written.
pub(super) struct TableWriter {
    path: PathBuf,
    inner: Inner,
}

enum Inner {
    Parquet(Box<ArrowWriter<File>>),
    Arrow(Box<FileWriter<BufWriter<File>>>),
    Ndjson(BufWriter<File>),
    Csv(BufWriter<File>),
}

impl TableWriter {
    pub fn create(path: &Path, format: Format, schema: &SchemaRef) -> Result<TableWriter, Error> {
        let file = File::create_new(path).map_err(Error::io(path, "it cannot be made"))?;
        let wrong = |what: String| Error::Write { path: path.to_path_buf(), what };
        let inner = match format {
            Format::Parquet => {
                let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
                let writer = ArrowWriter::try_new(file, schema.clone(), Some(properties));
                Inner::Parquet(Box::new(writer.map_err(|e| wrong(e.to_string()))?))
            }
            Format::Arrow => {
                let writer = FileWriter::try_new_buffered(file, schema);
                Inner::Arrow(Box::new(writer.map_err(|e| wrong(e.to_string()))?))
            }
            Format::Ndjson => Inner::Ndjson(BufWriter::new(file)),
            Format::Csv => {
                let mut writer = BufWriter::new(file);
                let header = text::csv_header(schema);
                writer.write_all(header.as_bytes()).map_err(Error::io(path, "it cannot be written"))?;
                Inner::Csv(writer)
            }
        };
        Ok(TableWriter { path: path.to_path_buf(), inner })
    }

    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        let wrong = |what: String| Error::Write { path: self.path.clone(), what };
        let io = Error::io(&self.path, "it cannot be written");
        match &mut self.inner {
            Inner::Parquet(writer) => writer.write(batch).map_err(|e| wrong(e.to_string())),
            Inner::Arrow(writer) => writer.write(batch).map_err(|e| wrong(e.to_string())),
            Inner::Ndjson(writer) => writer.write_all(text::ndjson(batch).as_bytes()).map_err(io),
            Inner::Csv(writer) => writer.write_all(text::csv(batch).as_bytes()).map_err(io),
        }
    }

    /// Writes what is left and waits until it is on disk.
    pub fn finish(self) -> Result<(), Error> {
        let path = self.path;
        let wrong = |what: String| Error::Write { path: path.clone(), what };
        let io = || Error::io(&path, "it cannot be written");
        let file = match self.inner {
            Inner::Parquet(writer) => writer.into_inner().map_err(|e| wrong(e.to_string()))?,
            Inner::Arrow(mut writer) => {
                writer.finish().map_err(|e| wrong(e.to_string()))?;
                let buffered = writer.into_inner().map_err(|e| wrong(e.to_string()))?;
                buffered.into_inner().map_err(|e| io()(e.into_error()))?
            }
            Inner::Ndjson(writer) | Inner::Csv(writer) => writer.into_inner().map_err(|e| io()(e.into_error()))?,
        };
        file.sync_all().map_err(Error::io(&path, "it cannot be flushed"))
    }
}
