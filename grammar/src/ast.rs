//! The syntax tree: what was written, with spans, before any name or type is known.

use crate::source::Span;

/// A name as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ident {
    pub text: String,
    pub span: Span,
}

/// A text literal: its value, and the span that includes the quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    pub value: String,
    pub span: Span,
}

/// `a.b.c`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    pub parts: Vec<Ident>,
    pub span: Span,
}

impl Path {
    /// The path as written, dots included.
    pub fn text(&self) -> String {
        self.parts.iter().map(|p| p.text.as_str()).collect::<Vec<_>>().join(".")
    }

    /// The first name of the path.
    pub fn head(&self) -> &Ident {
        // INVARIANT: the grammar gives a path at least one part.
        &self.parts[0]
    }
}

/// One file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ast {
    pub items: Vec<Item>,
}

/// One declaration, with the `##` lines above it.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    pub span: Span,
    pub doc: Option<String>,
    /// Lints that `@allow(name) "reason"` above the declaration silences.
    pub allows: Vec<Allow>,
    pub kind: ItemKind,
}

/// `@allow(lint) "reason"`
#[derive(Debug, Clone, PartialEq)]
pub struct Allow {
    pub lint: Ident,
    pub reason: Text,
}

#[derive(Debug, Clone, PartialEq)]
pub enum ItemKind {
    Use(Path),
    Playbook(Playbook),
    Enum(Enum),
    Profile(Table),
    Event(Table),
    Reference(Table),
    Attribute(Attribute),
    Segment(Segment),
    DecisionTable(DecisionTable),
    Test(Test),
    /// A declaration that did not parse or that this version does not have: its name, where one was found, so that
    /// uses of it raise no second error.
    Broken(Option<Ident>),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Playbook {
    pub title: Text,
    pub properties: Vec<Property>,
}

/// `timezone "Europe/London"`, `currency GBP`, `language by language`
#[derive(Debug, Clone, PartialEq)]
pub struct Property {
    pub name: Ident,
    pub value: Ident,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Enum {
    pub name: Ident,
    pub ordered: bool,
    pub members: EnumMembers,
}

#[derive(Debug, Clone, PartialEq)]
pub enum EnumMembers {
    Inline(Vec<Member>),
    /// `from "data/states.csv" column code`
    FromCsv {
        file: Text,
        column: Ident,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    pub name: Ident,
    /// The text that stands for the member in data, where it differs from the name.
    pub value: Option<Text>,
}

/// A profile, an event table or a reference table.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    pub name: Ident,
    /// `key customer_id`, `by customer_id`; `row` for `key row`.
    pub key: Ident,
    /// `at placed_at`
    pub at: Option<Ident>,
    pub fields: Vec<Field>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    pub doc: Option<String>,
    pub name: Ident,
    pub kind: FieldKind,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "nearly every field is the large one")]
pub enum FieldKind {
    Record(Vec<Field>),
    Value { many: Option<Span>, ty: TypeRef, max: Option<(i64, Span)>, default: Option<Expr>, labels: Vec<Ident> },
}

/// `Money(GBP)?`, `List(Text)`
#[derive(Debug, Clone, PartialEq)]
pub struct TypeRef {
    pub name: Ident,
    pub argument: Option<Ident>,
    pub optional: bool,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Attribute {
    pub name: Ident,
    pub ty: Option<TypeRef>,
    pub value: Expr,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Segment {
    pub name: Ident,
    pub title: Option<Text>,
    pub when: Option<Expr>,
    pub except: Vec<Expr>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct DecisionTable {
    pub name: Ident,
    pub parameters: Vec<Parameter>,
    pub result: TypeRef,
    pub body: TableBody,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    pub name: Ident,
    pub ty: Option<TypeRef>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum TableBody {
    Inline { unique: Option<Span>, columns: Vec<Ident>, result: Ident, rows: Vec<Row> },
    FromCsv { unique: Option<Span>, file: Text },
}

#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub cells: Vec<Cell>,
    pub result: Expr,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    pub kind: CellKind,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub enum CellKind {
    Any,
    Missing,
    Compare(CompareOp, Expr),
    Between(Expr, Expr),
    OneOf(Vec<Expr>),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Test {
    pub name: Text,
    pub given: Vec<Given>,
    pub as_of: Expr,
    pub expects: Vec<Expect>,
}

/// `consent.email: true`
#[derive(Debug, Clone, PartialEq)]
pub struct Given {
    pub path: Path,
    pub value: GivenValue,
}

#[derive(Debug, Clone, PartialEq)]
pub enum GivenValue {
    Value(Expr),
    Record(Vec<Given>, Span),
    Rows(Vec<GivenValue>, Span),
}

impl GivenValue {
    pub fn span(&self) -> Span {
        match self {
            GivenValue::Value(expr) => expr.span,
            GivenValue::Record(_, span) | GivenValue::Rows(_, span) => *span,
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Expect {
    pub span: Span,
    pub kind: ExpectKind,
}

#[derive(Debug, Clone, PartialEq)]
pub enum ExpectKind {
    /// `expect in GoldHolders`, `expect not in GoldHolders`
    Member { negated: bool, segment: Ident },
    /// A condition that must be true.
    True(Expr),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    pub span: Span,
    pub kind: ExprKind,
}

#[derive(Debug, Clone, PartialEq)]
pub enum ExprKind {
    Literal(Literal),
    Path(Path),
    /// `latest(orders).placed_at`
    Field(Box<Expr>, Ident),
    Call {
        callee: Ident,
        arguments: Vec<Argument>,
    },
    List(Vec<Expr>),
    Paren(Box<Expr>),
    Not(Span, Box<Expr>),
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Negate(Box<Expr>),
    Compare {
        op: CompareOp,
        op_span: Span,
        left: Box<Expr>,
        right: Box<Expr>,
        ignoring_case: bool,
    },
    Matches {
        value: Box<Expr>,
        pattern: Text,
        ignoring_case: bool,
    },
    Between {
        value: Box<Expr>,
        low: Box<Expr>,
        high: Box<Expr>,
    },
    In {
        value: Box<Expr>,
        negated: Option<Span>,
        set: InSet,
        ignoring_case: bool,
    },
    Is {
        value: Box<Expr>,
        negated: bool,
        state: IsState,
        state_span: Span,
    },
    Else(Box<Expr>, Box<Expr>),
    Arithmetic {
        op: ArithmeticOp,
        op_span: Span,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    Of(Box<Expr>, Box<Expr>),
    /// `90 days ago`
    Ago(Box<Expr>),
    /// `birthday anniversary`
    Anniversary(Box<Expr>),
    /// `weekday of placed_at`
    Part(Part, Box<Expr>),
    /// `years since birthday`, `days until renewal_date`
    Elapsed {
        unit: Unit,
        direction: Direction,
        of: Box<Expr>,
    },
    Choose {
        arms: Vec<ChooseArm>,
        otherwise: Option<Box<Expr>>,
    },
    Match {
        subject: Box<Expr>,
        arms: Vec<MatchArm>,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub enum Argument {
    Expr(Expr),
    Rows(Rows),
}

impl Argument {
    pub fn span(&self) -> Span {
        match self {
            Argument::Expr(expr) => expr.span,
            Argument::Rows(rows) => rows.span,
        }
    }
}

/// `visits v in last 14 days where page = "boots" then no orders within 2 days of v`
#[derive(Debug, Clone, PartialEq)]
pub struct Rows {
    pub span: Span,
    pub path: Path,
    pub alias: Option<Ident>,
    pub window: Option<Window>,
    pub filter: Option<Box<Expr>>,
    pub then_no: Option<ThenNo>,
}

/// `then no orders where total > £5 within 2 days of v`
#[derive(Debug, Clone, PartialEq)]
pub struct ThenNo {
    pub span: Span,
    pub path: Path,
    pub filter: Option<Box<Expr>>,
    pub within: Quantity,
    pub within_span: Span,
    pub of: Ident,
}

#[derive(Debug, Clone, PartialEq)]
pub enum InSet {
    List(Vec<Expr>, Span),
    /// `card in top_cards`: a list-valued field or attribute.
    Path(Path),
    Window(Window),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    pub span: Span,
    pub kind: WindowKind,
    /// Whether `in` stood before it.
    pub with_in: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub enum WindowKind {
    /// `last 30 days`, `last 90 days before 90 days ago`
    Last {
        length: Quantity,
        before: Option<Box<Expr>>,
    },
    /// `next 14 days`
    Next {
        length: Quantity,
    },
    /// `last 3 calendar months`, `next calendar month`
    Calendar {
        next: bool,
        count: i64,
        unit: Unit,
    },
    /// `this month`
    This(Unit),
    Today,
    Since(Box<Expr>),
    Between(Box<Expr>, Box<Expr>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quantity {
    pub count: i64,
    pub unit: Unit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

impl Unit {
    /// The unit that a word names, in the singular or the plural.
    pub fn from_word(word: &str) -> Option<Unit> {
        Some(match word.strip_suffix('s').unwrap_or(word) {
            "second" => Unit::Second,
            "minute" => Unit::Minute,
            "hour" => Unit::Hour,
            "day" => Unit::Day,
            "week" => Unit::Week,
            "month" => Unit::Month,
            "quarter" => Unit::Quarter,
            "year" => Unit::Year,
            _ => return None,
        })
    }

    pub fn name(self) -> &'static str {
        match self {
            Unit::Second => "second",
            Unit::Minute => "minute",
            Unit::Hour => "hour",
            Unit::Day => "day",
            Unit::Week => "week",
            Unit::Month => "month",
            Unit::Quarter => "quarter",
            Unit::Year => "year",
        }
    }

    /// Whether it is a fixed number of seconds rather than a stretch of the calendar.
    pub fn is_exact(self) -> bool {
        matches!(self, Unit::Second | Unit::Minute | Unit::Hour)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Since,
    Until,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    Weekday,
    Month,
    Hour,
    Day,
    Quarter,
    Year,
}

#[derive(Debug, Clone, PartialEq)]
pub enum IsState {
    Known,
    Missing,
    Unknown,
    True,
    False,
    /// `is Gold`: no Seg, but what beginners write; the checker proposes `=`.
    Value(Box<Expr>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CompareOp {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Before,
    After,
    StartsWith,
    EndsWith,
    Contains,
    ContainsAny,
    ContainsAll,
}

impl CompareOp {
    /// The operator as the formatter writes it.
    pub fn text(self) -> &'static str {
        match self {
            CompareOp::Equal => "=",
            CompareOp::NotEqual => "!=",
            CompareOp::Less => "<",
            CompareOp::LessEqual => "<=",
            CompareOp::Greater => ">",
            CompareOp::GreaterEqual => ">=",
            CompareOp::Before => "before",
            CompareOp::After => "after",
            CompareOp::StartsWith => "starts with",
            CompareOp::EndsWith => "ends with",
            CompareOp::Contains => "contains",
            CompareOp::ContainsAny => "contains any of",
            CompareOp::ContainsAll => "contains all of",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ArithmeticOp {
    Add,
    Subtract,
    Multiply,
    Divide,
}

impl ArithmeticOp {
    pub fn text(self) -> &'static str {
        match self {
            ArithmeticOp::Add => "+",
            ArithmeticOp::Subtract => "-",
            ArithmeticOp::Multiply => "*",
            ArithmeticOp::Divide => "/",
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct ChooseArm {
    pub when: Expr,
    pub value: Expr,
}

#[derive(Debug, Clone, PartialEq)]
pub struct MatchArm {
    pub patterns: Vec<Pattern>,
    pub value: Expr,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Pattern {
    Value(Expr),
    Any(Span),
    Missing(Span),
    Otherwise(Span),
}

impl Pattern {
    pub fn span(&self) -> Span {
        match self {
            Pattern::Value(expr) => expr.span,
            Pattern::Any(span) | Pattern::Missing(span) | Pattern::Otherwise(span) => *span,
        }
    }
}

/// A literal, its digits already checked and scaled.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    Bool(bool),
    Int(i64),
    Number(f64),
    /// In millionths of one: 10% is 100_000.
    Percent(i64),
    Money(MoneyLiteral),
    Text(String),
    Date(CivilDate),
    Timestamp(TimestampLiteral),
    /// Seconds since midnight.
    TimeOfDay(u32),
    Quantity(Quantity),
    /// The word `missing` as a result.
    Missing,
}

/// An amount as written: its digits without the point, how many stood behind it, and the currency's sign or code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MoneyLiteral {
    pub digits: i64,
    pub decimals: u32,
    pub currency: String,
}

/// A civil date that was checked to exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CivilDate {
    pub year: i16,
    pub month: u8,
    pub day: u8,
}

/// A civil date and time with its offset from UTC in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TimestampLiteral {
    pub date: CivilDate,
    /// Seconds since midnight.
    pub second: u32,
    pub offset_s: i32,
}
