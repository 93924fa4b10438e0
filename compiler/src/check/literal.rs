//! Literals and members as constants of a type.

use seg_grammar::ast::{CivilDate, Expr, ExprKind, Literal, MoneyLiteral, Quantity, TimestampLiteral, Unit};
use seg_grammar::{Diagnostic, Span, codes};
use seg_ir::time::{self, DAY_US};
use seg_ir::types::EnumId;
use seg_ir::{Const, Currency, Type};

use super::Checker;
use crate::schema::Schemas;
use crate::suggest::nearest;

/// The constant that an expression of literals is, as a value of a type. **Errors**: it is none of that type.
pub fn literal_as(schemas: &Schemas, expr: &Expr, ty: &Type) -> Result<Const, ()> {
    match &expr.kind {
        ExprKind::Paren(inner) => literal_as(schemas, inner, ty),
        ExprKind::Negate(inner) => negated(literal_as(schemas, inner, ty)?),
        ExprKind::Path(path) => match (ty, path.parts.as_slice()) {
            (Type::Enum(id), [member]) => schemas.member(*id, &member.text).map(Const::Enum).ok_or(()),
            (Type::Enum(id), [of, member]) if schemas.enum_named(&of.text) == Some(*id) => {
                schemas.member(*id, &member.text).map(Const::Enum).ok_or(())
            }
            _ => Err(()),
        },
        ExprKind::List(items) => match ty {
            Type::List(item) => {
                let items: Result<Vec<Const>, ()> = items.iter().map(|i| literal_as(schemas, i, item)).collect();
                items.map(Const::List)
            }
            _ => Err(()),
        },
        ExprKind::Literal(literal) => plain_literal(schemas, literal, ty),
        _ => Err(()),
    }
}

fn plain_literal(schemas: &Schemas, literal: &Literal, ty: &Type) -> Result<Const, ()> {
    Ok(match (literal, ty) {
        (Literal::Bool(v), Type::Bool) => Const::Bool(*v),
        (Literal::Int(v), Type::Int) => Const::Int(*v),
        // Beside a Number, a whole number that no float holds stays what it is: it is compared exactly.
        (Literal::Int(v), Type::Number) if *v as f64 as i128 == i128::from(*v) => Const::number(*v as f64),
        (Literal::Number(v), Type::Number) => Const::number(*v),
        (Literal::Percent(v), Type::Percent) => Const::Percent(*v),
        (Literal::Money(money), Type::Money(currency)) => {
            let home = schemas.schema.currency;
            let found = currency_of(money, home).filter(|c| c == currency).ok_or(())?;
            Const::Money(minor_units(money, found).ok_or(())?)
        }
        (Literal::Text(text), Type::Text) => Const::text(&seg_ir::text::normalise(text)),
        (Literal::Text(text), Type::Enum(id)) => {
            let text = seg_ir::text::normalise(text);
            Const::Enum(schemas.member_of_text(*id, &text).ok_or(())?)
        }
        (Literal::Date(d), Type::Date) => Const::Date(days(*d)),
        (Literal::Timestamp(t), Type::Timestamp) => Const::Timestamp(instant(*t)),
        (Literal::TimeOfDay(s), Type::TimeOfDay) => Const::TimeOfDay(*s as i32),
        (Literal::Quantity(q), Type::Span) if q.unit.is_exact() => span_of(*q).ok_or(())?,
        (Literal::Quantity(q), Type::Period) if !q.unit.is_exact() => period_of(*q).ok_or(())?,
        _ => return Err(()),
    })
}

fn negated(value: Const) -> Result<Const, ()> {
    match seg_ir::operation::negate(&value.value()).to_const() {
        Const::Missing(_) => Err(()),
        value => Ok(value),
    }
}

/// Days since 1970-01-01 of a date that the parser checked.
pub fn days(date: CivilDate) -> i32 {
    time::date(date.year, date.month as i8, date.day as i8).unwrap_or(0)
}

pub fn instant(literal: TimestampLiteral) -> i64 {
    let local = i64::from(days(literal.date)) * DAY_US + i64::from(literal.second) * 1_000_000;
    local - i64::from(literal.offset_s) * 1_000_000
}

pub fn unit(unit: Unit) -> time::Unit {
    match unit {
        Unit::Second => time::Unit::Second,
        Unit::Minute => time::Unit::Minute,
        Unit::Hour => time::Unit::Hour,
        Unit::Day => time::Unit::Day,
        Unit::Week => time::Unit::Week,
        Unit::Month => time::Unit::Month,
        Unit::Quarter => time::Unit::Quarter,
        Unit::Year => time::Unit::Year,
    }
}

/// `90 minutes` as an exact span.
pub fn span_of(quantity: Quantity) -> Option<Const> {
    let length = unit(quantity.unit).exact_us()?;
    quantity.count.checked_mul(length).map(Const::Span)
}

