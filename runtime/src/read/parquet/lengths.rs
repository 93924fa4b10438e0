//! The lengths that a Parquet file claims, held against the file before a reader believes them: the reader makes room for
//! all of a list, or of a page, before it reads any of it, and at the end of a file it goes on as if there were more. Knows
//! no columns.

use std::fs::File;
use std::io::{BufRead, BufReader, Error, ErrorKind, Read};
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use bytes::Bytes;
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, Length};

/// Lists and structs within each other; a footer needs ten.
const DEPTH_MAX: u32 = 32;
/// Numbers of fields have 16 bits and no sign.
const FIELD_MAX: u64 = i16::MAX as u64;
/// The length of the footer and the name of the format, at the end of a file.
const TRAILER: u64 = 8;
/// What a byte of a compressed page can become at most, beside what any page may have. **Source**: RFC 8878 for zstd, which
/// grows most: its smallest block has 4 bytes and gives 128 KiB.
const GROWTH_MAX: u64 = 1 << 15;
const GROWTH_SLACK: u64 = 1 << 20;
/// A header of a page is mostly shorter than this.
const HEADER_BYTES: usize = 1 << 10;
/// The longest header of a page: its least and greatest value are in it.
const HEADER_MAX: u64 = 16 << 20;

/// A file of which nothing is read beyond its end, from any place by any thread.
#[derive(Clone)]
pub(super) struct Bounded {
    file: Arc<File>,
    bytes: u64,
}

/// What is read from a place on, with an error where the file ends.
pub(super) struct UntilEnd(BufReader<Onwards>);

/// The bytes of a file from a place on.
struct Onwards {
    file: Arc<File>,
    at: u64,
}

impl Bounded {
    /// **Errors**: the footer of the file claims more than it has.
    pub fn new(file: File) -> Result<Bounded, String> {
        let bytes = file.metadata().map_err(|e| e.to_string())?.len();
        let bounded = Bounded { file: Arc::new(file), bytes };
        let mut trailer = [0; TRAILER as usize];
        if let Some(at) = bytes.checked_sub(TRAILER) {
            bounded.file.read_exact_at(&mut trailer, at).map_err(|e| e.to_string())?;
        }
        let [a, b, c, d, ..] = trailer;
        let claimed = u64::from(u32::from_le_bytes([a, b, c, d]));
        // The reader itself tells of a file that is none or is cut off.
        if let Some(at) = bytes.checked_sub(TRAILER + claimed) {
            let mut footer = Vec::new();
            bounded.onwards(at).take(claimed).read_to_end(&mut footer).map_err(|e| e.to_string())?;
            let mut thrift = Thrift { rest: &footer };
            thrift
                .skip(STRUCT, Part::File, 0)
                .ok_or_else(|| format!("its footer is damaged; {}", super::super::DAMAGED))?;
        }
        Ok(bounded)
    }

    fn onwards(&self, at: u64) -> Onwards {
        Onwards { file: Arc::clone(&self.file), at }
    }
}

impl Read for Onwards {
    fn read(&mut self, to: &mut [u8]) -> std::io::Result<usize> {
        let read = self.file.read_at(to, self.at)?;
        self.at = self.at.saturating_add(read as u64);
        Ok(read)
    }
}

impl Length for Bounded {
    fn len(&self) -> u64 {
        self.bytes
    }
}

impl ChunkReader for Bounded {
    type T = UntilEnd;

    fn get_read(&self, start: u64) -> Result<UntilEnd, ParquetError> {
        let mut reader = BufReader::with_capacity(HEADER_BYTES, self.onwards(start));
        // Everywhere but there, a page begins.
        if start.checked_add(TRAILER) != Some(self.bytes) {
            let damaged = |what: &str| ParquetError::General(format!("{what}; {}", super::super::DAMAGED));
            let sizes = match (Thrift { rest: reader.fill_buf()? }).page() {
                Some(sizes) => Some(sizes),
                // It may go on behind what is read at a time.
                None => {
                    let length = self.bytes.saturating_sub(start).min(HEADER_MAX);
                    (Thrift { rest: &self.get_bytes(start, length as usize)? }).page()
                }
            };
            let (becomes, stored) = sizes.ok_or_else(|| damaged("a page in it has no header"))?;
            if becomes > stored.saturating_mul(GROWTH_MAX).saturating_add(GROWTH_SLACK) {
                return Err(damaged(&format!("a page in it claims {becomes} bytes, which it cannot hold")));
            }
        }
        Ok(UntilEnd(reader))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        let end = start.checked_add(length as u64);
        if end.is_none_or(|end| end > self.bytes) {
            return Err(ParquetError::EOF("a length in it leads beyond its end".to_string()));
        }
        let mut bytes = Vec::with_capacity(length);
        let read = self.onwards(start).take(length as u64).read_to_end(&mut bytes)?;
        if read < length {
            return Err(ParquetError::EOF("it was cut off while it was read".to_string()));
        }
        Ok(bytes.into())
    }
}

