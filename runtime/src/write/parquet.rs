//! A table as a Parquet file: Boolean columns by `flags`, all others by the parquet crate.

use std::fs::File;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_schema::{DataType, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::{ArrowColumnWriter, ArrowRowGroupWriterFactory, compute_leaves};
use parquet::basic::Encoding;
use parquet::errors::Result;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnPath;

use super::flags::{Codec, Flags};

/// Where row groups and pages end, and with that what memory writing takes.
struct Limits {
    /// A row group ends with so many rows,
    group_rows: usize,
    /// or when its pages have so many bytes.
    group_bytes: usize,
    /// A page of Booleans ends with so many rows.
    page_rows: usize,
}

impl Limits {
    /// Many columns have short pages, so that those that are not finished stay within 32 MiB in all.
    fn of(columns: usize) -> Limits {
        let page_rows = ((32 << 20) * 4 / columns.max(1)).clamp(64, 1 << 16);
        Limits { group_rows: 1 << 20, group_bytes: 64 << 20, page_rows }
    }
}

pub(super) struct ParquetWriter {
    schema: SchemaRef,
    file: SerializedFileWriter<File>,
    factory: ArrowRowGroupWriterFactory,
    limits: Limits,
    codec: Codec,
    group: Option<Group>,
}

/// The row group that is not finished.
struct Group {
    rows: usize,
    /// The rows of the unfinished pages of Booleans.
    page: usize,
    /// For each field its columns; more than one where it is nested.
    fields: Vec<Vec<Column>>,
}

enum Column {
    Flags(Box<Flags>),
    Other(Box<ArrowColumnWriter>),
}

impl ParquetWriter {
    /// Begins a table whose first column is its key.
    pub fn create(file: File, schema: &SchemaRef) -> Result<ParquetWriter> {
        ParquetWriter::with_limits(file, schema, Limits::of(schema.fields().len()))
    }

    fn with_limits(file: File, schema: &SchemaRef, limits: Limits) -> Result<ParquetWriter> {
        let mut properties = WriterProperties::builder().set_compression(Codec::NAME);
        // No key comes twice, so that no dictionary helps; but keys are often in order, and then near each other.
        if let Some(key) = schema.fields().first() {
            let path = ColumnPath::from(key.name().as_str());
            properties = properties.set_column_dictionary_enabled(path.clone(), false);
            properties = match key.data_type() {
                DataType::Int64 => properties.set_column_encoding(path, Encoding::DELTA_BINARY_PACKED),
                DataType::Utf8 => properties.set_column_encoding(path, Encoding::DELTA_BYTE_ARRAY),
                _ => properties,
            };
        }
        // It puts Arrow's schema beside Parquet's.
        let writer = ArrowWriter::try_new(file, Arc::clone(schema), Some(properties.build()))?;
        let (file, factory) = writer.into_serialized_writer()?;
        Ok(ParquetWriter { schema: Arc::clone(schema), file, factory, limits, codec: Codec::new(), group: None })
    }

    pub fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let mut from = 0;
        while from < batch.num_rows() {
            let mut group = match self.group.take() {
                Some(group) => group,
                None => self.group()?,
            };
            let room = (self.limits.group_rows - group.rows).min(self.limits.page_rows - group.page);
            let rows = room.min(batch.num_rows() - from);
            group.append(&self.schema, &batch.slice(from, rows))?;
            from += rows;
            if group.page == self.limits.page_rows {
                group.end_pages(&mut self.codec)?;
            }
            if group.rows == self.limits.group_rows || group.size() >= self.limits.group_bytes {
                self.end(group)?;
            } else {
                self.group = Some(group);
            }
        }
        Ok(())
    }

    /// Writes what is left, and gives the file back.
    pub fn finish(mut self) -> Result<File> {
        if let Some(group) = self.group.take() {
            self.end(group)?;
        }
        self.file.finish()?;
        Ok(self.file.inner().try_clone()?)
    }

    fn group(&self) -> Result<Group> {
        let columns = self.file.schema_descr();
        let mut fields: Vec<Vec<Column>> = self.schema.fields().iter().map(|_| Vec::new()).collect();
        let writers = self.factory.create_column_writers(self.file.flushed_row_groups().len())?;
        for (leaf, writer) in writers.into_iter().enumerate() {
            let root = columns.get_column_root_idx(leaf);
            let is_flag = self.schema.field(root).data_type() == &DataType::Boolean;
            let column = match is_flag {
                true => Column::Flags(Box::new(Flags::new(columns.column(leaf)))),
                false => Column::Other(Box::new(writer)),
            };
            if let Some(field) = fields.get_mut(root) {
                field.push(column);
            }
        }
        Ok(Group { rows: 0, page: 0, fields })
    }

    fn end(&mut self, mut group: Group) -> Result<()> {
        group.end_pages(&mut self.codec)?;
        let mut writer = self.file.next_row_group()?;
        for column in group.fields.into_iter().flatten() {
            match column {
                Column::Flags(flags) => {
                    let (bytes, close) = flags.close()?;
                    writer.append_column(&bytes, close)?;
                }
                Column::Other(column) => column.close()?.append_to_row_group(&mut writer)?,
            }
        }
        writer.close()?;
        Ok(())
    }
}

