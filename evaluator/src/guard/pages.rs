//! Mappings with a page on either side that nobody may touch, and values that lie in them flush with one of those pages.

use std::ffi::c_void;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

use rustix::mm::{MapFlags, MprotectFlags, ProtFlags, mmap_anonymous, mprotect, munmap};
use seg_ir::host::Cell;

use super::settings::{self, Place};

/// A mapping: two pages that nobody may touch, and those between them.
#[derive(Debug)]
pub(crate) struct Pages {
    start: NonNull<c_void>,
    bytes: usize,
}

// SAFETY: the address of a mapping that this alone owns; it is good on every thread.
unsafe impl Send for Pages {}
// SAFETY: as above; what is shared gives the address and nothing else.
unsafe impl Sync for Pages {}

impl Drop for Pages {
    fn drop(&mut self) {
        // SAFETY: the mapping is this one's own, and whoever borrowed from it is gone.
        let freed = unsafe { munmap(self.start.as_ptr(), self.bytes) };
        debug_assert!(freed.is_ok(), "{freed:?}");
    }
}

/// Values of one kind, between two pages that nobody may touch and flush with one of them.
#[derive(Debug)]
pub(crate) struct Fence<T> {
    pages: Pages,
    values: NonNull<T>,
    len: usize,
}

// SAFETY: the mapping is owned by this alone, and gives out values as a slice would.
unsafe impl<T: Send> Send for Fence<T> {}
// SAFETY: as above.
unsafe impl<T: Sync> Sync for Fence<T> {}

impl<T: Copy> Fence<T> {
    /// A copy of values. A system that gives no more mappings is told as a panic: a test without its guard shows nothing.
    pub fn of(values: &[T]) -> Fence<T> {
        let page = rustix::param::page_size();
        assert!(align_of::<T>() <= page && size_of::<T>() > 0, "values that do not fit a page");
        let size = size_of_val(values);
        let within = size.div_ceil(page).max(1) * page;
        let bytes = within + 2 * page;
        // SAFETY: a new mapping, which overlays no other.
        let mapped = unsafe { mmap_anonymous(std::ptr::null_mut(), bytes, ProtFlags::empty(), MapFlags::PRIVATE) };
        let start = given(mapped);
        // SAFETY: `bytes` are two pages more than `within`, so that this is still inside the mapping.
        let inner = unsafe { start.byte_add(page) };
        // SAFETY: whole pages of the mapping just made, of which nothing else knows.
        given(unsafe { mprotect(inner, within, MprotectFlags::READ | MprotectFlags::WRITE) });
        let offset = match settings::place() {
            Place::Start => 0,
            Place::End => within - size,
        };
        // SAFETY: `offset + size` is at most `within`.
        let first = unsafe { inner.byte_add(offset) }.cast::<T>();
        // SAFETY: there is room for `values` from `first` on; it is aligned, for pages are, and at the end of a page a whole
        // number of values was taken away; the mapping is new, so that the two do not overlap.
        unsafe { std::ptr::copy_nonoverlapping(values.as_ptr(), first, values.len()) };
        settings::count();
        let len = values.len();
        match (NonNull::new(start), NonNull::new(first)) {
            (Some(start), Some(values)) => Fence { pages: Pages { start, bytes }, values, len },
            _ => unreachable!("the system does not map address zero"),
        }
    }

    /// The same, which nobody may write to either.
    pub fn sealed(values: &[T]) -> Fence<T> {
        let fence = Fence::of(values);
        let page = rustix::param::page_size();
        // SAFETY: the pages between the two outer ones; the values are not written to again, for whoever could has given
        // this away to be read.
        given(unsafe {
            mprotect(fence.pages.start.as_ptr().byte_add(page), fence.pages.bytes - 2 * page, MprotectFlags::READ)
        });
        fence
    }

    /// The address of the first value, how many bytes there are, and what keeps them.
    pub fn into_parts(self) -> (NonNull<u8>, usize, Pages) {
        (self.values.cast(), self.len * size_of::<T>(), self.pages)
    }
}

/// What the system gives, or a panic.
fn given<T>(answer: rustix::io::Result<T>) -> T {
    match answer {
        Ok(given) => given,
        Err(why) => unreachable!("no guard pages: {why}; vm.max_map_count may be too low for so many"),
    }
}

impl<T> Deref for Fence<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        // SAFETY: so many values were copied to there, and live as long as the mapping.
        unsafe { std::slice::from_raw_parts(self.values.as_ptr(), self.len) }
    }
}

/// A copy that is written to; what it holds at its end is copied back.
pub(crate) struct FenceMut<'m, T: Copy> {
    fence: Fence<T>,
    back: &'m mut [T],
}

impl<T: Copy> Deref for FenceMut<'_, T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.fence
    }
}

