//! Columns of one value a row, plainly encoded or by a dictionary, which is how nearly all are: their pages become Arrow arrays
//! in one step, into the layouts that fields are made of. Every other column is left to the parquet crate, which also finds
//! and unpacks all pages. Judges no cells.

use std::sync::Arc;

use arrow_array::types::{
    Date32Type, Decimal64Type, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
};
use arrow_array::{
    Array, ArrayRef, BooleanArray, DictionaryArray, Float64Array, Int32Array, Int64Array, LargeStringArray,
};
use arrow_buffer::bit_util::get_bit;
use arrow_buffer::{BooleanBufferBuilder, NullBuffer, OffsetBuffer};
use arrow_cast::cast::cast;
use arrow_schema::{ArrowError, DataType, Field, TimeUnit};
use arrow_select::concat::concat;
use bytes::Bytes;
use parquet::basic::{Encoding, Type};
use parquet::column::page::{Page, PageReader};
use parquet::file::metadata::ParquetMetaData;
use parquet::file::serialized_reader::SerializedPageReader;

use super::lengths::Bounded;
use super::packed::Runs;
use crate::whole::dictionary_type;

/// A column that is read from its first row to its last.
pub(super) struct Flat {
    file: Arc<Bounded>,
    metadata: Arc<ParquetMetaData>,
    column: usize,
    ty: DataType,
    shape: Shape,
    optional: bool,
    /// The next row group, and the rows of the current one that were not read.
    group: usize,
    left: usize,
    pages: Option<SerializedPageReader<Bounded>>,
    dictionary: Option<Dictionary>,
    page: Option<Open>,
}

/// How values are stored, and what becomes of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Bool,
    I32,
    I64,
    F64,
    /// Whole numbers of so many bytes, eight at most, the highest first.
    Decimal(usize),
    Text,
    /// Texts as a dictionary.
    Named,
}

/// The values that a row group refers to by their number.
enum Dictionary {
    I32(Vec<i32>),
    I64(Vec<i64>),
    F64(Vec<f64>),
    Texts(Arc<LargeStringArray>),
}

/// A page that is being read.
struct Open {
    /// Rows that were not read.
    left: usize,
    /// Which rows have a value, where some may not.
    levels: Option<Runs>,
    values: Values,
}

enum Values {
    /// Stored one after another, from a byte on.
    Plain { bytes: Bytes, at: usize },
    /// Bits, from one on.
    Bits { bytes: Bytes, at: usize },
    /// Bits in runs.
    Runs(Runs),
    /// Numbers of the dictionary's values.
    Numbers(Runs),
}

/// Rows that were read.
struct Rows {
    valid: Option<BooleanBufferBuilder>,
    values: Made,
}

enum Made {
    Bits(BooleanBufferBuilder),
    I32(Vec<i32>),
    I64(Vec<i64>),
    F64(Vec<f64>),
    /// Where each text ends and, before the first, where it begins.
    Texts(Vec<i64>, Vec<u8>),
    Numbers(Vec<i32>),
}

/// So many numbers are looked up at a time.
const LOOKED_UP: usize = 512;

impl Flat {
    /// The column at a place among all leaves as an array of a field's type. `None`: it is stored in some other way.
    pub fn new(file: &Arc<Bounded>, metadata: &Arc<ParquetMetaData>, column: usize, field: &Field) -> Option<Flat> {
        let described = metadata.file_metadata().schema_descr_ptr();
        let described = described.columns().get(column)?;
        if described.max_rep_level() != 0 || described.max_def_level() > 1 || described.path().parts().len() != 1 {
            return None;
        }
        let shape = || {
            Some(match (described.physical_type(), field.data_type()) {
                (Type::BOOLEAN, DataType::Boolean) => Shape::Bool,
                (Type::INT32, DataType::Int32 | DataType::Date32) => Shape::I32,
                (Type::INT64, DataType::Int64 | DataType::Decimal64(..)) => Shape::I64,
                (Type::INT64, DataType::Timestamp(unit, _)) if *unit != TimeUnit::Second => Shape::I64,
                (Type::DOUBLE, DataType::Float64) => Shape::F64,
                (Type::FIXED_LEN_BYTE_ARRAY, DataType::Decimal64(..)) => {
                    let width = usize::try_from(described.type_length()).ok();
                    Shape::Decimal(width.filter(|width| (1..=8).contains(width))?)
                }
                (Type::BYTE_ARRAY, DataType::LargeUtf8) => Shape::Text,
                (Type::BYTE_ARRAY, ty) if *ty == dictionary_type() => Shape::Named,
                _ => return None,
            })
        };
        let is_read = |encoding| is_dictionary(encoding) || matches!(encoding, Encoding::PLAIN | Encoding::RLE);
        let mut chunks = metadata.row_groups().iter().map(|group| group.columns().get(column));
        if !chunks.all(|chunk| chunk.is_some_and(|chunk| chunk.encodings().all(is_read))) {
            return None;
        }
        Some(Flat {
            file: Arc::clone(file),
            metadata: Arc::clone(metadata),
            column,
            ty: field.data_type().clone(),
            shape: shape()?,
            optional: described.max_def_level() == 1,
            group: 0,
            left: 0,
            pages: None,
            dictionary: None,
            page: None,
        })
    }

