//! Guard pages, for tests alone. With the feature `guard-pages`, whatever kernels and machine code read lies in mappings of
//! its own, flush with a page that nobody may touch, so that a read past it ends the process at once. Without the feature
//! everything here gives back what it is given. Knows what lies where, not what it means.

#[cfg(feature = "guard-pages")]
mod columns;
#[cfg(feature = "guard-pages")]
mod pages;
#[cfg(feature = "guard-pages")]
mod settings;

#[cfg(feature = "guard-pages")]
pub(crate) use columns::{column, ranges, table};
#[cfg(not(feature = "guard-pages"))]
pub(crate) use open::{Texts, column, each, lent, lent_mut, ranges, table};
#[cfg(feature = "guard-pages")]
pub(crate) use pages::{Texts, each, lent, lent_mut};
#[cfg(feature = "guard-pages")]
pub(crate) use settings::kernels;
#[cfg(feature = "guard-pages")]
pub use settings::{Place, kernel_sets, regions, with};

/// The masks that a machine writes, and the table of their addresses.
///
/// What the machine wrote is in the masks once this is dropped.
pub(crate) struct Masks<'m> {
    #[cfg(not(feature = "guard-pages"))]
    table: Vec<*mut u64>,
    #[cfg(not(feature = "guard-pages"))]
    lent: std::marker::PhantomData<&'m mut [u64]>,
    #[cfg(feature = "guard-pages")]
    table: pages::Fence<*mut u64>,
    #[cfg(feature = "guard-pages")]
    masks: Vec<pages::FenceMut<'m, u64>>,
}

impl<'m> Masks<'m> {
    #[cfg(not(feature = "guard-pages"))]
    pub fn of(masks: impl Iterator<Item = &'m mut [u64]>) -> Masks<'m> {
        Masks { table: masks.map(<[u64]>::as_mut_ptr).collect(), lent: std::marker::PhantomData }
    }

    #[cfg(feature = "guard-pages")]
    pub fn of(masks: impl Iterator<Item = &'m mut [u64]>) -> Masks<'m> {
        let mut masks: Vec<_> = masks.map(lent_mut).collect();
        let table: Vec<*mut u64> = masks.iter_mut().map(|mask| mask.as_mut_ptr()).collect();
        Masks { table: lent(&table), masks }
    }

    pub fn len(&self) -> usize {
        #[cfg(feature = "guard-pages")]
        return self.masks.len();
        #[cfg(not(feature = "guard-pages"))]
        self.table.len()
    }

    pub fn table(&self) -> *const *mut u64 {
        self.table.as_ptr()
    }
}

/// What the functions of this module come to in a build without guard pages: nothing.
#[cfg(not(feature = "guard-pages"))]
mod open {
    use std::ops::DerefMut;

    use seg_ir::host::Cell;

    use crate::batch::{Ranges, Table};
    use crate::column::Column;

    pub(crate) fn table(table: Table) -> Table {
        table
    }

    pub(crate) fn column(column: Column) -> Column {
        column
    }

    pub(crate) fn ranges(ranges: Ranges) -> Ranges {
        ranges
    }

    pub(crate) fn lent<T>(values: &[T]) -> &[T] {
        values
    }

    pub(crate) fn lent_mut<T>(values: &mut [T]) -> impl DerefMut<Target = [T]> {
        values
    }

    pub(crate) fn each<T>(lists: &[Vec<T>]) -> &[Vec<T>] {
        lists
    }

    /// Keeps no texts.
    #[derive(Debug, Default)]
    pub(crate) struct Texts;

    impl Texts {
        pub fn text(&mut self, text: &str) -> Cell {
            Cell::text(text)
        }

        pub fn clear(&mut self) {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_in_the_masks() {
        let mut words = vec![1, 2, 3, 4, 5, 6];
        let masks = Masks::of(words.chunks_exact_mut(2));
        assert_eq!(masks.len(), 3);
        for slot in 0..3 {
            // SAFETY: there are three masks of two words each, which `masks` borrows.
            unsafe { *(*masks.table().add(slot)).add(1) *= 10 };
        }
        drop(masks);
        assert_eq!(words, [1, 20, 3, 40, 5, 60]);
    }
}
