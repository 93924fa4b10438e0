//! Arrow IPC, as a file (also called Feather) or as a stream.

mod lengths;

use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::path::Path;

use arrow_ipc::reader::{FileReader, StreamReader};

use super::{Chunks, Columns, Opened, number};

pub(super) fn open(path: &Path) -> Result<Opened, String> {
    let bytes = std::fs::metadata(path).map_err(|e| e.to_string())?.len();
    let schema = match is_file(path)? {
        true => file(path, None)?.schema(),
        false => stream(path, None)?.schema(),
    };
    Ok(Opened { columns: Columns::Typed(schema), rows: None, bytes })
}

pub(super) fn chunks(path: &Path, projection: &[usize], rows: usize) -> Result<Chunks, String> {
    let projection = Some(projection.to_vec());
    Ok(match is_file(path)? {
        true => number(file(path, projection)?.map(|batch| batch.map_err(|e| e.to_string())), rows),
        false => number(stream(path, projection)?.map(|batch| batch.map_err(|e| e.to_string())), rows),
    })
}

/// Whether it is a file, which starts with a name that streams lack.
fn is_file(path: &Path) -> Result<bool, String> {
    let mut reader = super::file(path)?;
    let mut start = Vec::new();
    reader.by_ref().take(6).read_to_end(&mut start).map_err(|e| e.to_string())?;
    if start.starts_with(b"FEA1") {
        return Err("it is of the first version of Feather, which is long retired; write it as Arrow or Parquet".into());
    }
    reader.rewind().map_err(|e| e.to_string())?;
    Ok(start == b"ARROW1")
}

fn file(path: &Path, projection: Option<Vec<usize>>) -> Result<FileReader<BufReader<File>>, String> {
    lengths::of_file(super::file(path)?)?;
    FileReader::try_new_buffered(super::file(path)?, projection).map_err(|e| e.to_string())
}

fn stream(path: &Path, projection: Option<Vec<usize>>) -> Result<StreamReader<BufReader<File>>, String> {
    lengths::of_stream(super::file(path)?)?;
    StreamReader::try_new_buffered(super::file(path)?, projection).map_err(|e| e.to_string())
}
