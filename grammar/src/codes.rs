//! The codes of everything that the compiler can say: fine-grained, never renumbered, one page each under `docs/`.

/// The name of a kind of finding, such as `unstated-missing`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Code(pub &'static str);

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])* $name:ident = $text:literal;)*) => {
        $($(#[doc = $doc])* pub const $name: Code = Code($text);)*

        /// Every code with its page, in the order of this file.
        pub const ALL: &[(Code, &str)] = &[
            $(($name, include_str!(concat!("../../docs/errors/", $text, ".md"))),)*
        ];
    };
}

codes! {
    // How a file is written.
    FILE_TOO_LARGE = "file-too-large";
    DIRECTION_MARK = "direction-mark";
    NO_BREAK_SPACE = "no-break-space";
    SMART_QUOTE = "smart-quote";
    LOOK_ALIKE_LETTER = "look-alike-letter";
    STRAY_CHARACTER = "stray-character";
    UNCLOSED_TEXT = "unclosed-text";
    UNCLOSED_BRACKET = "unclosed-bracket";
    TOO_DEEP = "too-deep";
    UNKNOWN_DECLARATION = "unknown-declaration";
    NOT_YET = "not-yet";
    SYNTAX = "syntax";
    SYNTAX_OPERATOR = "syntax-operator";
    SYNTAX_KEYWORD = "syntax-keyword";
    MIXED_AND_OR = "mixed-and-or";
    BAD_NUMBER = "bad-number";
    THOUSANDS_SEPARATOR = "thousands-separator";
    DATE_FORMAT = "date-format";
    NO_SUCH_DATE = "no-such-date";
    TIMESTAMP_ZONE = "timestamp-zone";
    BAD_TIME = "bad-time";
    BAD_ESCAPE = "bad-escape";
    TEXT_INTERPOLATION = "text-interpolation";
}
