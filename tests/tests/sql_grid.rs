//! DuckDB judges what the SQL makes of extremes: every function of the standard library and every operator over a grid of values,
//! civil time in zones whose clocks jump, and case folding over every letter that has case.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use seg_compiler::sql::{Options, Required, duckdb};
use seg_ir::builtin::Shape;
use seg_ir::time::{parse_date, parse_timestamp};
use seg_ir::value::Reason;
use seg_ir::{Const, Program, Record, Type, text};
use seg_tests::fixture::checked;
use seg_tests::sql_judge::{BOTH, Case, Judge, Report};

const AS_OF: &str = "2026-03-15T12:00Z";

fn instant(written: &str) -> i64 {
    match parse_timestamp(written) {
        Some(seg_ir::time::ParsedTime::Instant(t)) => t,
        other => panic!("{written}: {other:?}"),
    }
}

/// Values of a type: ordinary ones, ends, and a missing one.
fn grid(ty: &str) -> Vec<Const> {
    const WHOLE: &[i64] = &[
        i64::MIN,
        i64::MIN + 1,
        -1_000_000,
        -7,
        -1,
        0,
        1,
        2,
        3,
        10,
        12,
        31,
        2026,
        500_000,
        9_007_199_254_740_993,
        i64::MAX,
    ];
    const FLOATS: &[f64] = &[
        -1e308,
        -9.3e18,
        -9_223_372_036_854_775_808.0,
        -2.5,
        -1.0,
        -0.5,
        0.0,
        5e-324,
        0.1,
        0.5,
        1.5,
        2.675,
        3.0,
        1e6,
        9_007_199_254_740_992.0,
        1.7e308,
    ];
    const TEXTS: &[&str] = &[
        "",
        " ",
        "a",
        "A b",
        "aa",
        "Ann Marie",
        "ann@Brand.EXAMPLE ",
        "@b",
        "a@b@c d",
        "ß straße",
        "İstanbul",
        "ΟΔΟΣ ς",
        "jean-LUC o'neill",
        "naïve👍",
        "\u{a0}x\u{3000}",
        "+44 (0)20",
    ];
    const DATES: &[&str] = &[
        "0001-01-01",
        "1582-10-10",
        "1900-02-28",
        "1969-12-31",
        "2000-02-29",
        "2004-02-29",
        "2025-02-28",
        "2026-01-31",
        "2026-03-14",
        "2026-03-15",
        "2026-03-22",
        "2026-10-25",
        "2026-12-31",
        "9999-01-31",
        "9999-12-31",
        "2011-12-30",
    ];
    const INSTANTS: &[&str] = &[
        "1850-06-01T12:00Z",
        "1970-01-01T00:00Z",
        "2011-12-29T21:30Z",
        "2017-03-12T06:30Z",
        "2017-03-12T07:30Z",
        "2017-11-05T05:30Z",
        "2017-11-05T06:30Z",
        "2026-02-12T01:30Z",
        "2026-02-28T23:59:59Z",
        "2026-03-08T07:30Z",
        "2026-03-15T12:00Z",
        "2026-03-28T01:30Z",
        "2026-09-25T00:30Z",
        "2026-10-04T01:15Z",
        "2026-10-24T00:30Z",
        "2026-12-31T23:00Z",
    ];
    let whole = |make: fn(i64) -> Const| WHOLE.iter().map(|v| make(*v)).collect::<Vec<_>>();
    let mut values = match ty {
        "Int" => whole(Const::Int),
        "Percent" => whole(Const::Percent),
        "Money(GBP)" => whole(Const::Money),
        "Number" => FLOATS.iter().map(|v| Const::number(*v)).collect(),
        "Text" => TEXTS.iter().map(|v| Const::text(text::normalise(v).as_ref())).collect(),
        "Date" => DATES.iter().map(|v| Const::Date(parse_date(v).unwrap())).collect(),
        "Timestamp" => INSTANTS.iter().map(|v| Const::Timestamp(instant(v))).collect(),
        "Bool" => vec![Const::Bool(true), Const::Bool(false)],
        other => panic!("no values of {other}"),
    };
    values.push(Const::Missing(Reason::NotGiven));
    values
}