    /// The next rows. **Errors**: there are fewer; they are not what the file says of them.
    pub fn next(&mut self, rows: usize) -> Result<ArrayRef, String> {
        let (mut pieces, mut made, mut missing) = (Vec::new(), None, rows);
        while missing > 0 {
            self.turn()?;
            let Some(page) = &mut self.page else { return Err(damaged("a column in it ends early")) };
            let numbers = self.shape == Shape::Named && matches!(page.values, Values::Numbers(_));
            // Numbers of a dictionary and texts that stand for themselves do not go together.
            if let Some(done) = made.take_if(|rows: &mut Rows| rows.has_numbers() != numbers) {
                pieces.push(done.finish(&self.ty, self.dictionary.as_ref())?);
            }
            let to = made.get_or_insert_with(|| Rows::new(self.shape, numbers, self.optional, missing));
            let count = missing.min(page.left).min(self.left);
            page.read(count, self.shape, self.dictionary.as_ref(), to)
                .ok_or_else(|| damaged("values of a column in it are not what they are said to be"))?;
            missing -= count;
            self.left -= count;
            if self.left == 0 {
                if let Some(done) = made.take_if(|rows| rows.has_numbers()) {
                    pieces.push(done.finish(&self.ty, self.dictionary.as_ref())?);
                }
                self.end()?;
            }
        }
        if let Some(done) = made {
            pieces.push(done.finish(&self.ty, self.dictionary.as_ref())?);
        }
        joined(pieces)
    }

    /// Sees to it that there is a page with rows, as long as there is a row group.
    fn turn(&mut self) -> Result<(), String> {
        while self.page.as_ref().is_none_or(|page| page.left == 0) {
            if self.left == 0 {
                let Some(group) = self.metadata.row_groups().get(self.group) else { return Ok(()) };
                self.group += 1;
                self.left = usize::try_from(group.num_rows()).map_err(|_| damaged("its rows cannot be counted"))?;
                let column = group.columns().get(self.column).ok_or_else(|| damaged("a column in it is not there"))?;
                let pages = SerializedPageReader::new(Arc::clone(&self.file), column, self.left, None);
                self.pages = Some(pages.map_err(|e| e.to_string())?);
                continue;
            }
            let Some(pages) = &mut self.pages else { return Ok(()) };
            match pages.get_next_page().map_err(|e| e.to_string())? {
                None => return Err(damaged("a column in it ends early")),
                Some(Page::DictionaryPage { buf, num_values, .. }) => {
                    let made = Dictionary::new(&buf, num_values as usize, self.shape);
                    self.dictionary =
                        Some(made.ok_or_else(|| damaged("a dictionary in it is not what it is said to be"))?);
                }
                Some(page) => {
                    let open = Open::new(page, self.shape, self.optional);
                    self.page = Some(open.ok_or_else(|| damaged("a page in it is not what it is said to be"))?);
                }
            }
        }
        Ok(())
    }

    /// Lets go of a row group. **Errors**: it has more rows than it says.
    fn end(&mut self) -> Result<(), String> {
        self.dictionary = None;
        let mut more = self.page.take().is_some_and(|page| page.left > 0);
        if let Some(mut pages) = self.pages.take() {
            while let Some(page) = pages.get_next_page().map_err(|e| e.to_string())? {
                more |= page.is_data_page() && page.num_values() > 0;
            }
        }
        if more { Err(damaged("a column in it has more rows than it says")) } else { Ok(()) }
    }
}

fn damaged(what: &str) -> String {
    format!("{what}; {}", super::super::DAMAGED)
}