/// `3 months` as a calendar period.
pub fn period_of(quantity: Quantity) -> Option<Const> {
    unit(quantity.unit).period(quantity.count).map(Const::Period)
}

pub fn currency_of(money: &MoneyLiteral, home: Option<Currency>) -> Option<Currency> {
    Currency::from_code(&money.currency).or_else(|| Currency::from_sign(&money.currency, home))
}

/// The literal in its currency's smallest coin; `None` when it is more exact than that, or too large.
pub fn minor_units(money: &MoneyLiteral, currency: Currency) -> Option<i64> {
    let places = currency.exponent();
    if money.decimals <= places {
        return money.digits.checked_mul(10_i64.checked_pow(places - money.decimals)?);
    }
    let excess = 10_i64.checked_pow(money.decimals - places)?;
    (money.digits % excess == 0 && money.decimals <= places).then_some(money.digits / excess)
}

impl Checker<'_> {
    /// A literal by itself, or as what is wanted where both can be.
    pub(super) fn literal(&mut self, expr: &Expr, literal: &Literal, want: Option<&Type>) -> crate::hir::ExprId {
        let span = expr.span;
        if let Some(want) = want
            && let Ok(value) = literal_as(self.schemas, expr, want)
        {
            return self.add(span, want.clone(), crate::hir::Kind::Constant(value));
        }
        let ty = match literal {
            Literal::Bool(_) => Type::Bool,
            Literal::Int(_) => Type::Int,
            Literal::Number(_) => Type::Number,
            Literal::Percent(_) => Type::Percent,
            Literal::Money(money) => return self.money(expr, money),
            Literal::Text(text) => {
                if let Some(Type::Enum(id)) = want {
                    return self.no_such_value(expr, text, *id);
                }
                Type::Text
            }
            Literal::Date(_) => Type::Date,
            Literal::Timestamp(_) => Type::Timestamp,
            Literal::TimeOfDay(_) => Type::TimeOfDay,
            Literal::Quantity(q) if q.unit.is_exact() => Type::Span,
            Literal::Quantity(_) => Type::Period,
            Literal::Missing => {
                return self.make(span, crate::hir::Ty::Missing, crate::hir::Kind::Constant(missing()));
            }
        };
        match literal_as(self.schemas, expr, &ty) {
            Ok(value) => self.add(span, ty, crate::hir::Kind::Constant(value)),
            Err(()) => self.fail(
                Diagnostic::error(codes::BAD_NUMBER, span, "this is too large", "beyond what can be counted")
                    .help("write a smaller one"),
            ),
        }
    }

    /// What is written at a place, as the author would write it for another type: `0` as money is `£0`. None where that
    /// cannot be told from the text.
    pub(super) fn as_wanted(&self, span: Span, wanted: &Type) -> Option<String> {
        let text = self.text(span);
        let quoted = text.strip_prefix('"').and_then(|t| t.strip_suffix('"')).filter(|t| !t.contains(['"', '\\']));
        let plain = quoted.unwrap_or(text);
        let number = plain.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '_' | '-'))
            && plain.replace('_', "").parse::<f64>().is_ok();
        let (sign, digits) = plain.strip_prefix('-').map_or(("", plain), |rest| ("-", rest));
        let fixed = match wanted {
            Type::Money(currency) if number => match currency.sign() {
                Some(mark) => format!("{sign}{mark}{digits}"),
                None => format!("{sign}{digits} {currency}"),
            },
            Type::Percent if number => match digits.strip_prefix("0.") {
                Some(fraction) => format!("{sign}{}%", times_hundred(fraction)?),
                None => format!("{plain}%"),
            },
            Type::Percent if quoted.is_some() && plain.strip_suffix('%')?.parse::<f64>().is_ok() => plain.to_string(),
            Type::Int if quoted.is_some() && plain.parse::<i64>().is_ok() => plain.to_string(),
            Type::Number if quoted.is_some() && number => plain.to_string(),
            // `18 years` where a count of years stands on the other side.
            Type::Int if quoted.is_none() => match text.split_once(' ') {
                Some((count, unit)) if count.parse::<i64>().is_ok() && unit.chars().all(char::is_alphabetic) => {
                    count.to_string()
                }
                _ => return None,
            },
            Type::Text if number && quoted.is_none() => format!("\"{text}\""),
            Type::Date if quoted.is_some() => time::parse_date(plain).map(|_| plain.to_string())?,
            Type::Timestamp if quoted.is_none() && time::parse_date(plain).is_some() => format!("{plain}T00:00Z"),
            Type::Timestamp if quoted.is_some() => match time::parse_timestamp(plain)? {
                time::ParsedTime::Instant(_) => plain.to_string(),
                time::ParsedTime::Civil(..) => return None,
            },
            Type::Bool => match plain.to_ascii_lowercase().as_str() {
                "1" | "yes" | "y" | "true" => "true".to_string(),
                "0" | "no" | "n" | "false" => "false".to_string(),
                _ => return None,
            },
            Type::Enum(id) if number => {
                let declared = self.schemas.schema.enum_type(*id);
                let nth = plain.parse::<usize>().ok().and_then(|n| declared.members.get(n.checked_sub(1)?));
                nth.filter(|_| declared.name == "Month")?.name.clone()
            }
            Type::List(item) if quoted.is_some() && **item == Type::Text => format!("[{text}]"),
            _ => return None,
        };
        Some(fixed)
    }

    fn money(&mut self, expr: &Expr, money: &MoneyLiteral) -> crate::hir::ExprId {
        let span = expr.span;
        let home = self.schemas.schema.currency;
        let Some(currency) = currency_of(money, home) else {
            return self.fail(
                Diagnostic::error(
                    codes::UNKNOWN_CURRENCY,
                    span,
                    format!("`{}` is not a currency", money.currency),
                    "the three letters of a currency belong here",
                )
                .help("write a code such as `GBP`, `EUR` or `USD`"),
            );
        };
        let other_dollar = home.filter(|h| h.code().ends_with('D') && h.code() != "USD");
        if let (Some(home), "$") = (other_dollar, money.currency.as_str()) {
            let amount = self.text(span).trim_start_matches('$').to_string();
            let fixed = format!("{amount} {home}");
            return self.fail(
                Diagnostic::error(
                    codes::DOLLAR_SIGN,
                    span,
                    format!("`$` is the US dollar, and this playbook's currency is {home}"),
                    "which dollar is meant?",
                )
                .suggest(format!("write `{fixed}`"), span, fixed.clone())
                .suggest(format!("write `{amount} USD`"), span, format!("{amount} USD")),
            );
        }
        match minor_units(money, currency) {
            Some(minor) => self.add(span, Type::Money(currency), crate::hir::Kind::Constant(Const::Money(minor))),
            None => {
                let places = currency.exponent();
                let decimals = match places {
                    0 => "no decimals".to_string(),
                    n => format!("up to {n} decimals"),
                };
                self.fail(
                    Diagnostic::error(
                        codes::MONEY_DECIMALS,
                        span,
                        format!("an amount in {currency} has {decimals}"),
                        "this has more",
                    )
                    .help(format!("write it with {decimals}: nothing is rounded silently")),
                )
            }
        }
    }

    /// A text where a member of an enum is wanted, and which is none.
    pub(super) fn no_such_value(&mut self, expr: &Expr, text: &str, id: EnumId) -> crate::hir::ExprId {
        let declared = self.schemas.schema.enum_type(id);
        if declared.members.is_empty() {
            // Its members could not be read, and that is told.
            return self.poison(expr.span);
        }
        let name = declared.name.clone();
        let values = self.names_to_suggest(declared.members.iter().map(|m| m.value.as_str()));
        let by_name =
            self.schemas.member(id, text).and_then(|m| declared.members.get(m as usize)).map(|m| m.name.clone());
        let diagnostic = Diagnostic::error(
            codes::UNKNOWN_MEMBER,
            expr.span,
            format!("`{name}` has no member whose text is `{text}`"),
            format!("a member of `{name}` belongs here"),
        );
        let diagnostic = match by_name {
            Some(member) => diagnostic.suggest(format!("write the member's name, `{member}`"), expr.span, member),
            None => match nearest(text, values.iter().map(String::as_str)) {
                Some(near) if self.schemas.member(id, near).is_some() => {
                    diagnostic.suggest(format!("write `{near}`"), expr.span, near)
                }
                Some(near) => diagnostic.suggest(format!("write `\"{near}\"`"), expr.span, format!("\"{near}\"")),
                None => {
                    let all = self.schemas.schema.enum_type(id).members.iter().map(|m| m.value.as_str());
                    diagnostic.help(format!("its texts are {}", list_of(all)))
                }
            },
        };
        self.fail(diagnostic)
    }
}

/// `0.125` as a percentage: from the digits behind the point, `12.5`.
fn times_hundred(fraction: &str) -> Option<String> {
    let digits = format!("{fraction:0<2}");
    let (whole, rest) = digits.split_at_checked(2)?;
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let rest = rest.trim_end_matches('0');
    let point = if rest.is_empty() { "" } else { "." };
    Some(format!("{whole}{point}{rest}"))
}

pub fn missing() -> Const {
    Const::Missing(seg_ir::Reason::NoBranch)
}

/// Names in backticks, the first few of many.
pub fn list_of<'n>(names: impl ExactSizeIterator<Item = &'n str>) -> String {
    let more = if names.len() > 8 { format!(" and {} more", names.len() - 8) } else { String::new() };
    let shown: Vec<String> = names.take(8).map(|n| format!("`{n}`")).collect();
    format!("{}{more}", shown.join(", "))
}
