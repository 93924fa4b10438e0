//! The lengths that an Arrow file claims, held against the file before a reader believes them: it makes room for all of a
//! message, or of a column, before it reads any of it, and room for more than there is would end the process. Knows no
//! columns.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};

use arrow_ipc::{Block, CompressionType, Message, RecordBatch, root_as_footer, root_as_message};

/// What a byte of compressed data can become at most. **Source**: the LZ4 block format, whose lengths grow by 255 a byte;
/// RFC 8878 for zstd, whose smallest block has 4 bytes and gives 128 KiB.
const LZ4_GROWTH_MAX: i64 = 255;
const ZSTD_GROWTH_MAX: i64 = 1 << 15;
/// What a frame's own header and end may add to that.
const GROWTH_SLACK: i64 = 1 << 10;

/// The footer's length and the name of the format, at the end of a file.
const TRAILER: i64 = 10;
const CONTINUED: [u8; 4] = [0xff; 4];

type Checked = Result<(), String>;

/// A file, with the lengths in it that are still to be believed.
struct Lengths {
    reader: BufReader<File>,
    /// All of its bytes.
    bytes: i64,
}

/// Every block that the footer of a file names lies within it, and claims no more than it can hold. **Errors**: what does
/// not.
pub(super) fn of_file(file: File) -> Checked {
    let mut lengths = Lengths::new(file)?;
    let footer_end = lengths.bytes - TRAILER;
    let claimed = i32::from_le_bytes(lengths.at::<4>(footer_end)?);
    let footer = lengths.bytes_at(footer_end - i64::from(claimed), i64::from(claimed))?;
    let footer = root_as_footer(&footer).map_err(|e| format!("its footer is damaged: {e}"))?;
    let blocks = footer.dictionaries().into_iter().chain(footer.recordBatches());
    blocks.flat_map(|blocks| blocks.iter()).try_for_each(|block| lengths.block(block))
}

/// Every message of a stream lies within it, and claims no more than it can hold. **Errors**: what does not.
pub(super) fn of_stream(file: File) -> Checked {
    let mut lengths = Lengths::new(file)?;
    let mut at = 0;
    while at + 4 <= lengths.bytes {
        let start = lengths.at::<4>(at)?;
        let (start, read) = if start == CONTINUED { (lengths.at::<4>(at + 4)?, 8) } else { (start, 4) };
        let claimed = i64::from(i32::from_le_bytes(start));
        if claimed == 0 {
            return Ok(());
        }
        let body = at + read + claimed;
        let message = lengths.bytes_at(at + read, claimed)?;
        at = body + lengths.message(&message, body, None)?;
    }
    Ok(())
}

impl Lengths {
    fn new(file: File) -> Result<Lengths, String> {
        let bytes = file.metadata().map_err(|e| e.to_string())?.len();
        Ok(Lengths { reader: BufReader::new(file), bytes: i64::try_from(bytes).unwrap_or(i64::MAX) })
    }

    /// So many bytes from one on. **Errors**: the file does not have them.
    fn bytes_at(&mut self, at: i64, bytes: i64) -> Result<Vec<u8>, String> {
        let mut read = Vec::new();
        self.within(at, bytes)?;
        self.reader.seek(SeekFrom::Start(at.unsigned_abs())).map_err(|e| e.to_string())?;
        self.reader.by_ref().take(bytes.unsigned_abs()).read_to_end(&mut read).map_err(|e| e.to_string())?;
        Ok(read)
    }

    fn at<const BYTES: usize>(&mut self, at: i64) -> Result<[u8; BYTES], String> {
        self.bytes_at(at, BYTES as i64)?.try_into().map_err(|_| beyond())
    }

    fn within(&self, at: i64, bytes: i64) -> Checked {
        let end = at.checked_add(bytes).filter(|_| at >= 0 && bytes >= 0);
        end.is_some_and(|end| end <= self.bytes).then_some(()).ok_or_else(beyond)
    }

    fn block(&mut self, block: &Block) -> Checked {
        let (at, head) = (block.offset(), i64::from(block.metaDataLength()));
        let message = self.bytes_at(at, head)?;
        let start = if message.starts_with(&CONTINUED) { 8 } else { 4 };
        let body = at + head;
        self.message(message.get(start..).unwrap_or_default(), body, Some(block.bodyLength())).map(|_| ())
    }

    /// A message whose body begins at a byte; gives the length of that.
    fn message(&mut self, message: &[u8], body: i64, claimed: Option<i64>) -> Result<i64, String> {
        let message = root_as_message(message).map_err(|e| format!("a message in it is damaged: {e}"))?;
        let bytes = claimed.unwrap_or(message.bodyLength());
        self.within(body, bytes)?;
        if let Some(batch) = batch(&message) {
            self.compressed(&batch, body)?;
        }
        Ok(bytes)
    }

    /// Compressed columns claim what they become.
    fn compressed(&mut self, batch: &RecordBatch<'_>, body: i64) -> Checked {
        let Some(compression) = batch.compression() else { return Ok(()) };
        let growth = if compression.codec() == CompressionType::LZ4_FRAME { LZ4_GROWTH_MAX } else { ZSTD_GROWTH_MAX };
        for buffer in batch.buffers().into_iter().flatten() {
            if buffer.length() == 0 {
                continue;
            }
            let at = body.checked_add(buffer.offset()).ok_or_else(beyond)?;
            self.within(at, buffer.length())?;
            let becomes = i64::from_le_bytes(self.at::<8>(at)?);
            if becomes > buffer.length().saturating_mul(growth).saturating_add(GROWTH_SLACK) {
                return Err(format!(
                    "a column in it claims {becomes} bytes, which it cannot hold; {}",
                    super::super::DAMAGED
                ));
            }
        }
        Ok(())
    }
}

fn batch<'m>(message: &Message<'m>) -> Option<RecordBatch<'m>> {
    message.header_as_record_batch().or_else(|| message.header_as_dictionary_batch()?.data())
}

fn beyond() -> String {
    format!("a length in it leads beyond its end; {}", super::super::DAMAGED)
}