impl Read for UntilEnd {
    fn read(&mut self, to: &mut [u8]) -> std::io::Result<usize> {
        match self.0.read(to)? {
            0 if !to.is_empty() => Err(Error::new(ErrorKind::UnexpectedEof, "it is cut off")),
            read => Ok(read),
        }
    }
}

const TRUTH: &[u8] = &[1, 2];
const BYTE: &[u8] = &[3];
const I16: &[u8] = &[4];
const I32: &[u8] = &[5];
const I64: &[u8] = &[6];
const BINARY: &[u8] = &[8];
const LIST: u8 = 9;
const SET: u8 = 10;
const MAP: u8 = 11;
const STRUCT: u8 = 12;

/// The structs of a footer, and of the header of a page. The reader goes by the numbers of their fields and not by the types that stand beside them; so
/// the types have to be the right ones, or it reads something else than what was looked at here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    File,
    Element,
    Logical,
    Decimal,
    Time,
    Integer,
    Variant,
    Geometry,
    Group,
    Chunk,
    Column,
    Statistics,
    Sizes,
    Geospatial,
    Pairs,
    Encoding,
    Sorting,
    Page,
    Values,
    Dictionary,
    Levels,
    /// One that the reader passes over.
    Any,
}

/// **Source**: parquet.thrift of Apache Parquet. Each line: the fields of a struct, their types, what is in them.
const FIELDS: &[(Part, &[u64], &[u8], Part)] = &[
    (Part::File, &[1], I32, Part::Any),
    (Part::File, &[2], &[LIST], Part::Element),
    (Part::File, &[3], I64, Part::Any),
    (Part::File, &[4], &[LIST], Part::Group),
    (Part::File, &[5], &[LIST], Part::Pairs),
    (Part::File, &[6, 9], BINARY, Part::Any),
    (Part::File, &[7], &[LIST], Part::Any),
    (Part::File, &[8], &[STRUCT], Part::Any),
    (Part::Element, &[1, 2, 3, 5, 6, 7, 8, 9], I32, Part::Any),
    (Part::Element, &[4], BINARY, Part::Any),
    (Part::Element, &[10], &[STRUCT], Part::Logical),
    (Part::Logical, &[5], &[STRUCT], Part::Decimal),
    (Part::Logical, &[7, 8], &[STRUCT], Part::Time),
    (Part::Logical, &[10], &[STRUCT], Part::Integer),
    (Part::Logical, &[16], &[STRUCT], Part::Variant),
    (Part::Logical, &[17, 18], &[STRUCT], Part::Geometry),
    (Part::Logical, &[1, 2, 3, 4, 6, 11, 12, 13, 14, 15], &[STRUCT], Part::Any),
    (Part::Decimal, &[1, 2], I32, Part::Any),
    (Part::Time, &[1], TRUTH, Part::Any),
    (Part::Time, &[2], &[STRUCT], Part::Any),
    (Part::Integer, &[1], BYTE, Part::Any),
    (Part::Integer, &[2], TRUTH, Part::Any),
    (Part::Variant, &[1], BYTE, Part::Any),
    (Part::Geometry, &[1], BINARY, Part::Any),
    (Part::Geometry, &[2], I32, Part::Any),
    (Part::Group, &[1], &[LIST], Part::Chunk),
    (Part::Group, &[2, 3, 5, 6], I64, Part::Any),
    (Part::Group, &[4], &[LIST], Part::Sorting),
    (Part::Group, &[7], I16, Part::Any),
    (Part::Sorting, &[1], I32, Part::Any),
    (Part::Sorting, &[2, 3], TRUTH, Part::Any),
    (Part::Chunk, &[1, 9], BINARY, Part::Any),
    (Part::Chunk, &[2, 4, 6], I64, Part::Any),
    (Part::Chunk, &[3], &[STRUCT], Part::Column),
    (Part::Chunk, &[5, 7], I32, Part::Any),
    (Part::Chunk, &[8], &[STRUCT], Part::Any),
    (Part::Column, &[1, 4, 15], I32, Part::Any),
    (Part::Column, &[2, 3], &[LIST], Part::Any),
    (Part::Column, &[5, 6, 7, 9, 10, 11, 14], I64, Part::Any),
    (Part::Column, &[8], &[LIST], Part::Pairs),
    (Part::Column, &[12], &[STRUCT], Part::Statistics),
    (Part::Column, &[13], &[LIST], Part::Encoding),
    (Part::Column, &[16], &[STRUCT], Part::Sizes),
    (Part::Column, &[17], &[STRUCT], Part::Geospatial),
    (Part::Statistics, &[1, 2, 5, 6], BINARY, Part::Any),
    (Part::Statistics, &[3, 4], I64, Part::Any),
    (Part::Statistics, &[7, 8], TRUTH, Part::Any),
    (Part::Sizes, &[1], I64, Part::Any),
    (Part::Sizes, &[2, 3], &[LIST], Part::Any),
    (Part::Geospatial, &[1], &[STRUCT], Part::Any),
    (Part::Geospatial, &[2], &[LIST], Part::Any),
    (Part::Pairs, &[1, 2], BINARY, Part::Any),
    (Part::Encoding, &[1, 2, 3], I32, Part::Any),
    (Part::Page, &[1, 2, 3, 4], I32, Part::Any),
    (Part::Page, &[5], &[STRUCT], Part::Values),
    (Part::Page, &[6], &[STRUCT], Part::Any),
    (Part::Page, &[7], &[STRUCT], Part::Dictionary),
    (Part::Page, &[8], &[STRUCT], Part::Levels),
    (Part::Values, &[1, 2, 3, 4], I32, Part::Any),
    (Part::Values, &[5], &[STRUCT], Part::Statistics),
    (Part::Dictionary, &[1, 2], I32, Part::Any),
    (Part::Dictionary, &[3], TRUTH, Part::Any),
    (Part::Levels, &[1, 2, 3, 4, 5, 6], I32, Part::Any),
    (Part::Levels, &[7], TRUTH, Part::Any),
    (Part::Levels, &[8], &[STRUCT], Part::Statistics),
];