/// The customers of a program whose fields behind the key are of these types: field n takes every value of its grid by the digit
/// that `digits` gives it.
fn customers(program: &Program, types: &[&str], digit: impl Fn(usize) -> usize, digits: u32) -> Vec<Record> {
    let size = types.iter().map(|t| grid(t).len()).max().unwrap();
    let grids: Vec<Vec<Const>> = types.iter().map(|t| grid(t)).collect();
    (0..size.pow(digits))
        .map(|n| {
            let mut row = vec![Const::text(&format!("c{n:06}"))];
            for (field, values) in grids.iter().enumerate() {
                let place = n / size.pow(digit(field) as u32) % size;
                row.push(values[place % values.len()].clone());
            }
            Record::new(&program.schema, row)
        })
        .collect()
}

/// Judges one program. **Errors**: what is not said, or not the same.
fn judge(judge: &mut Judge, name: &str, program: &Program, records: Vec<Record>) -> Result<(), String> {
    let mut report = Report::default();
    let case = Case {
        name: name.to_string(),
        program,
        as_of: instant(AS_OF),
        records,
        conditions: Vec::new(),
        required: BOTH,
    };
    judge.judge(&case, &mut report);
    let told: Vec<String> = report.told.iter().take(4).map(|t| t.chars().take(600).collect()).collect();
    match report.unsaid.is_empty() && report.compared > 0 && report.disagreements == 0 {
        true => Ok(()),
        false => Err(format!("{name}: {}, not said: {:?}\n{}", report.line(), report.unsaid, told.join("\n"))),
    }
}

fn seat() -> Option<Judge> {
    let judge = Judge::seat();
    if judge.is_none() {
        println!(
            "the SQL judge did not sit: no Python with the package `duckdb`; name one in SEG_JUDGE_PYTHON to seat it"
        );
    }
    judge
}

