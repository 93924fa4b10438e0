"""The segments of the profile for those who decide one record: in CEL, ZEN and JSONLogic, and as plain Rust. And the records.

Each says only who is in, not who is unknown: a settled tree is `and` and `or` over leaves, so it is true exactly where it is true with
every leaf that is unknown taken as false. That is less work than Seg does, and the best form there is for engines of two values.

The expression engines read records of numbers: money in pence, dates as days, instants as microseconds, since 1970. Plain Rust reads
those, and the very bytes that Seg reads, where it compares dates as the texts that they are.
"""

import datetime as dt
import json

import pyarrow.parquet as pq

import spec

EPOCH = dt.datetime(1970, 1, 1)
WHOLE = "Int", "Money", "Date", "Timestamp"


def number(kind, value):
    """A value as a number: a date or an instant since 1970, money in pence as the specification has it."""
    match kind:
        case "Date":
            return (value - EPOCH.date()).days
        case "Timestamp":
            return (value - EPOCH) // dt.timedelta(microseconds=1)
        case _:
            return value


def tests(atom):
    """What an atom asks of its column's number or text: a list of (operator, value), all of which must hold."""
    kind, column = atom[:2]
    of = spec.TYPE[column]
    match kind:
        case "between":
            return [(">=", number(of, atom[2])), ("<=", number(of, atom[3]))]
        case "compare":
            return [(atom[2], number(of, atom[3]))]
        case "recent" | "stale":
            bound = spec.days_ago(atom[2]) if of == "Date" else spec.AS_OF - dt.timedelta(days=atom[2])
            return [(">" if kind == "recent" else "<=", number(of, bound))]
        case "in" | "suffix":
            return [(kind, atom[2])]
        case "true":
            return [("true", None)]


class Language:
    """How a language says what leaves and trees ask. Missing values are null."""

    def leaf(self, atom, mode):
        kind, column = atom[:2]
        if kind in ("known", "missing"):
            return self.null(column, (kind == "missing") == (mode in ("is", "true")))
        asked = self.all_of([self.test(column, *test) for test in tests(atom)])
        if not spec.can_be_unknown(atom):
            return asked if mode in ("is", "true") else self.none_of(asked)
        match mode:
            case "is" | "true":
                return self.all_of([self.null(column, False), asked])
            case "not_true":
                return self.any_of([self.null(column, True), self.none_of(asked)])
            case "false":
                return self.all_of([self.null(column, False), self.none_of(asked)])
            case "not_false":
                return self.any_of([self.null(column, True), asked])

    def tree(self, node, atoms):
        if node[0] == "leaf":
            return self.leaf(atoms[node[1]], node[2])
        parts = [self.tree(part, atoms) for part in node[1]]
        return self.all_of(parts) if node[0] == "and" else self.any_of(parts)

    def segments(self, work):
        return [self.tree(tree, work.atoms) for tree in work.trees]


class Text(Language):
    """Languages that are written as text."""

    def all_of(self, parts):
        return parts[0] if len(parts) == 1 else "(" + f" {self.AND} ".join(parts) + ")"

    def any_of(self, parts):
        return "(" + f" {self.OR} ".join(parts) + ")"

    def null(self, column, wanted):
        return f"{column} {'==' if wanted else '!='} null"

    def test(self, column, operator, value):
        match operator:
            case "true":
                return column
            case "suffix":
                return self.SUFFIX.format(column, json.dumps(value))
            case "in":
                return f"{column} in [{', '.join(map(json.dumps, value))}]"
            case _:
                return f"{column} {operator} {value}"


class Cel(Text):
    AND, OR, SUFFIX = "&&", "||", "{}.endsWith({})"

    def none_of(self, part):
        return f"!({part})"


class Zen(Text):
    AND, OR, SUFFIX = "and", "or", "endsWith({}, {})"

    def none_of(self, part):
        return f"not ({part})"


class JsonLogic(Language):
    def all_of(self, parts):
        return parts[0] if len(parts) == 1 else {"and": parts}

    def any_of(self, parts):
        return {"or": parts}

    def none_of(self, part):
        return {"!": [part]}

    def null(self, column, wanted):
        return {"===" if wanted else "!==": [{"var": column}, None]}

    def test(self, column, operator, value):
        match operator:
            case "true":
                return {"var": column}
            case "suffix":
                return {"ends_with": [{"var": column}, value]}
            case "in":
                return {"in": [{"var": column}, list(value)]}
            case _:
                return {operator: [{"var": column}, value]}


def expressions(work):
    """All that the engines are given."""
    return {"names": work.names, "cel": Cel().segments(work), "zen": Zen().segments(work), "jsonlogic": JsonLogic().segments(work)}


# Records.


def records(customers, count):
    """The first customers as lines of JSON: as people write them, which Seg reads, and as numbers."""
    table = pq.ParquetFile(customers)
    rows = next(table.iter_batches(count)).to_pylist()
    natural = [{name: shown(kind, row[name]) for name, kind in spec.TYPE.items()} for row in rows]
    numbers = [{name: numeric(kind, row[name]) for name, kind in spec.TYPE.items()} for row in rows]
    lines = lambda made: "".join(json.dumps(row, separators=(",", ":")) + "\n" for row in made)
    return lines(natural), lines(numbers)


def shown(kind, value):
    if value is None:
        return None
    match kind:
        case "Money":
            return float(value)
        case "Date":
            return value.isoformat()
        case "Timestamp":
            return f"{value:%Y-%m-%dT%H:%M:%S.%fZ}"
        case _:
            return value


