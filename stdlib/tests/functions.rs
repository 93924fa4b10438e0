//! What every function gives, called as the evaluators call it: ordinary values, extremes, and arguments of a wrong type.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at what it does not expect")]

mod support;

use seg_ir::builtin::Shape;
use seg_ir::time;
use seg_ir::value::{Const, Reason, Value};
use seg_ir::{Currency, Type};
use seg_stdlib::VOCABULARY;
use support::{call, examples, text};

const OVERFLOW: Const = Const::Missing(Reason::Overflow);
const DIVISION_BY_ZERO: Const = Const::Missing(Reason::DivisionByZero);
const EMPTY: Const = Const::Missing(Reason::Empty);

fn int(value: i64) -> Const {
    Const::Int(value)
}

fn number(value: f64) -> Const {
    Const::number(value)
}

fn day(text: &str) -> Const {
    Const::Date(time::parse_date(text).unwrap())
}

#[track_caller]
fn gives(name: &str, arguments: &[Const], expected: Const) {
    assert_eq!(call(name, arguments), expected, "{name}({arguments:?})");
}

#[test]
fn every_example_gives_what_it_says() {
    for (builtin, example) in examples() {
        let given = support::evaluate(example.expression);
        let said = support::evaluate(example.gives);
        match (&given, &said) {
            (Const::Missing(_), Const::Missing(_)) => {
                assert!(builtin.partial, "`{}` is missing, but `{}` is not partial", example.expression, builtin.name);
            }
            _ => assert_eq!(given, said, "{}", example.expression),
        }
    }
}

#[test]
fn capitals_keep_the_length() {
    gives("upper", &[text("straße ŉ ﬁ")], text("STRAẞE ŉ ﬁ"));
    gives("lower", &[text("ΟΔΟΣ İ")], text("οδοσ i"));
    gives("upper", &[text("ᾳ ᾀ ᾧ")], text("ᾼ ᾈ ᾯ"));
    for c in (0..=0x10_ffff).filter_map(char::from_u32) {
        let one = Const::text(seg_ir::text::normalise(&c.to_string()).as_ref());
        let length = call("length", std::slice::from_ref(&one));
        for name in ["upper", "lower"] {
            assert_eq!(call("length", &[call(name, std::slice::from_ref(&one))]), length, "{name} of {c:?}");
        }
    }
}

#[test]
fn made_texts_are_in_the_normal_form() {
    gives("join", &[text("e"), text("\u{301}")], text("é"));
    gives("replace", &[text("ex"), text("x"), text("\u{301}")], text("é"));
    gives("lower", &[text("H\u{331}")], text("\u{1e96}"));
}

#[test]
fn made_texts_have_a_longest() {
    let long = text(&"a".repeat(1 << 20));
    gives("upper", std::slice::from_ref(&long), text(&"A".repeat(1 << 20)));
    gives("join", &[long.clone(), text("b")], OVERFLOW);
    gives("replace", &[long.clone(), text("a"), text("bb")], OVERFLOW);
    gives("replace", &[long.clone(), text("a"), long.clone()], OVERFLOW);
    gives("replace", &[long, text("aa"), text("b")], text(&"b".repeat(1 << 19)));
}

#[test]
fn ends_of_texts_are_cut_at_characters() {
    for (count, left, right) in [
        (i64::MIN, "", ""),
        (-1, "", ""),
        (0, "", ""),
        (1, "n", "👍"),
        (3, "naï", "e👍"),
        (6, "naïve👍", "naïve👍"),
        (i64::MAX, "naïve👍", "naïve👍"),
    ] {
        let whole = text("naïve👍");
        gives("left", &[whole.clone(), int(count)], text(left));
        let right = if count == 3 { "ve👍" } else { right };
        gives("right", &[whole, int(count)], text(right));
    }
    gives("left", &[text(""), int(3)], text(""));
    gives("right", &[text(""), int(3)], text(""));
}

#[test]
fn white_space_is_that_of_unicode() {
    let padded = text("\u{a0}\t\u{2003} Ann\u{3000}Lee \u{85}\n");
    gives("trim", std::slice::from_ref(&padded), text("Ann\u{3000}Lee"));
    gives("first_word", &[padded], text("Ann"));
    gives("first_word", &[text(" \u{3000}\n")], EMPTY);
    gives("title_case", &[text("jean-LUC\u{a0}o'neill")], text("Jean-Luc\u{a0}O'neill"));
}

#[test]
fn domains_come_from_addresses_only() {
    for (email, domain) in [
        ("a@b", "b"),
        ("\"odd@name\"@Brand.Example", "brand.example"),
        ("  ann@brand.example\n", "brand.example"),
        ("ann@BÜCHER.example", "bücher.example"),
    ] {
        gives("domain_of", &[text(email)], text(domain));
    }
    for none in ["", "@", "ann@", "@b", "ann", "ann@ ", "ann@brand example", "ann@b c@"] {
        gives("domain_of", &[text(none)], EMPTY);
    }
    gives("digits_only", &[text("٣ 3 ３")], text("3"));
}

