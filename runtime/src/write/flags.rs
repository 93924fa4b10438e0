//! Boolean columns of a Parquet file, made from Arrow's bitmaps a word at a time: the definition levels of a flat column are
//! its validity, and plain values are Arrow's bits in Arrow's order, without those that are missing. **Source**: the Parquet
//! format, Encodings.md (PLAIN, the RLE / bit-packing hybrid) and data page V1.

use arrow_array::{Array, BooleanArray};
use bytes::Bytes;
use parquet::basic::{BoundaryOrder, Compression, Encoding, EncodingMask, PageType};
use parquet::column::page::{CompressedPage, Page, PageWriter};
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::Result;
use parquet::file::metadata::{
    ColumnChunkMetaData, ColumnIndexBuilder, LevelHistogram, OffsetIndexBuilder, PageEncodingStats,
};
use parquet::file::statistics::{Statistics, ValueStatistics};
use parquet::file::writer::{SerializedPageWriter, TrackedWrite};
use parquet::schema::types::ColumnDescPtr;

use super::bits::{Bits, compact, low};

/// A Boolean column of one row group.
pub(super) struct Flags {
    column: ColumnDescPtr,
    page: Unfinished,
    /// The pages that are done, each under its header.
    bytes: Vec<u8>,
    /// The same before compression.
    uncompressed: usize,
    pages: i32,
    rows: usize,
    nulls: usize,
    seen: Seen,
    levels: Option<LevelHistogram>,
    order: Order,
    index: ColumnIndexBuilder,
    offsets: OffsetIndexBuilder,
}

/// A page to which rows are added.
#[derive(Default)]
struct Unfinished {
    /// Which rows have a value.
    present: Bits,
    /// The values of those that have one.
    values: Bits,
    seen: Seen,
}

impl Unfinished {
    fn append(&mut self, array: &BooleanArray) {
        let mut left = array.len();
        let mut add = |word: u64, valid: u64| {
            let rows = left.min(64) as u32;
            left -= rows as usize;
            let mask = valid & low(rows);
            let (kept, count) = (compact(word, mask), mask.count_ones());
            self.present.push(mask, rows);
            self.values.push(kept, count);
            self.seen.yes |= kept != 0;
            self.seen.no |= kept != low(count);
        };
        let words = array.values().bit_chunks();
        match array.nulls().map(|nulls| nulls.inner().bit_chunks()) {
            Some(valid) => words.iter_padded().zip(valid.iter_padded()).for_each(|(word, valid)| add(word, valid)),
            None => words.iter_padded().for_each(|word| add(word, u64::MAX)),
        }
    }

    /// What stands in a page: the levels behind their length, where the column has any, then the values.
    fn body(&self, column: &ColumnDescPtr) -> Result<Vec<u8>> {
        let mut body = Vec::with_capacity((self.present.len() + self.values.len()) / 8 + 16);
        if column.max_def_level() > 0 {
            body.extend([0; 4]);
            self.present.write_levels(&mut body);
            let length = u32::try_from(body.len() - 4)?;
            body[..4].copy_from_slice(&length.to_le_bytes());
        }
        self.values.write(&mut body);
        Ok(body)
    }

    fn clear(&mut self) {
        self.present.clear();
        self.values.clear();
        self.seen = Seen::default();
    }
}

impl Flags {
    pub fn new(column: ColumnDescPtr) -> Flags {
        Flags {
            page: Unfinished::default(),
            bytes: Vec::new(),
            uncompressed: 0,
            pages: 0,
            rows: 0,
            nulls: 0,
            seen: Seen::default(),
            levels: LevelHistogram::try_new(column.max_def_level()),
            order: Order::default(),
            index: ColumnIndexBuilder::new(column.physical_type()),
            offsets: OffsetIndexBuilder::new(),
            column,
        }
    }

    /// Adds rows to the page that is not finished.
    pub fn append(&mut self, array: &BooleanArray) {
        self.page.append(array);
    }

    /// The bytes of the pages that are done.
    pub fn size(&self) -> usize {
        self.bytes.len()
    }

    /// Ends the page that is not finished, if it has rows.
    pub fn end_page(&mut self, codec: &mut Codec) -> Result<()> {
        let (rows, values) = (self.page.present.len(), self.page.values.len());
        if rows == 0 {
            return Ok(());
        }
        let body = self.page.body(&self.column)?;
        let uncompressed = body.len();
        let page = Page::DataPage {
            buf: codec.compress(body)?,
            num_values: u32::try_from(rows)?,
            encoding: Encoding::PLAIN,
            def_level_encoding: Encoding::RLE,
            rep_level_encoding: Encoding::RLE,
            statistics: None,
        };
        let at = self.bytes.len();
        let mut sink = TrackedWrite::new(std::mem::take(&mut self.bytes));
        let written = SerializedPageWriter::new(&mut sink).write_page(CompressedPage::new(page, uncompressed))?;
        self.bytes = sink.into_inner()?;
        self.uncompressed += written.uncompressed_size;
        self.offsets.append_row_count(rows as i64);
        self.offsets.append_offset_and_size(at as i64, i32::try_from(written.compressed_size)?);
        self.describe(rows, values);
        self.page.clear();
        Ok(())
    }

