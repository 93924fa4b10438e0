//! Event rows on disk: Arrow IPC in a file without a name, which is gone as soon as nothing has it open, however a run ends.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use arrow_array::cast::AsArray;
use arrow_array::types::UInt16Type;
use arrow_array::{Array, ArrayRef, LargeListArray, NullArray, RecordBatch, UInt16Array};
use arrow_ipc::reader::FileReader;
use arrow_ipc::writer::FileWriter;
use arrow_schema::{ArrowError, Field, Schema};
use seg_evaluator::{Column, ListColumn};

use crate::error::Error;
use crate::store::Piece;

/// Where the rows of a table go, and what they are made of.
pub(crate) struct Spill<'r> {
    folder: PathBuf,
    table: &'r str,
    /// Columns of no rows, each of its field's layout.
    layout: &'r [Column],
    /// All runs, one after another, once there is one.
    file: Option<Arc<File>>,
}

/// Rows that were written together, a batch a part.
pub(crate) struct Run {
    reader: Mutex<FileReader<BufReader<Section>>>,
    layout: Vec<Column>,
    folder: PathBuf,
    table: String,
    pub bytes: u64,
}

/// A part of a file that is a file to whoever reads it.
struct Section {
    file: Arc<File>,
    start: u64,
    bytes: u64,
    at: u64,
}

impl<'r> Spill<'r> {
    pub fn new(folder: PathBuf, table: &'r str, layout: &'r [Column]) -> Spill<'r> {
        Spill { folder, table, layout, file: None }
    }

    /// Writes the rows of all parts, one after another. **Errors**: a folder or disk that does not take them.
    pub fn write(&mut self, parts: impl Iterator<Item = Result<Option<Piece>, Error>>) -> Result<Run, Error> {
        let layout = self.layout.to_vec();
        let empty = batch(&Piece { places: Vec::new(), columns: layout.clone() }).map_err(|e| self.error(e))?;
        let file = match &self.file {
            Some(file) => Arc::clone(file),
            None => Arc::new(tempfile::tempfile_in(&self.folder).map_err(|e| self.error(e.into()))?),
        };
        self.file = Some(Arc::clone(&file));
        let start = (&*file).stream_position().map_err(|e| self.error(e.into()))?;
        let writer = FileWriter::try_new(BufWriter::with_capacity(1 << 20, &*file), &empty.schema());
        let mut writer = writer.map_err(|e| self.error(e))?;
        for part in parts {
            let rows = part?.map_or_else(|| Ok(empty.clone()), |piece| batch(&piece));
            rows.and_then(|rows| writer.write(&rows)).map_err(|e| self.error(e))?;
        }
        ended(writer).map_err(|e| self.error(e))?;
        let end = (&*file).stream_position().map_err(|e| self.error(e.into()))?;
        let bytes = end.saturating_sub(start);
        let section = Section { file, start, bytes, at: 0 };
        let reader = FileReader::try_new(BufReader::new(section), None).map_err(|e| self.error(e))?;
        let (folder, table) = (self.folder.clone(), self.table.to_string());
        Ok(Run { reader: Mutex::new(reader), layout, folder, table, bytes })
    }

    fn error(&self, error: ArrowError) -> Error {
        spilling(self.table, &self.folder, "be put on disk", error)
    }
}

fn ended(mut writer: FileWriter<BufWriter<&File>>) -> Result<(), ArrowError> {
    writer.finish()?;
    Ok(writer.into_inner()?.flush()?)
}

impl Read for Section {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.bytes.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let wanted = left.min(buffer.len());
        let read = self.file.read_at(buffer.get_mut(..wanted).unwrap_or_default(), self.start + self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for Section {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => self.bytes.checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

impl Run {
    /// The rows of a part. **Errors**: those of the disk.
    pub fn read(&self, part: usize) -> Result<Option<Piece>, Error> {
        let error = |e| spilling(&self.table, &self.folder, "be read from disk again", e);
        let mut reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        reader.set_index(part).map_err(error)?;
        let Some(rows) = reader.next() else { return Ok(None) };
        drop(reader);
        let rows = rows.map_err(error)?;
        if rows.num_rows() == 0 {
            return Ok(None);
        }
        let places = rows.column(0).as_primitive::<UInt16Type>().values().to_vec();
        let columns = self.layout.iter().zip(rows.columns().iter().skip(1));
        Ok(Some(Piece { places, columns: columns.map(|(like, array)| column(like, array)).collect() }))
    }
}

fn spilling(table: &str, folder: &Path, what: &'static str, error: ArrowError) -> Error {
    let source = match error {
        ArrowError::IoError(_, error) => error,
        other => io::Error::other(other.to_string()),
    };
    Error::Spill { table: table.to_string(), folder: folder.to_path_buf(), what, source }
}

fn batch(piece: &Piece) -> Result<RecordBatch, ArrowError> {
    let places: ArrayRef = Arc::new(UInt16Array::from(piece.places.clone()));
    let arrays: Vec<ArrayRef> = std::iter::once(places).chain(piece.columns.iter().map(array)).collect();
    let field = |(index, array): (usize, &ArrayRef)| Field::new(index.to_string(), array.data_type().clone(), true);
    let schema = Schema::new(arrays.iter().enumerate().map(field).collect::<Vec<_>>());
    RecordBatch::try_new(Arc::new(schema), arrays)
}

fn array(column: &Column) -> ArrayRef {
    match column {
        Column::Bool(a) => Arc::new(a.clone()),
        Column::Int(a) | Column::Percent(a) | Column::Money(a) | Column::Timestamp(a) | Column::Span(a) => {
            Arc::new(a.clone())
        }
        Column::Number(a) => Arc::new(a.clone()),
        Column::Date(a) | Column::TimeOfDay(a) => Arc::new(a.clone()),
        Column::Enum(a) | Column::Reference(a) => Arc::new(a.clone()),
        Column::Text(a) => Arc::new(a.clone()),
        Column::Unread(rows) => Arc::new(NullArray::new(*rows)),
        Column::List(list) => {
            let items = array(&list.items);
            let field = Arc::new(Field::new("item", items.data_type().clone(), true));
            Arc::new(LargeListArray::new(field, list.offsets.clone(), items, list.nulls.clone()))
        }
    }
}

/// An array as a column like another.
fn column(like: &Column, array: &ArrayRef) -> Column {
    match like {
        Column::Bool(_) => Column::Bool(array.as_boolean().clone()),
        Column::Int(_) => Column::Int(array.as_primitive().clone()),
        Column::Percent(_) => Column::Percent(array.as_primitive().clone()),
        Column::Money(_) => Column::Money(array.as_primitive().clone()),
        Column::Timestamp(_) => Column::Timestamp(array.as_primitive().clone()),
        Column::Span(_) => Column::Span(array.as_primitive().clone()),
        Column::Number(_) => Column::Number(array.as_primitive().clone()),
        Column::Date(_) => Column::Date(array.as_primitive().clone()),
        Column::TimeOfDay(_) => Column::TimeOfDay(array.as_primitive().clone()),
        Column::Enum(_) => Column::Enum(array.as_primitive().clone()),
        Column::Reference(_) => Column::Reference(array.as_primitive().clone()),
        Column::Text(_) => Column::Text(array.as_string().clone()),
        Column::Unread(_) => Column::Unread(array.len()),
        Column::List(of) => {
            let list: &LargeListArray = array.as_list();
            Column::List(ListColumn {
                offsets: list.offsets().clone(),
                items: Box::new(column(&of.items, list.values())),
                nulls: list.nulls().cloned(),
            })
        }
    }
}
