//! Capital and small letters, one for one: a text keeps its length in characters, so that what bounds it still does.
//! Does not know languages: a Turkish dotted capital becomes the plain `i`.
//! **Source**: the simple case mappings of Unicode, and the capital sharp s.

/// The capital of a letter; the character itself where there is no single one.
pub fn upper(c: char) -> char {
    match c {
        'ß' => 'ẞ',
        // Greek small letters with an iota below: their capitals write it beside, in one character.
        '\u{1f80}'..='\u{1f87}' | '\u{1f90}'..='\u{1f97}' | '\u{1fa0}'..='\u{1fa7}' => moved(c, 8),
        '\u{1fb3}' | '\u{1fc3}' | '\u{1ff3}' => moved(c, 9),
        _ => single(c.to_uppercase(), c),
    }
}

/// The small form of a letter; the character itself where there is no single one.
pub fn lower(c: char) -> char {
    match c {
        'İ' => 'i',
        _ => single(c.to_lowercase(), c),
    }
}

fn moved(c: char, by: u32) -> char {
    char::from_u32(u32::from(c) + by).unwrap_or(c)
}

fn single(mut mapped: impl ExactSizeIterator<Item = char>, c: char) -> char {
    if mapped.len() == 1 { mapped.next().unwrap_or(c) } else { c }
}