impl<T: Copy> DerefMut for FenceMut<'_, T> {
    fn deref_mut(&mut self) -> &mut [T] {
        // SAFETY: so many values were copied to there, the pages may be written to, and this is their only borrow.
        unsafe { std::slice::from_raw_parts_mut(self.fence.values.as_ptr(), self.fence.len) }
    }
}

impl<T: Copy> Drop for FenceMut<'_, T> {
    fn drop(&mut self) {
        self.back.copy_from_slice(&self.fence);
    }
}

/// A copy of values, to be read.
pub(crate) fn lent<T: Copy>(values: &[T]) -> Fence<T> {
    Fence::sealed(values)
}

/// A copy of values, to be written to; it is copied back when it is dropped.
pub(crate) fn lent_mut<T: Copy>(values: &mut [T]) -> FenceMut<'_, T> {
    FenceMut { fence: Fence::of(values), back: values }
}

/// A copy of each list, to be read.
pub(crate) fn each<T: Copy>(lists: &[Vec<T>]) -> Vec<Fence<T>> {
    lists.iter().map(|list| lent(list)).collect()
}

/// Copies of texts that cells lead to.
#[derive(Debug, Default)]
pub(crate) struct Texts(Vec<Fence<u8>>);

impl Texts {
    pub fn text(&mut self, text: &str) -> Cell {
        let fence = lent(text.as_bytes());
        // SAFETY: the bytes of a `str`.
        let cell = Cell::text(unsafe { std::str::from_utf8_unchecked(&fence) });
        self.0.push(fence);
        cell
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::{kernel_sets, with};
    use crate::kernel::{Near, available};

    #[test]
    fn values_are_copied_to_where_they_touch_a_guard_page() {
        let page = rustix::param::page_size();
        for place in Place::ALL {
            with(place, 0, || {
                for len in [0, 1, 7, page / 8 - 1, page / 8, page / 8 + 1] {
                    let values: Vec<u64> = (0..len as u64).collect();
                    let fence = lent(&values);
                    assert_eq!(*fence, values[..]);
                    let (start, end) = (fence.as_ptr() as usize, fence.as_ptr_range().end as usize);
                    assert_eq!(if place == Place::Start { start } else { end } % page, 0, "{place:?} of {len}");
                    let mapped = fence.pages.start.as_ptr() as usize;
                    assert!(start >= mapped + page && end <= mapped + fence.pages.bytes - page);
                }
                let mut numbers = [1, 2, 3];
                lent_mut(&mut numbers)[1] = 7;
                assert_eq!(numbers, [1, 7, 3]);
            });
        }
    }

    /// Every kernel of every set over every length up to three words: it reads and writes what it was given alone.
    #[test]
    fn no_kernel_leaves_its_slices() {
        for (set, kernels) in available().into_iter().enumerate() {
            for place in Place::ALL {
                with(place, set, || {
                    for len in (0..=130).chain([191, 192, 193]) {
                        let (longs, ints) = (lent(&vec![7_i64; len]), lent(&vec![7_i32; len]));
                        let (floats, members) = (lent(&vec![7.0_f64; len]), lent(&vec![7_u32; len]));
                        let mut found = vec![0_u64; len.div_ceil(64)];
                        let mut all = |kernel: &dyn Fn(&mut [u64])| {
                            found.fill(u64::MAX);
                            kernel(&mut lent_mut(&mut found));
                            found.iter().map(|word| word.count_ones() as usize).sum::<usize>()
                        };
                        let near = Near { low: 0, set: 1 << 7 };
                        assert_eq!(all(&|out| (kernels.equal_i64)(&longs, 7, out)), len);
                        assert_eq!(all(&|out| (kernels.less_i64)(&longs, 7, out)), 0);
                        assert_eq!(all(&|out| (kernels.greater_i64)(&longs, 6, out)), len);
                        assert_eq!(all(&|out| (kernels.near_i64)(&longs, near, out)), len);
                        assert_eq!(all(&|out| (kernels.equal_i32)(&ints, 7, out)), len);
                        assert_eq!(all(&|out| (kernels.less_i32)(&ints, 8, out)), len);
                        assert_eq!(all(&|out| (kernels.greater_i32)(&ints, 7, out)), 0);
                        assert_eq!(all(&|out| (kernels.equal_f64)(&floats, 7.0, out)), len);
                        assert_eq!(all(&|out| (kernels.less_f64)(&floats, 7.5, out)), len);
                        assert_eq!(all(&|out| (kernels.greater_f64)(&floats, 7.5, out)), 0);
                        assert_eq!(all(&|out| (kernels.member_u32)(&members, 1 << 7, out)), len);
                    }
                });
            }
        }
        assert_eq!(kernel_sets().len(), available().len());
    }
}
