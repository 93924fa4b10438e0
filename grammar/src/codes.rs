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
    TOO_LARGE = "too-large";
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

    // Names, types and missing values.
    AGO_LENGTH = "ago-length";
    ARGUMENT_TYPE = "argument-type";
    ARITHMETIC_TYPES = "arithmetic-types";
    ATTRIBUTE_TYPE = "attribute-type";
    BAD_PATTERN = "bad-pattern";
    CALENDAR_UNIT = "calendar-unit";
    CHOICE_TYPES = "choice-types";
    CIRCULAR_DEFINITION = "circular-definition";
    CIRCULAR_USE = "circular-use";
    COMPARE_TYPES = "compare-types";
    CSV_COLUMN = "csv-column";
    CSV_MALFORMED = "csv-malformed";
    CURRENCY_MISMATCH = "currency-mismatch";
    DATE_ARITHMETIC = "date-arithmetic";
    DATE_EQUALS_TIMESTAMP = "date-equals-timestamp";
    DATE_EXPECTED = "date-expected";
    DEAD_ARM = "dead-arm";
    DEAD_ROW = "dead-row";
    DEFAULT_OF_OPTIONAL = "default-of-optional";
    DEFAULT_TYPE = "default-type";
    DOLLAR_SIGN = "dollar-sign";
    DUPLICATE_MEMBER = "duplicate-member";
    DUPLICATE_NAME = "duplicate-name";
    ELSE_TYPES = "else-types";
    EMPTY_CHOICE = "empty-choice";
    EMPTY_ENUM = "empty-enum";
    EMPTY_LIST = "empty-list";
    EMPTY_RANGE = "empty-range";
    EMPTY_RECORD = "empty-record";
    EMPTY_SEGMENT = "empty-segment";
    ENUM_ORDER = "enum-order";
    EQUALS_MISSING = "equals-missing";
    EVENTS_AS_VALUE = "events-as-value";
    FOLD_OF_FIELD = "fold-of-field";
    FOLD_TYPE = "fold-type";
    FOLD_WITHOUT_FIELD = "fold-without-field";
    FOLD_WITHOUT_TEST = "fold-without-test";
    GROUP_AS_VALUE = "group-as-value";
    HOUR_OF_DATE = "hour-of-date";
    IGNORING_CASE = "ignoring-case";
    IS_NOT_KNOWN = "is-not-known";
    IS_VALUE = "is-value";
    KEY_TYPE = "key-type";
    LIST_EXPECTED = "list-expected";
    LITERAL_TYPE = "literal-type";
    MANY_OF_NO_EVENT = "many-of-no-event";
    MANY_OUTSIDE_PROFILE = "many-outside-profile";
    MATCH_MISSING = "match-missing";
    MATCH_SUBJECT = "match-subject";
    MAX_TYPE = "max-type";
    MISSING_FILE = "missing-file";
    MISSING_MEMBERS = "missing-members";
    MIXED_LIST = "mixed-list";
    MONEY_DECIMALS = "money-decimals";
    MONEY_EXPECTED = "money-expected";
    MONEY_TIMES_MONEY = "money-times-money";
    MONEY_TIMES_NUMBER = "money-times-number";
    MONEY_WITHOUT_CURRENCY = "money-without-currency";
    NESTED_EVENTS = "nested-events";
    NEXT_EVENTS = "next-events";
    NOT_A_CONDITION = "not-a-condition";
    NOT_EVENTS = "not-events";
    OF_TYPES = "of-types";
    PARAMETER_TYPE = "parameter-type";
    PERCENT_EXPECTED = "percent-expected";
    PERCENT_TIMES = "percent-times";
    REFUSED_FILE = "refused-file";
    SEQUENCE_NAME = "sequence-name";
    SEQUENCE_PLACE = "sequence-place";
    SEQUENCE_TIMES = "sequence-times";
    TABLE_CELL = "table-cell";
    TABLE_COLUMNS = "table-columns";
    TABLE_GAP = "table-gap";
    TABLE_OVERLAP = "table-overlap";
    TABLE_RESULT = "table-result";
    TABLE_TOO_LARGE = "table-too-large";
    TEXT_EXPECTED = "text-expected";
    TEXT_ORDER = "text-order";
    TIME_TYPE = "time-type";
    UNKNOWN_CURRENCY = "unknown-currency";
    UNKNOWN_FIELD = "unknown-field";
    UNKNOWN_FUNCTION = "unknown-function";
    UNKNOWN_GIVEN = "unknown-given";
    UNKNOWN_LINT = "unknown-lint";
    UNKNOWN_MEMBER = "unknown-member";
    UNKNOWN_MODULE = "unknown-module";
    UNKNOWN_NAME = "unknown-name";
    UNKNOWN_PROPERTY = "unknown-property";
    UNKNOWN_TIMEZONE = "unknown-timezone";
    UNKNOWN_TYPE = "unknown-type";
    UNSTATED_MISSING = "unstated-missing";
    WINDOW_LENGTH = "window-length";
    WINDOW_WITHOUT_TIME = "window-without-time";
    WINDOW_WORDS = "window-words";
    WRONG_ARGUMENTS = "wrong-arguments";
    EMPTY_TEST = "empty-test";
    GIVEN_TYPE = "given-type";
}