#[allow(deprecated, reason = "older files have the older one")]
fn is_dictionary(encoding: Encoding) -> bool {
    matches!(encoding, Encoding::RLE_DICTIONARY | Encoding::PLAIN_DICTIONARY)
}

/// Some of a buffer, shared with it.
fn part(bytes: &Bytes, from: usize, to: usize) -> Option<Bytes> {
    (from <= to && to <= bytes.len()).then(|| bytes.slice(from..to))
}

/// What begins with its length, from a place on, and where it ends.
fn with_length(bytes: &Bytes, at: usize) -> Option<(Bytes, usize)> {
    let length = bytes.get(at..)?.first_chunk::<4>()?;
    let from = at + 4;
    let to = from.checked_add(u32::from_le_bytes(*length) as usize)?;
    Some((part(bytes, from, to)?, to))
}

impl Dictionary {
    /// `None`: there are fewer values, or texts that are none.
    fn new(bytes: &Bytes, count: usize, shape: Shape) -> Option<Dictionary> {
        let of = |width: usize| bytes.get(..count.checked_mul(width)?);
        Some(match shape {
            Shape::Bool => return None,
            Shape::I32 => Dictionary::I32(of(4)?.chunks_exact(4).map(i32_of).collect()),
            Shape::I64 => Dictionary::I64(of(8)?.chunks_exact(8).map(i64_of).collect()),
            Shape::F64 => Dictionary::F64(of(8)?.chunks_exact(8).map(f64_of).collect()),
            Shape::Decimal(width) => {
                let mut values = Vec::with_capacity(of(width)?.len() / width);
                decimals(of(width)?, width, &mut values);
                Dictionary::I64(values)
            }
            Shape::Text | Shape::Named => {
                // Each text has at least its length.
                let mut offsets = Vec::with_capacity(count.min(bytes.len() / 4) + 1);
                let (mut texts, mut at) = (Vec::with_capacity(bytes.len()), 0);
                offsets.push(0);
                for _ in 0..count {
                    at = append_text(bytes, at, &mut texts)?;
                    offsets.push(texts.len() as i64);
                }
                let offsets = OffsetBuffer::new(offsets.into());
                Dictionary::Texts(Arc::new(LargeStringArray::try_new(offsets, texts.into(), None).ok()?))
            }
        })
    }
}

fn i32_of(bytes: &[u8]) -> i32 {
    i32::from_le_bytes(bytes.try_into().unwrap_or_default())
}

fn i64_of(bytes: &[u8]) -> i64 {
    i64::from_le_bytes(bytes.try_into().unwrap_or_default())
}

fn f64_of(bytes: &[u8]) -> f64 {
    f64::from_le_bytes(bytes.try_into().unwrap_or_default())
}

/// Whole numbers of so many bytes, the highest first.
fn decimals(bytes: &[u8], width: usize, to: &mut Vec<i64>) {
    let others = 8 * (8 - width);
    let before = to.len();
    // Eight bytes at a time, of which the last ones belong to the next number.
    let number = |bytes: &[u8]| i64::from_be_bytes(bytes.try_into().unwrap_or_default()) >> others;
    to.extend(bytes.windows(8).step_by(width).map(number));
    for bytes in bytes.chunks_exact(width).skip(to.len() - before) {
        let mut wide = [0; 8];
        if let Some(slots) = wide.get_mut(..width) {
            slots.copy_from_slice(bytes);
        }
        to.push(i64::from_be_bytes(wide) >> others);
    }
}

/// Adds the text at a place, and tells where the next one is.
fn append_text(bytes: &[u8], at: usize, to: &mut Vec<u8>) -> Option<usize> {
    let (length, rest) = bytes.get(at..)?.split_first_chunk::<4>()?;
    let length = u32::from_le_bytes(*length) as usize;
    to.extend_from_slice(rest.get(..length)?);
    Some(at + 4 + length)
}