impl Group {
    fn append(&mut self, schema: &SchemaRef, batch: &RecordBatch) -> Result<()> {
        self.rows += batch.num_rows();
        self.page += batch.num_rows();
        for ((field, array), columns) in schema.fields().iter().zip(batch.columns()).zip(&mut self.fields) {
            if let [Column::Flags(flags)] = columns.as_mut_slice() {
                flags.append(array.as_boolean());
                continue;
            }
            for (leaf, column) in compute_leaves(field, array)?.iter().zip(columns) {
                if let Column::Other(column) = column {
                    column.write(leaf)?;
                }
            }
        }
        Ok(())
    }

    fn end_pages(&mut self, codec: &mut Codec) -> Result<()> {
        self.page = 0;
        for column in self.fields.iter_mut().flatten() {
            if let Column::Flags(flags) = column {
                flags.end_page(codec)?;
            }
        }
        Ok(())
    }

    /// The bytes of the pages that are done, and of what is still to be put into pages but of Booleans.
    fn size(&self) -> usize {
        let size = |column: &Column| match column {
            Column::Flags(flags) => flags.size(),
            Column::Other(column) => column.memory_size(),
        };
        self.fields.iter().flatten().map(size).sum()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use std::ops::Range;

    use arrow_array::types::Decimal128Type;
    use arrow_array::{ArrayRef, BooleanArray, Int64Array, ListArray, PrimitiveArray, StringArray};
    use arrow_buffer::{BooleanBuffer, NullBuffer, OffsetBuffer};
    use arrow_schema::{Field, Schema};
    use arrow_select::concat::concat_batches;
    use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder, RowSelection};
    use parquet::errors::ParquetError;
    use parquet::file::metadata::PageIndexPolicy;

    use super::super::bits::tests::random;
    use super::*;

    /// The chance, in a thousand, of a yes and of a value, for each Boolean column.
    const FLAGS: [(u64, u64); 9] =
        [(500, 1000), (500, 0), (500, 997), (500, 700), (20, 100), (0, 1000), (1000, 900), (0, 0), (999, 500)];

    fn schema(text: bool) -> SchemaRef {
        let item = Field::new_list_field(DataType::Boolean, true);
        let key = if text { DataType::Utf8 } else { DataType::Int64 };
        let mut fields = vec![Field::new("the.key", key, false), Field::new("sure", DataType::Boolean, false)];
        fields.extend((0..FLAGS.len()).map(|at| Field::new(format!("flag {at}"), DataType::Boolean, true)));
        fields.push(Field::new("list", DataType::List(Arc::new(item)), true));
        fields.push(Field::new("amount", DataType::Decimal128(18, 2), true));
        Arc::new(Schema::new(fields))
    }