#[test]
fn whole_numbers_reach_to_their_ends() {
    gives("abs", &[int(i64::MIN)], OVERFLOW);
    gives("abs", &[Const::Money(i64::MIN)], OVERFLOW);
    gives("abs", &[Const::Percent(i64::MIN + 1)], Const::Percent(i64::MAX));
    gives("abs", &[number(-0.0)], number(0.0));
    gives("abs", &[number(-1e308)], number(1e308));
    gives("smaller_of", &[int(i64::MIN), int(i64::MAX)], int(i64::MIN));
    gives("larger_of", &[Const::Money(i64::MIN), Const::Money(i64::MAX)], Const::Money(i64::MAX));
    gives("clamp", &[int(i64::MIN), int(-1), int(i64::MAX)], int(-1));
    gives("remainder", &[int(i64::MIN), int(-1)], int(0));
    gives("remainder", &[int(-1), int(i64::MIN)], int(i64::MAX));
    gives("remainder", &[int(i64::MIN), int(i64::MAX)], int(i64::MAX - 1));
    gives("remainder", &[int(i64::MIN), int(0)], DIVISION_BY_ZERO);
    gives("band_start", &[int(i64::MIN), int(10)], OVERFLOW);
    gives("band_start", &[int(i64::MAX), int(10)], int(i64::MAX - 7));
    gives("band_start", &[int(5), int(-10)], DIVISION_BY_ZERO);
    gives("band_start", &[Const::Percent(157_000), Const::Percent(50_000)], Const::Percent(150_000));
}

#[test]
fn floats_become_whole_only_in_range() {
    let edge = 9_223_372_036_854_775_808.0;
    for name in ["round", "floor", "ceiling", "whole"] {
        gives(name, &[number(1e308)], OVERFLOW);
        gives(name, &[number(-1e308)], OVERFLOW);
        gives(name, &[number(edge)], OVERFLOW);
        gives(name, &[number(-edge)], int(i64::MIN));
        gives(name, &[number(9_007_199_254_740_993.0)], int(9_007_199_254_740_992));
        gives(name, &[number(-0.0)], int(0));
        gives(name, &[int(7)], int(7));
    }
    gives("round", &[number(-2.5)], int(-2));
    gives("round", &[number(0.499_999_999_999_999_94)], int(0));
    gives("floor", &[number(-5e-324)], int(-1));
    gives("ceiling", &[number(5e-324)], int(1));
}

#[test]
fn decimals_are_bounded() {
    for decimals in [0, 2, 15, i64::MAX, i64::MIN] {
        gives("round_to", &[number(1e308), int(decimals)], number(1e308));
        gives("round_to", &[number(-0.0), int(decimals)], number(0.0));
    }
    gives("round_to", &[number(-1.005), int(1)], number(-1.0));
    gives("round_to", &[number(0.1 + 0.2), int(15)], number(0.3));
    gives("round_to", &[number(5e-324), int(15)], number(0.0));
    gives("round_to", &[int(3), int(2)], number(3.0));
}

#[test]
fn whole_numbers_beside_plain_ones_are_plain() {
    gives("smaller_of", &[int(2), number(2.5)], number(2.0));
    gives("larger_of", &[int(i64::MAX), number(0.5)], number(9_223_372_036_854_775_807.0));
    gives("clamp", &[number(7.5), int(0), int(5)], number(5.0));
    gives("band_start", &[number(-7.5), int(5)], number(-10.0));
    gives("band_start", &[number(1.0), number(0.0)], DIVISION_BY_ZERO);
    gives("band_start", &[number(-1e308), number(1.7e308)], number(-1.7e308));
    gives("band_start", &[number(-1.7e308), number(1.0e308)], Const::Missing(Reason::NotFinite));
}

#[test]
fn dates_reach_from_year_1_to_9999() {
    let (first, last) = (day("0001-01-01"), day("9999-12-31"));
    for name in ["start_of_week", "start_of_month", "start_of_quarter", "start_of_year"] {
        gives(name, std::slice::from_ref(&first), first.clone());
    }
    gives("start_of_week", std::slice::from_ref(&last), day("9999-12-27"));
    gives("start_of_month", std::slice::from_ref(&last), day("9999-12-01"));
    gives("end_of_month", std::slice::from_ref(&last), last.clone());
    gives("end_of_month", std::slice::from_ref(&first), day("0001-01-31"));
    gives("end_of_month", &[day("1900-02-01")], day("1900-02-28"));
    gives("end_of_month", &[day("2000-02-01")], day("2000-02-29"));
    gives("days_between", &[last.clone(), first.clone()], int(-3_652_058));
    gives("months_between", &[first.clone(), last.clone()], int(9_999 * 12 - 1));
    gives("years_between", &[first.clone(), last.clone()], int(9_998));
    gives("age_on", &[first.clone(), last.clone()], int(9_998));
    gives("age_on", &[first.clone(), first.clone()], int(0));
    gives("age_on", &[last.clone(), first.clone()], EMPTY);
    gives("is_weekend", &[first], Const::Bool(false));
    gives("is_weekend", &[last], Const::Bool(false));
}