    /// Adds what is known of a page to what is known of the column.
    fn describe(&mut self, rows: usize, values: usize) {
        let (seen, nulls) = (self.page.seen, rows - values);
        let bound = |bound: fn(Seen) -> Option<bool>| bound(seen).map_or(Vec::new(), |value| vec![u8::from(value)]);
        self.index.append(values == 0, bound(Seen::min), bound(Seen::max), nulls as i64);
        let mut levels = LevelHistogram::try_new(self.column.max_def_level());
        if let (Some(levels), Some(all)) = (&mut levels, &mut self.levels) {
            levels.increment_by(0, nulls as i64);
            levels.increment_by(1, values as i64);
            all.add(levels);
        }
        self.index.append_histograms(&None, &levels);
        self.order.then(seen);
        self.seen = Seen { no: self.seen.no || seen.no, yes: self.seen.yes || seen.yes };
        self.pages += 1;
        self.rows += rows;
        self.nulls += nulls;
    }

    /// The column as it goes into a file. All pages must have ended.
    pub fn close(mut self) -> Result<(Bytes, ColumnCloseResult)> {
        let (min, max) = (self.seen.min(), self.seen.max());
        let statistics = ValueStatistics::new(min, max, None, Some(self.nulls as u64), false)
            .with_backwards_compatible_min_max(self.column.sort_order().is_signed());
        let pages = PageEncodingStats { page_type: PageType::DATA_PAGE, encoding: Encoding::PLAIN, count: self.pages };
        let metadata = ColumnChunkMetaData::builder(self.column)
            .set_compression(Codec::NAME)
            .set_encodings_mask(EncodingMask::new_from_encodings([Encoding::PLAIN, Encoding::RLE].iter()))
            .set_page_encoding_stats(vec![pages])
            .set_total_compressed_size(self.bytes.len() as i64)
            .set_total_uncompressed_size(self.uncompressed as i64)
            .set_num_values(self.rows as i64)
            .set_data_page_offset(0)
            .set_statistics(Statistics::Boolean(statistics))
            .set_definition_level_histogram(self.levels)
            .build()?;
        self.index.set_boundary_order(self.order.name());
        let close = ColumnCloseResult {
            bytes_written: self.bytes.len() as u64,
            rows_written: self.rows as u64,
            metadata,
            bloom_filter: None,
            column_index: Some(self.index.build()?),
            offset_index: Some(self.offsets.build()),
        };
        Ok((self.bytes.into(), close))
    }
}

/// Which values there are.
#[derive(Clone, Copy, Default)]
struct Seen {
    no: bool,
    yes: bool,
}

impl Seen {
    fn min(self) -> Option<bool> {
        (self.no || self.yes).then_some(!self.no)
    }

    fn max(self) -> Option<bool> {
        (self.no || self.yes).then_some(self.yes)
    }
}

/// Whether the bounds of pages rise or fall; pages without values say nothing.
#[derive(Default)]
struct Order {
    last: Option<(bool, bool)>,
    broken: (bool, bool),
}

impl Order {
    fn then(&mut self, seen: Seen) {
        let Some(next) = seen.min().zip(seen.max()) else { return };
        if let Some(last) = self.last.replace(next) {
            let falls = |from: bool, to: bool| from && !to;
            self.broken.0 |= falls(last.0, next.0) || falls(last.1, next.1);
            self.broken.1 |= falls(next.0, last.0) || falls(next.1, last.1);
        }
    }

    fn name(&self) -> BoundaryOrder {
        match self.broken {
            (false, _) => BoundaryOrder::ASCENDING,
            (true, false) => BoundaryOrder::DESCENDING,
            (true, true) => BoundaryOrder::UNORDERED,
        }
    }
}

/// What makes pages smaller.
pub(super) struct Codec(snap::raw::Encoder);

impl Codec {
    pub const NAME: Compression = Compression::SNAPPY;

    pub fn new() -> Codec {
        Codec(snap::raw::Encoder::new())
    }

    fn compress(&mut self, body: Vec<u8>) -> Result<Bytes> {
        Ok(self.0.compress_vec(&body)?.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_rise_or_fall_or_neither() {
        let order = |pages: &[(bool, bool)]| {
            let mut order = Order::default();
            pages.iter().for_each(|(no, yes)| order.then(Seen { no: *no, yes: *yes }));
            order.name()
        };
        let (none, no, yes, both) = ((false, false), (true, false), (false, true), (true, true));
        assert_eq!(order(&[]), BoundaryOrder::ASCENDING);
        assert_eq!(order(&[none, no, none]), BoundaryOrder::ASCENDING);
        assert_eq!(order(&[no, none, both, yes]), BoundaryOrder::ASCENDING);
        assert_eq!(order(&[yes, none, both, no]), BoundaryOrder::DESCENDING);
        assert_eq!(order(&[both, both]), BoundaryOrder::ASCENDING);
        assert_eq!(order(&[both, no, none, both]), BoundaryOrder::UNORDERED);
        assert_eq!(order(&[no, yes, no]), BoundaryOrder::UNORDERED);
    }
}