impl Part {
    /// The type of a field by its head, and what is in it. `None`: it is of another type.
    fn field(self, field: u64, head: u8) -> Option<(u8, Part)> {
        let kind = head & 15;
        match FIELDS.iter().find(|(of, fields, ..)| *of == self && fields.contains(&field)) {
            None => Some((kind, Part::Any)),
            Some((_, _, kinds, inside)) => kinds.contains(&kind).then_some((kind, *inside)),
        }
    }
}

/// Bytes in Thrift's compact protocol. **Source**: thrift-compact-protocol.md of Apache Thrift.
struct Thrift<'b> {
    rest: &'b [u8],
}

impl Thrift<'_> {
    /// Passes over a value. `None`: it goes on behind the end, has more parts than bytes are left, is of another type than its
    /// field, or nests too deep.
    fn skip(&mut self, kind: u8, part: Part, depth: u32) -> Option<()> {
        if depth > DEPTH_MAX {
            return None;
        }
        match kind {
            1..=3 => self.pass(1),
            4..=6 => self.number().map(|_| ()),
            7 => self.pass(8),
            8 => {
                let length = self.number()?;
                self.pass(length)
            }
            LIST | SET => {
                let head = self.byte()?;
                let parts = if head >> 4 == 15 { self.number()? } else { u64::from(head >> 4) };
                self.parts(parts, &[head & 15], part, depth)
            }
            MAP => {
                let parts = self.number()?;
                let kinds = if parts == 0 { 0 } else { self.byte()? };
                self.parts(parts, &[kinds >> 4, kinds & 15], Part::Any, depth)
            }
            STRUCT => {
                let mut field = 0;
                loop {
                    let head = self.byte()?;
                    if head == 0 {
                        return Some(());
                    }
                    field = self.field(head, field)?;
                    let (kind, inside) = part.field(field, head)?;
                    // A field that is true or false says so in its head.
                    if !TRUTH.contains(&kind) {
                        self.skip(kind, inside, depth + 1)?;
                    }
                }
            }
            13 => self.pass(16),
            _ => None,
        }
    }

    /// How many bytes a page has by its header, unpacked and as it is stored: its second and third field. `None` as well
    /// where the reader would find other sizes: in a field that comes again, or in a number of more bits than it takes.
    fn page(&mut self) -> Option<(u64, u64)> {
        let (mut field, mut becomes, mut stored) = (0, None, None);
        loop {
            let head = self.byte()?;
            if head == 0 {
                return becomes.zip(stored);
            }
            field = Some(self.field(head, field)?).filter(|next| *next > field)?;
            let (kind, inside) = Part::Page.field(field, head)?;
            match field {
                2 => becomes = Some(self.size()?),
                3 => stored = Some(self.size()?),
                _ if TRUTH.contains(&kind) => {}
                _ => self.skip(kind, inside, 1)?,
            }
        }
    }

    /// A number of 31 bits. Numbers that may be negative stand beside each other, so that twice a number is its bits.
    fn size(&mut self) -> Option<u64> {
        let twice = self.number()?;
        (twice % 2 == 0 && twice / 2 <= i32::MAX as u64).then_some(twice / 2)
    }

    /// The number of a field: so many more than the one before, or by itself.
    fn field(&mut self, head: u8, before: u64) -> Option<u64> {
        let field = match head >> 4 {
            0 => Some(self.number()?).filter(|twice| twice % 2 == 0)? / 2,
            more => before + u64::from(more),
        };
        (field <= FIELD_MAX).then_some(field)
    }

    fn parts(&mut self, parts: u64, kinds: &[u8], part: Part, depth: u32) -> Option<()> {
        if parts > self.rest.len() as u64 {
            return None;
        }
        (0..parts).try_for_each(|_| kinds.iter().try_for_each(|kind| self.skip(*kind, part, depth + 1)))
    }

    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn pass(&mut self, bytes: u64) -> Option<()> {
        self.rest = self.rest.get(usize::try_from(bytes).ok()?..)?;
        Some(())
    }

    /// Seven bits a byte, the lowest first.
    fn number(&mut self) -> Option<u64> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn skips(bytes: &[u8]) -> bool {
        Thrift { rest: bytes }.skip(STRUCT, Part::Any, 0).is_some()
    }

    #[test]
    fn a_page_tells_its_sizes() {
        let page = |bytes: &[u8]| Thrift { rest: bytes }.page();
        assert_eq!(page(&[0x15, 0x04, 0x15, 0x78, 0x15, 0x7c, 0x4c, 0x15, 0x02, 0x21, 0, 0]), Some((60, 62)));
        assert_eq!(page(&[0x15, 0x04, 0x15, 0xfe, 0xff, 0xff, 0xff, 0x0f, 0x15, 0x7c, 0]), Some((0x7fff_ffff, 62)));
        assert_eq!((page(&[]), page(&[0]), page(&[0x15, 0x04, 0x15])), (None, None, None));
        // A size of which the reader takes the lowest 32 bits, a negative one, one that comes again, and one in a struct that
        // the reader takes for a number.
        assert_eq!(page(&[0x25, 0x78, 0x15, 0xff, 0xff, 0xff, 0xff, 0x7f, 0]), None);
        assert_eq!(page(&[0x25, 0x79, 0x15, 0x7c, 0]), None);
        assert_eq!(page(&[0x25, 0x78, 0x15, 0x7c, 0x05, 0x04, 0xfe, 0xff, 0xff, 0xff, 0x0f, 0]), None);
        assert_eq!(page(&[0x25, 0x78, 0x15, 0x7c, 0x1c, 0x25, 0xfe, 0xff, 0xff, 0xff, 0x0f, 0, 0]), None);
        assert!(page(&[0x25, 0x78, 0x15, 0x7c, 0]).is_some());
    }

    #[test]
    fn what_claims_more_than_there_is_is_told() {
        // A struct of a number, a truth, a list of two numbers and a text.
        assert!(skips(&[0x15, 0x02, 0x11, 0x19, 0x25, 0x02, 0x04, 0x18, 0x01, b'a', 0]));
        assert!(!skips(&[0x15, 0x02]));
        // A list of 2^31 - 1 numbers, a text of 2^63 bytes, a number without end.
        assert!(!skips(&[0x19, 0xf5, 0xff, 0xff, 0xff, 0xff, 0x07, 0]));
        assert!(!skips(&[0x18, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01, 0]));
        assert!(!skips(&[0x15, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0]));
        assert!(!skips(&[0x1c; 10_000]), "it nests too deep");
        // Row groups that say they are a number.
        let file = |bytes: &[u8]| Thrift { rest: bytes }.skip(STRUCT, Part::File, 0).is_some();
        assert!(file(&[0x49, 0x0c, 0]) && !file(&[0x45, 0x0c, 0]));
    }
}