    /// So many rows, whose bits begin somewhere within a byte.
    fn batch(schema: &SchemaRef, seed: u64, rows: usize) -> RecordBatch {
        let (offset, all) = (seed as usize % 19, rows + 23);
        let bits = |salt: u64, per_mille: u64| BooleanBuffer::from(random(seed * 31 + salt, all, per_mille));
        let nulls = |salt: u64, per_mille: u64| Some(NullBuffer::new(bits(salt, per_mille)));
        let numbers = 0..all as i64;
        let key: ArrayRef = match schema.field(0).data_type() {
            DataType::Int64 => Arc::new(Int64Array::from_iter_values(numbers.clone().map(|n| n * 3 - 40))),
            _ => Arc::new(StringArray::from_iter_values(numbers.clone().map(|n| format!("customer {n}")))),
        };
        let mut columns = vec![key, Arc::new(BooleanArray::new(bits(1, 500), None))];
        for (at, (yes, value)) in (1..).zip(FLAGS) {
            columns.push(Arc::new(BooleanArray::new(bits(at * 2, yes), nulls(at * 2 + 1, value))));
        }
        let items = BooleanArray::new(BooleanBuffer::from(random(seed, all * 2, 500)), None);
        let item = Arc::new(Field::new_list_field(DataType::Boolean, true));
        let lengths = OffsetBuffer::from_lengths((0..all).map(|_| 2));
        columns.push(Arc::new(ListArray::new(item, lengths, Arc::new(items), nulls(90, 800))));
        let amounts = PrimitiveArray::<Decimal128Type>::new(numbers.map(i128::from).collect(), nulls(91, 500));
        columns.push(Arc::new(amounts.with_precision_and_scale(18, 2).unwrap()));
        RecordBatch::try_new(Arc::clone(schema), columns).unwrap().slice(offset, rows)
    }

    /// Opens what is written, with the index of its pages.
    fn open(file: &File) -> ParquetRecordBatchReaderBuilder<File> {
        let options = ArrowReaderOptions::new().with_page_index_policy(PageIndexPolicy::Optional);
        ParquetRecordBatchReaderBuilder::try_new_with_options(file.try_clone().unwrap(), options).unwrap()
    }

    fn write(schema: &SchemaRef, batches: &[RecordBatch], limits: Limits) -> File {
        let mut writer = ParquetWriter::with_limits(tempfile::tempfile().unwrap(), schema, limits).unwrap();
        batches.iter().for_each(|batch| writer.write(batch).unwrap());
        writer.finish().unwrap()
    }

    /// The same by the parquet crate alone.
    fn reference(schema: &SchemaRef, batches: &[RecordBatch], limits: &Limits) -> File {
        let properties = WriterProperties::builder().set_max_row_group_row_count(Some(limits.group_rows)).build();
        let mut writer =
            ArrowWriter::try_new(tempfile::tempfile().unwrap(), Arc::clone(schema), Some(properties)).unwrap();
        batches.iter().for_each(|batch| writer.write(batch).unwrap());
        writer.into_inner().unwrap()
    }