impl Open {
    /// `None`: it is shorter than it says, or holds what its column does not.
    fn new(page: Page, shape: Shape, optional: bool) -> Option<Open> {
        let (buf, rows, encoding, levels, from) = match page {
            Page::DictionaryPage { .. } => return None,
            Page::DataPage { buf, num_values, encoding, def_level_encoding, .. } => {
                let (levels, from) = match optional {
                    true if def_level_encoding != Encoding::RLE => return None,
                    true => with_length(&buf, 0).map(|(levels, from)| (Some(levels), from))?,
                    false => (None, 0),
                };
                (buf, num_values, encoding, levels, from)
            }
            Page::DataPageV2 { buf, num_values, encoding, def_levels_byte_len, rep_levels_byte_len, .. } => {
                let begin = rep_levels_byte_len as usize;
                let from = begin.checked_add(def_levels_byte_len as usize)?;
                let levels = part(&buf, begin, from)?;
                (buf, num_values, encoding, optional.then_some(levels), from)
            }
        };
        let levels = match levels {
            Some(levels) => Some(Runs::new(levels, 1)?),
            None => None,
        };
        let values = match encoding {
            Encoding::PLAIN if shape == Shape::Bool => Values::Bits { bytes: part(&buf, from, buf.len())?, at: 0 },
            Encoding::PLAIN => Values::Plain { bytes: buf, at: from },
            Encoding::RLE if shape == Shape::Bool => Values::Runs(Runs::new(with_length(&buf, from)?.0, 1)?),
            encoding if is_dictionary(encoding) && shape != Shape::Bool => {
                // A page without values may end here.
                let width = buf.get(from).copied().unwrap_or(0);
                Values::Numbers(Runs::new(part(&buf, buf.len().min(from + 1), buf.len())?, usize::from(width))?)
            }
            _ => return None,
        };
        Some(Open { left: rows as usize, levels, values })
    }

    /// Reads so many rows, which it has. `None`: their values are not there.
    fn read(&mut self, count: usize, shape: Shape, dictionary: Option<&Dictionary>, to: &mut Rows) -> Option<()> {
        let (mut present, mut valid) = (count, None);
        if let (Some(levels), Some(all)) = (&mut self.levels, &mut to.valid) {
            let mut bits = BooleanBufferBuilder::new(count);
            present = levels.read_bits(count, &mut bits)?;
            all.append_packed_range(0..count, bits.as_slice());
            valid = (present < count).then_some(bits);
        }
        let rows = Present { rows: count, values: present, valid: valid.as_ref().map(BooleanBufferBuilder::as_slice) };
        let values = &mut self.values;
        match (&mut to.values, dictionary) {
            (Made::Bits(to), _) => rows.bits(values, to)?,
            (Made::I32(to), dictionary) => {
                let known = if let Some(Dictionary::I32(known)) = dictionary { known.as_slice() } else { &[] };
                rows.fixed(values, 4, known, |bytes, to| to.extend(bytes.chunks_exact(4).map(i32_of)), to)?;
            }
            (Made::F64(to), dictionary) => {
                let known = if let Some(Dictionary::F64(known)) = dictionary { known.as_slice() } else { &[] };
                rows.fixed(values, 8, known, |bytes, to| to.extend(bytes.chunks_exact(8).map(f64_of)), to)?;
            }
            (Made::I64(to), dictionary) => {
                let known = if let Some(Dictionary::I64(known)) = dictionary { known.as_slice() } else { &[] };
                match shape {
                    Shape::Decimal(width) => {
                        rows.fixed(values, width, known, |bytes, to| decimals(bytes, width, to), to)?;
                    }
                    _ => rows.fixed(values, 8, known, |bytes, to| to.extend(bytes.chunks_exact(8).map(i64_of)), to)?,
                }
            }
            (Made::Numbers(to), Some(Dictionary::Texts(known))) => rows.numbers(values, known.len(), to)?,
            (Made::Texts(offsets, bytes), known) => rows.texts(values, known, offsets, bytes)?,
            (Made::Numbers(_), _) => return None,
        }
        self.left -= count;
        Some(())
    }
}

/// Rows that are read, of which only some may have a value.
struct Present<'v> {
    rows: usize,
    values: usize,
    valid: Option<&'v [u8]>,
}