#[test]
fn dates_are_made_of_parts_that_exist() {
    gives("make_date", &[int(1), int(1), int(1)], day("0001-01-01"));
    gives("make_date", &[int(9999), int(12), int(31)], day("9999-12-31"));
    for (year, month, date) in [
        (10_000, 1, 1),
        (-1, 1, 1),
        (2026, 13, 1),
        (2026, 0, 1),
        (2026, 4, 31),
        (2026, 4, 0),
        (1900, 2, 29),
        (i64::MAX, 1, 1),
        (2026, i64::MIN, 1),
        (2026, 256 + 1, 1),
        (65_536 + 2026, 1, 1),
    ] {
        gives("make_date", &[int(year), int(month), int(date)], OVERFLOW);
    }
}

#[test]
fn ends_of_months_hold_their_day() {
    for d in time::parse_date("1999-12-01").unwrap()..time::parse_date("2005-01-01").unwrap() {
        let (Const::Date(start), Const::Date(end)) =
            (call("start_of_month", &[Const::Date(d)]), call("end_of_month", &[Const::Date(d)]))
        else {
            panic!("no month of {d}");
        };
        assert!(start <= d && d <= end);
        assert_eq!(call("start_of_month", &[Const::Date(end + 1)]), Const::Date(end + 1));
    }
}

/// No argument of any type makes a function panic, and known arguments of the right types give the type that it promises.
#[test]
fn functions_are_total() {
    for builtin in VOCABULARY.0 {
        for numeric in [Type::Int, Type::Number, Type::Percent, Type::Money(Currency::from_code("GBP").unwrap())] {
            let resolve = |shape: &Shape| match shape {
                Shape::Is(ty) => ty.clone(),
                Shape::AnyNumeric => numeric.clone(),
            };
            let pools: Vec<Vec<Const>> = builtin.parameters.iter().map(|p| extremes(&resolve(&p.shape))).collect();
            for arguments in product(&pools) {
                let given = call(builtin.name, &arguments);
                let promised = match &given {
                    Const::Missing(reason) => builtin.partial || reason.is_fault(),
                    known => type_of(known) == resolve(&builtin.result),
                };
                assert!(promised, "{}({arguments:?}) gives {given:?}", builtin.name);
            }
        }
        let any = [Value::Bool(true), Value::Enum(1), Value::Text("a"), Value::Missing(Reason::Empty), Value::Int(1)];
        for count in 0..=any.len() {
            let _ = (builtin.call)(any.get(..count).unwrap());
        }
    }
}

fn extremes(ty: &Type) -> Vec<Const> {
    let whole = [i64::MIN, i64::MIN + 1, -1, 0, 1, 10, i64::MAX - 1, i64::MAX];
    let floats = [f64::MIN, -1e308, -1.5, 0.0, 5e-324, 0.5, 1.0, 1e15, 9.3e18, 1e308, f64::MAX];
    match ty {
        Type::Int => whole.map(Const::Int).to_vec(),
        Type::Percent => whole.map(Const::Percent).to_vec(),
        Type::Money(_) => whole.map(Const::Money).to_vec(),
        Type::Number => floats.map(Const::number).to_vec(),
        Type::Text => ["", " ", "a", "@", "a@b", "é", "e\u{301}", "👍🏽", "\u{10ffff}", "ß-ẞ"].map(text).to_vec(),
        Type::Date => ["0001-01-01", "0004-02-29", "1970-01-01", "2024-02-29", "9999-12-31"].map(day).to_vec(),
        other => panic!("no extremes of {other:?}"),
    }
}

fn type_of(value: &Const) -> Type {
    match value {
        Const::Bool(_) => Type::Bool,
        Const::Int(_) => Type::Int,
        Const::Number(_) => Type::Number,
        Const::Percent(_) => Type::Percent,
        Const::Money(_) => Type::Money(Currency::from_code("GBP").unwrap()),
        Const::Text(_) => Type::Text,
        Const::Date(_) => Type::Date,
        other => panic!("{other:?} is of no type that a function gives"),
    }
}

fn product(pools: &[Vec<Const>]) -> Vec<Vec<Const>> {
    pools.iter().fold(vec![Vec::new()], |rows, pool| {
        rows.iter()
            .flat_map(|row| pool.iter().map(|value| row.iter().cloned().chain([value.clone()]).collect()))
            .collect()
    })
}