    #[test]
    fn a_table_is_read_back_and_described_as_the_parquet_crate_does() {
        const ROWS: [usize; 10] = [0, 1, 7, 8, 63, 64, 65, 300, 8192, 20_000];
        for seed in 0..60_u64 {
            let schema = schema(seed % 2 == 0);
            let limits = || Limits {
                group_rows: [33, 128, 5000, 1 << 20][seed as usize % 4],
                group_bytes: 64 << 20,
                page_rows: [1, 64, 100, 1000, 1 << 16][seed as usize % 5],
            };
            let largest = if limits().group_rows < 5000 || limits().page_rows < 1000 { 8 } else { ROWS.len() };
            let rows = |at: u64| ROWS[(seed * 7 + at * 3) as usize % largest];
            let batches: Vec<RecordBatch> = (0..seed % 5).map(|at| batch(&schema, seed + at, rows(at))).collect();
            let wanted = concat_batches(&schema, &batches).unwrap();
            let file = write(&schema, &batches, limits());

            let reader = open(&file);
            assert_eq!(reader.schema(), &schema);
            let metadata = Arc::clone(reader.metadata());
            let read: Vec<RecordBatch> = reader.build().unwrap().map(Result::unwrap).collect();
            assert_eq!(concat_batches(&schema, &read).unwrap(), wanted, "seed {seed}");

            let theirs = Arc::clone(open(&reference(&schema, &batches, &limits())).metadata());
            assert_eq!(metadata.num_row_groups(), theirs.num_row_groups());
            for (ours, theirs) in metadata.row_groups().iter().zip(theirs.row_groups()) {
                assert_eq!(ours.num_rows(), theirs.num_rows());
                for (ours, theirs) in ours.columns().iter().zip(theirs.columns()) {
                    assert_eq!(ours.column_descr(), theirs.column_descr());
                    assert_eq!(ours.statistics(), theirs.statistics(), "{}", ours.column_path());
                    assert_eq!(ours.num_values(), theirs.num_values());
                    assert_eq!(ours.definition_level_histogram(), theirs.definition_level_histogram());
                }
            }
            assert_eq!(metadata.offset_index().is_some() && metadata.column_index().is_some(), wanted.num_rows() > 0);
            // Pages are found by the index when rows between are left out.
            let total = wanted.num_rows();
            let ranges: Vec<Range<usize>> = (0..total / 7).map(|at| at * 7 + 2..at * 7 + 4 + at % 3).collect();
            let kept: Vec<RecordBatch> = ranges.iter().map(|range| wanted.slice(range.start, range.len())).collect();
            let selection = RowSelection::from_consecutive_ranges(ranges.into_iter(), total);
            let read = open(&file).with_row_selection(selection).build().unwrap().map(Result::unwrap);
            let read = concat_batches(&schema, &read.collect::<Vec<_>>()).unwrap();
            assert_eq!(read, concat_batches(&schema, &kept).unwrap(), "seed {seed}, selected");
        }
    }

    #[test]
    fn a_row_group_ends_when_it_is_large() {
        let schema = schema(false);
        let batches: Vec<RecordBatch> = (0..4).map(|at| batch(&schema, at, 1000)).collect();
        let file = write(&schema, &batches, Limits { group_rows: 1 << 20, group_bytes: 2000, page_rows: 500 });
        let reader = open(&file);
        assert!(reader.metadata().num_row_groups() > 1);
        let read: Vec<RecordBatch> = reader.build().unwrap().map(Result::unwrap).collect();
        assert_eq!(concat_batches(&schema, &read).unwrap(), concat_batches(&schema, &batches).unwrap());
    }

    #[test]
    fn unfinished_pages_stay_within_their_memory() {
        for columns in [1, 80, 2000, 10_000, 100_000] {
            let limits = Limits::of(columns);
            assert!(limits.page_rows * columns * 2 / 8 <= 32 << 20 && limits.page_rows <= limits.group_rows);
        }
    }

    #[test]
    fn a_file_that_cannot_be_written_is_an_error_of_its_own() {
        let schema = schema(false);
        let path = tempfile::NamedTempFile::new().unwrap();
        let mut writer = ParquetWriter::create(File::open(path.path()).unwrap(), &schema).unwrap();
        let written = writer.write(&batch(&schema, 1, 100));
        let error = written.and_then(|()| writer.finish()).unwrap_err();
        let ParquetError::External(source) = error else { panic!("{error}") };
        assert!(source.is::<std::io::Error>(), "{source}");
    }
}