impl Present<'_> {
    /// Values of so many bytes each, or those that a dictionary knows.
    fn fixed<T: Copy + Default>(
        &self,
        values: &mut Values,
        width: usize,
        known: &[T],
        plain: impl Fn(&[u8], &mut Vec<T>),
        to: &mut Vec<T>,
    ) -> Option<()> {
        let read = |to: &mut Vec<T>| {
            match values {
                Values::Plain { bytes, at } => {
                    let end = *at + self.values * width;
                    plain(bytes.get(*at..end)?, to);
                    *at = end;
                }
                Values::Numbers(numbers) => looked_up(numbers, self.values, known.len(), |numbers| {
                    to.extend(numbers.iter().map(|number| known.get(*number as usize).copied().unwrap_or_default()));
                })?,
                Values::Bits { .. } | Values::Runs(_) => return None,
            }
            Some(())
        };
        self.spread(read, to)
    }

    /// Numbers of a dictionary's values.
    fn numbers(&self, values: &mut Values, known: usize, to: &mut Vec<i32>) -> Option<()> {
        let Values::Numbers(numbers) = values else { return None };
        let read = |to: &mut Vec<i32>| {
            looked_up(numbers, self.values, known, |numbers| to.extend(numbers.iter().map(|number| *number as i32)))
        };
        self.spread(read, to)
    }

    /// Puts values where the rows are that have one.
    fn spread<T: Copy + Default>(&self, read: impl FnOnce(&mut Vec<T>) -> Option<()>, to: &mut Vec<T>) -> Option<()> {
        let Some(valid) = self.valid else { return read(to) };
        // With eight more behind the last value, eight can be looked at from each.
        let mut dense = Vec::with_capacity(self.values + 8);
        read(&mut dense)?;
        dense.resize(self.values + 8, T::default());
        let before = to.len();
        to.resize(before + self.rows.next_multiple_of(8), T::default());
        let mut from = 0;
        for (valid, rows) in valid.iter().zip(to.get_mut(before..)?.chunks_exact_mut(8)) {
            let next: &[T; 8] = dense.get(from..)?.first_chunk()?;
            let mut at = 0;
            for (place, row) in rows.iter_mut().enumerate() {
                let is_there = valid >> place & 1;
                let value = next.get(at & 7).copied().unwrap_or_default();
                *row = if is_there == 1 { value } else { T::default() };
                at += usize::from(is_there);
            }
            from += at;
        }
        to.truncate(before + self.rows);
        Some(())
    }

    fn bits(&self, values: &mut Values, to: &mut BooleanBufferBuilder) -> Option<()> {
        let mut read = |to: &mut BooleanBufferBuilder| {
            match values {
                Values::Bits { bytes, at } => {
                    let end = *at + self.values;
                    to.append_packed_range(*at..end, bytes.get(..end.div_ceil(8))?);
                    *at = end;
                }
                Values::Runs(runs) => {
                    runs.read_bits(self.values, to)?;
                }
                Values::Plain { .. } | Values::Numbers(_) => return None,
            }
            Some(())
        };
        let Some(valid) = self.valid else { return read(to) };
        let mut dense = BooleanBufferBuilder::new(self.values);
        read(&mut dense)?;
        let mut from = 0;
        for row in 0..self.rows {
            let is_there = get_bit(valid, row);
            to.append(is_there && get_bit(dense.as_slice(), from));
            from += usize::from(is_there);
        }
        Some(())
    }

    fn texts(
        &self,
        values: &mut Values,
        known: Option<&Dictionary>,
        offsets: &mut Vec<i64>,
        to: &mut Vec<u8>,
    ) -> Option<()> {
        let is_there = |row: usize| self.valid.is_none_or(|valid| get_bit(valid, row));
        match (values, known) {
            (Values::Plain { bytes, at }, _) => {
                for row in 0..self.rows {
                    if is_there(row) {
                        *at = append_text(bytes, *at, to)?;
                    }
                    offsets.push(to.len() as i64);
                }
            }
            (Values::Numbers(numbers), Some(Dictionary::Texts(known))) => {
                let mut all = vec![0; self.values];
                numbers.read(&mut all)?;
                if all.iter().any(|number| *number as usize >= known.len()) {
                    return None;
                }
                let mut all = all.into_iter();
                for row in 0..self.rows {
                    if is_there(row) {
                        to.extend_from_slice(known.value(all.next()? as usize).as_bytes());
                    }
                    offsets.push(to.len() as i64);
                }
            }
            _ => return None,
        }
        Some(())
    }
}

/// Gives `each` all of so many numbers, in pieces. `None`: there are fewer, or one is not below `known`.
fn looked_up(numbers: &mut Runs, count: usize, known: usize, mut each: impl FnMut(&[u32])) -> Option<()> {
    let (mut piece, mut left) = ([0; LOOKED_UP], count);
    while left > 0 {
        let now = piece.get_mut(..left.min(LOOKED_UP))?;
        numbers.read(now)?;
        let most = now.iter().fold(0, |most, number| most.max(*number));
        if most as usize >= known {
            return None;
        }
        left -= now.len();
        each(now);
    }
    Some(())
}

