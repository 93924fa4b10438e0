//! Memory for values that are made on the way: lists and computed texts. Given back all at once, and used again.

use std::collections::HashSet;
use std::sync::Arc;

use seg_ir::host::Cell;
use seg_ir::{Reason, Type, Value};

use crate::guard::Texts;

/// Cells of one chunk, unless a single list needs more.
const CHUNK: usize = 256;

/// **Shape**: chunks never grow beyond their capacity, so that cells in them stay where they are until [`Arena::reset`].
#[derive(Debug, Default)]
pub(crate) struct Arena {
    chunks: Vec<Vec<Cell>>,
    made: Vec<Arc<str>>,
    /// Texts that were copied, so that equal ones are kept once.
    copied: HashSet<Arc<str>>,
    texts: Texts,
}

impl Arena {
    /// Forgets everything; no cell that leads in here may be used any more.
    pub fn reset(&mut self) {
        self.chunks.iter_mut().for_each(Vec::clear);
        self.made.clear();
        self.copied.clear();
        self.texts.clear();
    }

    /// Keeps a list's items and gives its cell.
    pub fn list(&mut self, items: &[Cell]) -> Cell {
        let room = |chunk: &Vec<Cell>| chunk.capacity() - chunk.len() >= items.len();
        let at = self.chunks.iter().position(room).unwrap_or_else(|| {
            self.chunks.push(Vec::with_capacity(items.len().max(CHUNK)));
            self.chunks.len() - 1
        });
        match self.chunks.get_mut(at) {
            Some(chunk) => {
                let start = chunk.len();
                chunk.extend_from_slice(items);
                Cell::list(chunk.get(start..).unwrap_or(&[]))
            }
            None => Cell::missing(Reason::Overflow),
        }
    }

    /// The cell of a value, of whose texts and lists the arena keeps copies.
    pub fn owned(&mut self, value: &Value<'_>, ty: &Type) -> Cell {
        match (value, ty) {
            (Value::Text(text), Type::Text) => {
                if let Some(known) = self.copied.get(*text) {
                    return self.texts.text(known);
                }
                let text: Arc<str> = Arc::from(*text);
                let cell = self.texts.text(&text);
                self.copied.insert(text);
                cell
            }
            (Value::List(items), Type::List(item)) => {
                let items: Vec<Cell> = items.iter().map(|value| self.owned(value, item)).collect();
                self.list(&items)
            }
            (value, ty) => self.cell(value, ty),
        }
    }

    /// The cell of a value. One that is not of the type is missing; texts and lists that were computed are kept.
    #[inline]
    pub fn cell(&mut self, value: &Value<'_>, ty: &Type) -> Cell {
        match (value, ty) {
            (Value::Text(text), Type::Text) => self.texts.text(text),
            (Value::Made(text), Type::Text) => {
                self.made.push(text.clone());
                self.texts.text(text)
            }
            (Value::List(items), Type::List(item)) => {
                let items: Vec<Cell> = items.iter().map(|value| self.cell(value, item)).collect();
                self.list(&items)
            }
            (value, ty) if fits(value, ty) => Cell::scalar(value).unwrap_or(Cell::missing(Reason::NotGiven)),
            _ => Cell::missing(Reason::NotGiven),
        }
    }
}

/// Whether a value is a scalar of the type, or missing.
#[inline]
fn fits(value: &Value<'_>, ty: &Type) -> bool {
    matches!(
        (value, ty),
        (Value::Missing(_), _)
            | (Value::Bool(_), Type::Bool)
            | (Value::Int(_), Type::Int)
            | (Value::Number(_), Type::Number)
            | (Value::Percent(_), Type::Percent)
            | (Value::Money(_), Type::Money(_))
            | (Value::Date(_), Type::Date)
            | (Value::Timestamp(_), Type::Timestamp)
            | (Value::TimeOfDay(_), Type::TimeOfDay)
            | (Value::Span(_), Type::Span)
            | (Value::Period(_), Type::Period)
            | (Value::Enum(_), Type::Enum(_))
            | (Value::Reference(_), Type::Reference(_))
    )
}
