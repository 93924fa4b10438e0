//! The page of every code that the grammar raises: its example raises that code and no other, its repair parses and is
//! formatted.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use seg_grammar::codes::{self, ALL};
use seg_grammar::format::format;
use seg_grammar::{Code, FileId, parse};

/// The codes of how a file is written; those of names and types are tested where those are checked.
const RAISED_HERE: [Code; 23] = [
    codes::FILE_TOO_LARGE,
    codes::DIRECTION_MARK,
    codes::NO_BREAK_SPACE,
    codes::SMART_QUOTE,
    codes::LOOK_ALIKE_LETTER,
    codes::STRAY_CHARACTER,
    codes::UNCLOSED_TEXT,
    codes::UNCLOSED_BRACKET,
    codes::TOO_DEEP,
    codes::UNKNOWN_DECLARATION,
    codes::NOT_YET,
    codes::SYNTAX,
    codes::SYNTAX_OPERATOR,
    codes::SYNTAX_KEYWORD,
    codes::MIXED_AND_OR,
    codes::BAD_NUMBER,
    codes::THOUSANDS_SEPARATOR,
    codes::DATE_FORMAT,
    codes::NO_SUCH_DATE,
    codes::TIMESTAMP_ZONE,
    codes::BAD_TIME,
    codes::BAD_ESCAPE,
    codes::TEXT_INTERPOLATION,
];

fn block<'p>(page: &'p str, heading: &str) -> &'p str {
    let section = page.split_once(heading).map_or("", |(_, section)| section);
    let fence = section.split_once("```seg\n").map_or("", |(_, rest)| rest);
    fence.split_once("```").map_or("", |(block, _)| block)
}

#[test]
fn examples_raise_their_code_and_repairs_parse() {
    for code in RAISED_HERE {
        let (_, page) = ALL.iter().find(|(known, _)| *known == code).unwrap();
        assert!(page.starts_with(&format!("# {code}\n\n")), "{code}");
        let repair = block(page, "## Repair");
        assert_eq!(support::messages(repair), "", "{code}");
        assert_eq!(format(repair).as_deref(), Some(repair), "{code}");
        if code == codes::FILE_TOO_LARGE {
            // An example would be a page of 64 KiB; a line of that length stands in for it.
            let members: String = (0..10_000).map(|n| format!("S{n:05}, ")).collect();
            assert_raises(code, &format!("enum Shop {{ {members} }}\n"));
            continue;
        }
        assert_raises(code, block(page, "## Example"));
    }
}

fn assert_raises(code: Code, source: &str) {
    let (_, diagnostics) = parse(FileId(0), source);
    assert!(!diagnostics.is_empty(), "{code}: the example raises nothing\n{source}");
    for diagnostic in diagnostics {
        assert_eq!(diagnostic.code, code, "{source}");
    }
}
