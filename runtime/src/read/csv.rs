//! CSV with a header. Every cell is text here; what it is a cell of decides later. A row with too many or too few cells
//! is that row's fault alone.

use std::path::Path;

use csv::{ByteRecord, Reader, ReaderBuilder};

use super::{Chunk, Chunks, Columns, Data, Numbers, Opened};

/// The cells of a column, one after another.
#[derive(Debug, Clone, Default)]
pub(crate) struct TextColumn {
    text: String,
    ends: Vec<usize>,
}

impl TextColumn {
    /// The cell of a row; empty beyond the end.
    #[inline]
    pub fn get(&self, row: usize) -> &str {
        let start = row.checked_sub(1).map_or(Some(&0), |before| self.ends.get(before));
        match (start, self.ends.get(row)) {
            (Some(start), Some(end)) => self.text.get(*start..*end).unwrap_or(""),
            _ => "",
        }
    }

    /// Cuts off the cells from a row on.
    pub fn split_off(&mut self, row: usize) -> TextColumn {
        let at = row.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied());
        let at = at.unwrap_or(self.text.len());
        let mut ends = self.ends.split_off(row.min(self.ends.len()));
        ends.iter_mut().for_each(|end| *end -= at);
        TextColumn { text: self.text.split_off(at), ends }
    }

    fn push(&mut self, cell: &str) {
        self.text.push_str(cell);
        self.ends.push(self.text.len());
    }
}

pub(super) fn open(path: &Path) -> Result<Opened, String> {
    let bytes = std::fs::metadata(path).map_err(|e| e.to_string())?.len();
    Ok(Opened { columns: Columns::Named(header(&mut reader(path)?)?), rows: None, bytes: bytes.saturating_mul(2) })
}

pub(super) fn chunks(path: &Path, projection: &[usize], rows: usize) -> Result<Chunks, String> {
    let mut reader = reader(path)?;
    let width = header(&mut reader)?.len();
    let projection = projection.to_vec();
    let mut record = ByteRecord::new();
    let mut next = 1;
    Ok(Box::new(std::iter::from_fn(move || {
        let mut columns = vec![TextColumn::default(); projection.len()];
        let mut malformed = Vec::new();
        let mut count = 0;
        while count < rows {
            match reader.read_byte_record(&mut record) {
                Ok(true) => {
                    if let Err(what) = take(&record, width, &projection, &mut columns) {
                        malformed.push((count as u32, what));
                    }
                    count += 1;
                }
                Ok(false) => break,
                Err(error) => return Some(Err(error.to_string())),
            }
        }
        if count == 0 {
            return None;
        }
        let numbers = Numbers::From(next);
        next += count as u64;
        Some(Ok(Chunk { rows: count, numbers, data: Data::Csv(columns), malformed }))
    })))
}

fn reader(path: &Path) -> Result<Reader<std::fs::File>, String> {
    let file = super::file(path)?;
    Ok(ReaderBuilder::new().has_headers(true).flexible(true).buffer_capacity(1 << 20).from_reader(file))
}

fn header(reader: &mut Reader<std::fs::File>) -> Result<Vec<String>, String> {
    let header = reader.byte_headers().map_err(|e| e.to_string())?;
    let names: Result<Vec<String>, _> = header.iter().map(|name| String::from_utf8(name.to_vec())).collect();
    let mut names = names.map_err(|_| "its header is not UTF-8".to_string())?;
    if let Some(first) = names.first_mut()
        && let Some(rest) = first.strip_prefix('\u{feff}')
    {
        *first = rest.to_string();
    }
    if names.iter().all(String::is_empty) {
        return Err("it has no header line that names its columns".to_string());
    }
    Ok(names)
}

/// Adds the cells of a record; one that is not as wide as the header is refused, and its cells are missing.
fn take(record: &ByteRecord, width: usize, projection: &[usize], columns: &mut [TextColumn]) -> Result<(), String> {
    let mut fault = None;
    if record.len() != width {
        fault = Some(format!("the row has {} cells, and the header {width}", record.len()));
    }
    for (column, index) in columns.iter_mut().zip(projection) {
        let cell = match &fault {
            None => std::str::from_utf8(record.get(*index).unwrap_or(b"")),
            Some(_) => Ok(""),
        };
        match cell {
            Ok(text) => column.push(text),
            Err(_) => {
                column.push("");
                fault = Some("the row is not UTF-8; write the file in that encoding".to_string());
            }
        }
    }
    fault.map_or(Ok(()), Err)
}
