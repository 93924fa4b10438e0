//! The page of unsafe code is what the sources say, and every place of it gives its reason.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};

use seg_tests::unsafe_page::{Kind, Place, of_file, page, places};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

#[test]
fn the_page_is_what_the_sources_say() {
    let written = std::fs::read_to_string(root().join("docs/unsafe.md")).unwrap();
    let now = page(&root()).unwrap();
    assert_eq!(written, now, "docs/unsafe.md is not what the sources say: `cargo xtask unsafe` writes it anew");
}

#[test]
fn every_place_gives_its_reason() {
    let without: Vec<Place> = places(&root()).unwrap();
    assert!(without.len() > 20, "{} places: some were lost", without.len());
    let without: Vec<&Place> =
        without.iter().filter(|place| place.invariant.is_none() && place.kind != Kind::OfTrait).collect();
    assert!(without.is_empty(), "{without:#?}");
}

/// Every form of the word, with and without a reason. The word itself is put together, for it stands nowhere but in the
/// evaluator.
#[test]
fn places_are_found_wherever_they_stand() {
    let source = r#"
        type Entry = UNSAFE extern "C" fn(usize);
        // SAFETY: it has no state
        // of its own.
        UNSAFE impl<T: Copy> Send for Held<T> {}
        UNSAFE impl GlobalAlloc for Counting {
            UNSAFE fn alloc(&self) {}
        }
        impl<'a> Held<'a> {
            fn get(&self, give: impl Fn()) -> u8 {
                let closure = || {
                    // SAFETY: in bounds.
                    let value = self
                        .of(|at| UNSAFE { *at });
                    value
                };
                UNSAFE { *self.0 }
            }
            /// Does it.
            ///
            /// # Safety
            /// `at` may be
            /// read.
            #[inline]
            pub UNSAFE fn take(at: *const u8) {}
        }
        macro_rules! each {
            ($($name:ident)*) => {$(fn $name() {
                // SAFETY: the features are there.
                UNSAFE { whole() };
            })*}
        }
        // "UNSAFE { in a comment }"
        const TEXT: &str = "UNSAFE { in a text }";
        UNSAFE fn bare() {}
    "#;
    let found = of_file("x.rs", &source.replace("UNSAFE", &["un", "safe"].concat())).unwrap();
    let told: Vec<(Kind, &str, Option<&str>)> =
        found.iter().map(|p| (p.kind, p.within.as_str(), p.invariant.as_deref())).collect();
    let want = [
        (Kind::Impl, "impl<T: Copy> Send for Held<T>", Some("it has no state of its own.")),
        (Kind::Impl, "impl GlobalAlloc for Counting", None),
        (Kind::OfTrait, "Counting::alloc", None),
        (Kind::Block, "Held::get", Some("in bounds.")),
        (Kind::Block, "Held::get", None),
        (Kind::Function, "Held::take", Some("`at` may be read.")),
        (Kind::Block, "$name", Some("the features are there.")),
        (Kind::Function, "bare", None),
    ];
    assert_eq!(told, want);
}