impl Rows {
    fn new(shape: Shape, numbers: bool, optional: bool, rows: usize) -> Rows {
        let values = match shape {
            Shape::Bool => Made::Bits(BooleanBufferBuilder::new(rows)),
            Shape::I32 => Made::I32(Vec::with_capacity(rows + 8)),
            Shape::I64 | Shape::Decimal(_) => Made::I64(Vec::with_capacity(rows + 8)),
            Shape::F64 => Made::F64(Vec::with_capacity(rows + 8)),
            Shape::Named if numbers => Made::Numbers(Vec::with_capacity(rows + 8)),
            Shape::Named | Shape::Text => {
                let mut offsets = Vec::with_capacity(rows + 1);
                offsets.push(0);
                Made::Texts(offsets, Vec::with_capacity(rows * 8))
            }
        };
        Rows { valid: optional.then(|| BooleanBufferBuilder::new(rows)), values }
    }

    fn has_numbers(&self) -> bool {
        matches!(self.values, Made::Numbers(_))
    }

    /// **Errors**: texts that are none.
    fn finish(self, ty: &DataType, dictionary: Option<&Dictionary>) -> Result<ArrayRef, String> {
        let nulls = self.valid.map(|valid| NullBuffer::new(valid.build())).filter(|nulls| nulls.null_count() > 0);
        let arrow = |e: ArrowError| e.to_string();
        let array: ArrayRef = match self.values {
            Made::Bits(bits) => Arc::new(BooleanArray::new(bits.build(), nulls)),
            Made::F64(values) => Arc::new(Float64Array::try_new(values.into(), nulls).map_err(arrow)?),
            Made::I32(values) => {
                let numbers = Int32Array::try_new(values.into(), nulls).map_err(arrow)?;
                match ty {
                    DataType::Date32 => Arc::new(numbers.reinterpret_cast::<Date32Type>()),
                    _ => Arc::new(numbers),
                }
            }
            Made::I64(values) => {
                let numbers = Int64Array::try_new(values.into(), nulls).map_err(arrow)?;
                macro_rules! of {
                    ($kind:ty) => {
                        Arc::new(numbers.reinterpret_cast::<$kind>().with_data_type(ty.clone()))
                    };
                }
                match ty {
                    DataType::Decimal64(..) => of!(Decimal64Type),
                    DataType::Timestamp(TimeUnit::Millisecond, _) => of!(TimestampMillisecondType),
                    DataType::Timestamp(TimeUnit::Microsecond, _) => of!(TimestampMicrosecondType),
                    DataType::Timestamp(TimeUnit::Nanosecond, _) => of!(TimestampNanosecondType),
                    _ => Arc::new(numbers),
                }
            }
            Made::Texts(offsets, bytes) => {
                let offsets = OffsetBuffer::new(offsets.into());
                Arc::new(LargeStringArray::try_new(offsets, bytes.into(), nulls).map_err(arrow)?)
            }
            Made::Numbers(numbers) => {
                let Some(Dictionary::Texts(texts)) = dictionary else {
                    return Err(damaged("a dictionary in it is lost"));
                };
                let numbers = Int32Array::try_new(numbers.into(), nulls).map_err(arrow)?;
                Arc::new(DictionaryArray::try_new(numbers, Arc::clone(texts) as ArrayRef).map_err(arrow)?)
            }
        };
        Ok(array)
    }
}

/// Pieces of a column, of which some may be dictionaries and others not.
fn joined(mut pieces: Vec<ArrayRef>) -> Result<ArrayRef, String> {
    let ty = pieces.first().map(|piece| piece.data_type().clone());
    if pieces.iter().any(|piece| Some(piece.data_type()) != ty.as_ref()) {
        let plain = |piece: &ArrayRef| cast(piece, &DataType::LargeUtf8).map_err(|e| e.to_string());
        pieces = pieces.iter().map(plain).collect::<Result<_, _>>()?;
    }
    match pieces.as_slice() {
        [only] => Ok(Arc::clone(only)),
        pieces => concat(&pieces.iter().map(AsRef::as_ref).collect::<Vec<&dyn Array>>()).map_err(|e| e.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_of_every_width_keep_their_sign() {
        for width in 1..=8_usize {
            let most = i64::MAX >> (64 - 8 * width);
            let numbers = [0, 1, -1, most, -most - 1, 77, -77, most / 3];
            let bytes: Vec<u8> = numbers.iter().flat_map(|n| n.to_be_bytes().into_iter().skip(8 - width)).collect();
            for count in 0..=numbers.len() {
                let mut read = vec![5];
                decimals(&bytes[..count * width], width, &mut read);
                assert_eq!(read[1..], numbers[..count], "{width} bytes");
            }
        }
    }
}