#[test]
fn every_function_means_the_same_in_sql() {
    let Some(mut seated) = seat() else { return };
    let mut failures = Vec::new();
    for builtin in seg_stdlib::VOCABULARY.0 {
        let generic = builtin.parameters.iter().any(|p| p.shape == Shape::AnyNumeric);
        let kinds: &[&str] = if generic { &["Int", "Number", "Percent", "Money(GBP)"] } else { &["Int"] };
        for kind in kinds {
            let types: Vec<&str> = builtin
                .parameters
                .iter()
                .map(|p| match &p.shape {
                    Shape::AnyNumeric => *kind,
                    Shape::Is(Type::Int) => "Int",
                    Shape::Is(Type::Number) => "Number",
                    Shape::Is(Type::Text) => "Text",
                    Shape::Is(Type::Date) => "Date",
                    Shape::Is(other) => panic!("{}: {other:?}", builtin.name),
                })
                .collect();
            let names = ["a", "b", "c"];
            let fields: Vec<String> = types.iter().zip(names).map(|(t, n)| format!("  {n} {t}?")).collect();
            let source = format!(
                "playbook \"p\" {{ timezone \"UTC\" currency GBP }}\nprofile C key id {{\n  id Text\n{}\n}}\nattribute result = {}({})\n",
                fields.join("\n"),
                builtin.name,
                names[..types.len()].join(", ")
            );
            let program = checked(&source).unwrap();
            let records = customers(&program, &types, |field| field, types.len() as u32);
            failures.extend(judge(&mut seated, &format!("{} of {kind}", builtin.name), &program, records).err());
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

/// Every operator that computes, over fields `i j` (Int), `x y` (Number), `p q` (Percent), `m n` (Money), `d e` (Date) and `s t`
/// (Timestamp).
const EXPRESSIONS: &[&str] = &[
    "i + j",
    "i - j",
    "i * j",
    "i / j",
    "-i",
    "x + y",
    "x - y",
    "x * y",
    "x / y",
    "-x",
    "i + x",
    "x - i",
    "i * x",
    "i / x",
    "x / i",
    "p + q",
    "p - q",
    "p / q",
    "p * i",
    "i * p",
    "p / i",
    "-p",
    "m + n",
    "m - n",
    "m / n",
    "m * i",
    "i * m",
    "m / i",
    "-m",
    "p of m",
    "p of q",
    "p of i",
    "p of x",
    "m / i / j",
    "p of (m + n)",
    "(i + j) / (i - j)",
    "d + 1 month",
    "d - 1 month",
    "d + 40 days",
    "d - 1 year",
    "d + 13 months",
    "s + 1 month",
    "s - 1 month",
    "s + 1 day",
    "s - 1 day",
    "s + 1 year",
    "s + 36 hours",
    "s - 30 minutes",
    "date_of(s)",
    "date_of(s + 6 months)",
    "days since d",
    "weeks since d",
    "months until d",
    "quarters since d",
    "years until d",
    "seconds since s",
    "minutes until s",
    "hours since s",
    "days since s",
    "weeks until s",
    "months since s",
    "years since s",
    "weekday of d",
    "weekday of s",
    "month of s",
    "day of s",
    "quarter of d",
    "year of s",
    "hour of s",
    "s - t",
    "(s - t) / i",
    "(s - t) * i",
    "i else 7",
    "x else y",
    "s + (s - t)",
];

const CONDITIONS: &[&str] = &[
    "i < x",
    "i <= x",
    "x > i",
    "x >= i",
    "i = x",
    "(i = x) is false",
    "i = j",
    "x < y",
    "m <= n",
    "p > q",
    "d < e",
    "s >= t",
    "d < s",
    "s before d",
    "d between e and 2026-12-31",
    "d anniversary in next 7 days",
    "d anniversary in next 40 days",
    "d in last 40 days",
    "s in last 30 days",
    "s in last 72 hours",
    "d in next 14 days",
    "s in last calendar month",
    "d this year",
    "i in [1, 2, 31]",
    "x in [0.5, 3.0]",
    "x = 9007199254740993",
    "i > 2.5",
    "i = 3.0",
    "i < 9223372036854775808.0",
    "weekday of s > Tuesday",
    "month of d in [March, December]",
    "s since 2017-01-01",
    "(i > 0 and x > 0) is unknown",
    "(i > 0 or x > 0) is known",
    "i is missing or x > 1.0",
];

#[test]
fn every_operator_means_the_same_in_sql_in_zones_whose_clocks_jump() {
    let Some(mut seated) = seat() else { return };
    let fields = [
        ("i", "Int"),
        ("x", "Number"),
        ("p", "Percent"),
        ("m", "Money(GBP)"),
        ("d", "Date"),
        ("s", "Timestamp"),
        ("j", "Int"),
        ("y", "Number"),
        ("q", "Percent"),
        ("n", "Money(GBP)"),
        ("e", "Date"),
        ("t", "Timestamp"),
    ];
    let types: Vec<&str> = fields.iter().map(|(_, ty)| *ty).collect();
    let declared: Vec<String> = fields.iter().map(|(name, ty)| format!("  {name} {ty}?")).collect();
    let mut failures = Vec::new();
    for zone in ["UTC", "America/New_York", "Europe/London", "Australia/Lord_Howe", "Pacific/Apia"] {
        let mut source = format!(
            "playbook \"p\" {{ timezone \"{zone}\" currency GBP }}\nprofile C key id {{\n  id Text\n{}\n}}\n",
            declared.join("\n")
        );
        for (n, expression) in EXPRESSIONS.iter().enumerate() {
            source += &format!("attribute value_{n} = {expression}\n");
        }
        for (n, condition) in CONDITIONS.iter().enumerate() {
            source += &format!("attribute condition_{n} = {condition}\n");
        }
        let program = checked(&source).unwrap();
        // The fields of the second half vary beside those of the first.
        let records = customers(&program, &types, |field| field / 6, 2);
        failures.extend(judge(&mut seated, zone, &program, records).err());
    }
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

#[test]
fn letters_fold_in_sql_as_in_the_language() {
    let Some(mut seated) = seat() else { return };
    let source = "profile C key id {\n  id Text\n}\nsegment Sharp\n  when id = \"ß\" ignoring case\n";
    let program = checked(source).unwrap();
    let options =
        Options { as_of: 0, only: &[], conditions: &[], unbound: &[], required: Required::Present, files: None };
    let script = duckdb(&program, &options);
    let query = "SELECT i, folded(nfc_normalize(chr(CAST(i AS INTEGER)))) FROM range(1, 126000) t(i) WHERE i < 12288 OR i BETWEEN 42560 AND 44031 OR i BETWEEN 63744 AND 72000 OR i BETWEEN 93760 AND 93951 OR i > 122000";
    let rows = seated.run(&script.functions, query).unwrap();
    let mut wrong = Vec::new();
    for row in &rows {
        let c = char::from_u32(u32::try_from(row[0].as_u64().unwrap()).unwrap()).unwrap();
        let want = text::fold(text::normalise(&c.to_string()).as_ref());
        if row[1].as_str() != Some(&want) {
            wrong.push(format!("U+{:04X} is `{want}` and in SQL {}", u32::from(c), row[1]));
        }
    }
    assert!(rows.len() > 25_000);
    assert!(wrong.is_empty(), "{}: {}", wrong.len(), wrong[..wrong.len().min(20)].join(", "));
}
