//! One JSON object a line. A line that is none is that line's fault alone.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use super::{Chunk, Chunks, Columns, Data, Numbers, Opened};
use crate::json::Json;

/// The longest line.
const LINE_BYTES_MAX: usize = 16 << 20;

pub(super) fn open(path: &Path) -> Result<Opened, String> {
    let bytes = std::fs::metadata(path).map_err(|e| e.to_string())?.len();
    super::file(path)?;
    Ok(Opened { columns: Columns::Open, rows: None, bytes })
}

pub(super) fn chunks(path: &Path, rows: usize) -> Result<Chunks, String> {
    let mut reader = BufReader::with_capacity(1 << 20, super::file(path)?);
    let mut number = 0;
    let mut line = Vec::new();
    Ok(Box::new(std::iter::from_fn(move || {
        let (mut values, mut numbers, mut malformed) = (Vec::new(), Vec::new(), Vec::new());
        while values.len() < rows {
            line.clear();
            match reader.by_ref().take(LINE_BYTES_MAX as u64 + 1).read_until(b'\n', &mut line) {
                Ok(0) => break,
                Ok(_) => number += 1,
                Err(error) => return Some(Err(error.to_string())),
            }
            let too_long = line.len() > LINE_BYTES_MAX;
            if too_long && let Err(error) = reader.skip_until(b'\n') {
                return Some(Err(error.to_string()));
            }
            let parsed = match line.trim_ascii() {
                [] => continue,
                _ if too_long => Err("the line is longer than 16 MiB".to_string()),
                bytes => parse(bytes, number == 1),
            };
            if let Err(what) = &parsed {
                malformed.push((values.len() as u32, what.clone()));
            }
            values.push(parsed.unwrap_or(Json::Null));
            numbers.push(number);
        }
        if values.is_empty() {
            return None;
        }
        let rows = values.len();
        Some(Ok(Chunk { rows, numbers: Numbers::Each(numbers), data: Data::Json(values), malformed }))
    })))
}

fn parse(bytes: &[u8], first: bool) -> Result<Json, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "the line is not UTF-8".to_string())?;
    let text = if first { text.strip_prefix('\u{feff}').unwrap_or(text) } else { text };
    match Json::parse(text) {
        Ok(object @ Json::Object(_)) => Ok(object),
        Ok(other) => Err(format!("the line is {}, not an object", other.what())),
        // Which names are a schema's is not known here, and those below a field may be data: the first is told.
        Err(fault) => match fault.within(|path| path.is_empty()).as_str() {
            "" => Err(fault.what),
            name => Err(format!("`{name}`: {}", fault.what)),
        },
    }
}