def numeric(kind, value):
    if value is None:
        return None
    match kind:
        case "Money":
            return int(value.scaleb(2))
        case "Timestamp":
            return number(kind, value.replace(tzinfo=None))
        case _:
            return number(kind, value)


# Plain Rust.


class Rust(Language):
    """Conditions on `self`, whose fields are those of the record: of numbers, or with dates as texts and money in pounds."""

    def __init__(self, textual):
        self.textual = textual

    def leaf(self, atom, mode):
        kind, column = atom[:2]
        if kind in ("known", "missing"):
            return f"self.{column}.is_{'some' if (kind == 'known') == (mode in ('is', 'true')) else 'none'}()"
        if not spec.can_be_unknown(atom):
            asked = self.asked(atom, f"self.{column}")
            return asked if mode in ("is", "true") else f"!({asked})"
        asked = f"|v| {self.asked(atom, 'v')}"
        match mode:
            case "is" | "true":
                return f"self.{column}.is_some_and({asked})"
            case "not_true":
                return f"!self.{column}.is_some_and({asked})"
            case "false":
                return f"!self.{column}.is_none_or({asked})"
            case "not_false":
                return f"self.{column}.is_none_or({asked})"

    def asked(self, atom, value):
        of = spec.TYPE[atom[1]]
        return " && ".join(self.test(of, value, *test) for test in tests(atom))

    def test(self, of, value, operator, operand):
        match operator:
            case "true":
                return value
            case "suffix":
                return f"{value}.ends_with({json.dumps(operand)})"
            case "in" if of in spec.ENUMS:
                return f"matches!({value}, " + " | ".join(f"{of}::{member}" for member in operand) + ")"
            case "in":
                return f"matches!({value}, " + " | ".join(map(str, operand)) + ")"
        if self.textual and of == "Date":
            return f'{value} {operator} "{EPOCH.date() + dt.timedelta(days=operand)}"'
        if self.textual and of == "Timestamp":
            return f'{value} {operator} "{EPOCH + dt.timedelta(microseconds=operand):%Y-%m-%dT%H:%M:%S.%fZ}"'
        if self.textual and of == "Money":
            return f"{value} {operator} {operand / 100!r}"
        return f"{value} {operator} {float(operand)!r}" if of == "Number" else f"{value} {operator} {operand}"

    def field(self, kind):
        match kind:
            case "Int":
                return "i64"
            case "Number":
                return "f64"
            case "Bool":
                return "bool"
            case "Text":
                return "&'a str"
            case "Money":
                return "f64" if self.textual else "i64"
            case "Date" | "Timestamp":
                return "&'a str" if self.textual else "i64"
            case _:
                return kind


def in_fours(parts):
    return ["    " + " ".join(parts[at:at + 4]) for at in range(0, len(parts), 4)]


def rust(work):
    """The segments as a program that somebody wrote who knew them: a record of its own type, conditions in place, an answer a bit."""
    leaves = {leaf: f"leaf_{leaf[0]}_{leaf[1]}" for leaf in work.leaves}
    lines = ["//! The segments of the benchmark in plain Rust. Written by bench/playbooks.py from bench/spec.py; do not edit.", "",
             "use serde::Deserialize;"]
    used = {kind for _, kind, *_ in spec.COLUMNS}
    for name, members in spec.ENUMS.items():
        if name in used:
            lines += ["", "#[derive(Clone, Copy, Deserialize)]", f"pub enum {name} {{ {', '.join(members)} }}"]
    for name, form, said in (("Numbers", Rust(False), "A record of numbers."), ("Texts", Rust(True), "A record as people write it.")):
        lines += ["", f"/// {said}", "#[derive(Deserialize)]", '#[allow(dead_code, reason = "no segment asks for the key")]',
                  f"pub struct {name}<'a> {{"]
        field = lambda kind, missing: f"Option<{form.field(kind)}>" if missing else form.field(kind)
        lines += in_fours([f"pub {column}: {field(kind, missing)}," for column, kind, missing, *_ in spec.COLUMNS])
        lines += ["}", "", f"impl Leaves for {name}<'_> {{"]
        lines += [f"    #[inline(always)] fn {called}(&self) -> bool {{ {form.leaf(work.atoms[number], mode)} }}"
                  for (number, mode), called in leaves.items()]
        lines.append("}")
    lines += ["", "/// What the segments ask of a record.", "pub trait Leaves {",
              *in_fours([f"fn {called}(&self) -> bool;" for called in leaves.values()]), "}"]
    for name, said, call, connectives in (
            ("in_place", "Each condition where it is asked, as far as it is needed.", "r.{}()", (" && ", " || ")),
            ("beforehand", "Each condition once, then bits.", "{}", (" & ", " | "))):
        lines += ["", f"/// {said}", f"pub fn {name}(r: &impl Leaves) -> u128 {{", "    let mut bits = 0;"]
        if name == "beforehand":
            lines += [f"    let {called} = r.{called}();" for called in leaves.values()]

        def tree(node, top=False):
            if node[0] == "leaf":
                return call.format(leaves[node[1], node[2]])
            joined = connectives[node[0] == "or"].join(tree(part) for part in node[1])
            return joined if top else f"({joined})"

        lines += [f"    bits |= u128::from({tree(node, True)}) << {at};" for at, node in enumerate(work.trees)]
        lines += ["    bits", "}"]
    return "\n".join(lines) + "\n"
