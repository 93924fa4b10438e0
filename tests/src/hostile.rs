//! Playbooks that no person writes, made to cost the compiler, or whoever walks what it makes, out of proportion to their
//! size: deep, wide, long, many, in circles, and small ones that are enormous when written out.

use std::fmt::Write;

use seg_compiler::Sources;

/// What must become of a family, however large.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It compiles, and twice the size takes about twice the steps.
    Linear,
    /// It is refused with this code, and twice the size takes about twice the steps.
    Refused(&'static str),
}

/// Playbooks of one shape, by size.
pub struct Family {
    pub name: &'static str,
    pub make: fn(usize) -> Sources,
    /// A size that takes a fraction of a second; twice it is tried as well.
    pub size: usize,
    pub fate: Fate,
}

const fn linear(name: &'static str, make: fn(usize) -> Sources, size: usize) -> Family {
    Family { name, make, size, fate: Fate::Linear }
}

const fn refused(name: &'static str, make: fn(usize) -> Sources, size: usize, code: &'static str) -> Family {
    Family { name, make, size, fate: Fate::Refused(code) }
}

pub const FAMILIES: &[Family] = &[
    // Long chains.
    linear("chained attributes", |n| playbook(&chained_attributes(n)), 90),
    linear("chained segments", |n| playbook(&chained_segments(n)), 90),
    linear("denied and denied again", |n| playbook(&denials(n)), 90),
    linear("long chains of segments", |n| playbook(&chains_of_segments(n)), 4),
    refused("too many chained attributes", |n| playbook(&chained_attributes(n)), 5_000, "too-deep"),
    refused("attributes chained backwards", |n| playbook(&backwards(n)), 5_000, "too-deep"),
    refused("too many chained segments", |n| playbook(&chained_segments(n)), 2_000, "too-deep"),
    refused("chains of long chains", |n| playbook(&chains_of_chains(n)), 100, "too-deep"),
    refused("brackets around long chains", |n| playbook(&nested_chains(n)), 30, "too-deep"),
    refused("else upon else", |n| playbook(&elses(n)), 1_000, "too-deep"),
    refused("a circle", |n| playbook(&circle(n)), 1_000, "too-deep"),
    refused("many circles", |n| playbook(&circles(n)), 1_000, "circular-definition"),
    // Small, and enormous when written out.
    linear("doubled segments", |n| playbook(&doubled_segments(n)), 40),
    linear("doubled segments of unknowns", |n| playbook(&doubled_unknowns(n)), 40),
    linear("doubled questions", |n| playbook(&doubled_questions(n)), 40),
    linear("doubled attributes", |n| playbook(&doubled_attributes(n)), 40),
    refused("guards on guards", guards_on_guards, 4, "too-deep"),
    linear("doubled attributes of unknowns", |n| playbook(&doubled_attributes_of_unknowns(n)), 40),
    linear("a long base of many segments", |n| playbook(&long_base(n)), 300),
    refused("a large table asked often", table_asked, 600, "too-large"),
    // Wide.
    linear("a wide conjunction", |n| playbook(&wide("and", "score !=", n)), 2_000),
    linear("a wide disjunction", |n| playbook(&wide("or", "score >", n)), 2_000),
    linear("a wide disjunction of guards", |n| playbook(&wide_guards(n)), 1_000),
    linear("a wide disjunction of folds", |n| playbook(&wide_folds(n)), 500),
    linear("a wide conjunction of optional fields", |n| optional_fields(n, true), 300),
    linear("many optional fields", |n| optional_fields(n, false), 500),
    linear("many segments", |n| playbook(&many_segments(n)), 1_000),
    linear("many attributes", |n| playbook(&many_attributes(n)), 1_000),
    linear("many tests", |n| playbook(&many_tests(n)), 500),
    linear("many files", many_files, 200),
    linear("files that use each other in a long chain", chained_files, 200),
    linear("a choice of many branches", |n| playbook(&choice(n)), 1_000),
    linear("a choice of many truths", |n| playbook(&choice_of_truths(n)), 1_000),
    linear("choices within choices", |n| playbook(&nested_choices(n)), 15),
    // Huge literals and enums.
    linear("a list of numbers", |n| playbook(&numbers(n)), 50_000),
    linear("a list of texts", |n| playbook(&texts(n, "")), 20_000),
    linear("a list of texts, ignoring case", |n| playbook(&texts(n, " ignoring case")), 5_000),
    linear("an enum", |n| enumerated(n, "segment S when kind = M5\n"), 20_000),
    linear("a match of a large enum", matched, 2_000),
    linear("an enum from a file", enum_of_file, 20_000),
    refused(
        "a line of a text",
        |n| playbook(&format!("segment S when name = \"{}\"\n", "x".repeat(n))),
        1 << 20,
        "file-too-large",
    ),
    // Decision tables.
    linear("a table of many rows", |n| playbook(&table_of_rows(n, false)), 1_000),
    linear("a table of many rows, none twice", |n| playbook(&table_of_rows(n, true)), 1_000),
    linear("a table of many rows and columns", |n| playbook(&table_of_ranges(n)), 400),
    linear("a table of two to the n cases", |n| one_file(table_of_cases(n)), 40),
    linear("a table in a file", table_of_file, 1_000),
    refused("a table that compares its columns", |n| one_file(table_of_pairs(n)), 22, "table-too-large"),
    // Errors without end.
    refused("many unknown names", |n| playbook(&unknown_names(n)), 1_000, "unknown-name"),
    refused("many unknown members", |n| enumerated(n, &unknown_members(n)), 1_000, "unknown-member"),
    refused(
        "many names declared twice",
        |n| playbook(&"segment S when score > 1\n".repeat(n)),
        1_000,
        "duplicate-name",
    ),
    refused("many errors of spelling", |n| playbook(&"segment S when score > > 1\n".repeat(n)), 1_000, "syntax"),
];

const HEAD: &str = "playbook \"Hostile\" {\n  currency GBP\n  timezone \"Europe/London\"\n}\n";

fn profile(more: &str) -> String {
    format!(
        "profile Customer key customer_id {{\n  customer_id Text\n  age Int?\n  score Int\n  paid Bool?\n  name Text\n  \
         orders many Order\n{more}}}\n\
         event Order by customer_id at placed_at {{\n  placed_at Timestamp\n  total Money(GBP)\n  item Text?\n}}\n"
    )
}

/// One file of these declarations.
fn playbook(declarations: &str) -> Sources {
    one_file(format!("{HEAD}{}{declarations}", profile("")))
}

fn one_file(text: String) -> Sources {
    let mut sources = Sources { name: "hostile".to_string(), ..Sources::default() };
    sources.files.insert("main.seg".to_string(), text);
    sources
}

/// The lines of 0 to `n`.
fn lines(n: usize, line: impl Fn(usize) -> String) -> String {
    (0..n).fold(String::new(), |mut all, i| {
        let _ = writeln!(all, "{}", line(i));
        all
    })
}

fn chained_attributes(n: usize) -> String {
    let links = lines(n, |i| match i {
        0 => "attribute a0 = score + 1".to_string(),
        i => format!("attribute a{i} = a{} + 1", i - 1),
    });
    format!("{links}segment S when a{} > 1\n", n - 1)
}

fn backwards(n: usize) -> String {
    let links = lines(n, |i| format!("attribute a{} = a{} + 1", n - i, n - i - 1));
    format!("segment S when a{n} > 1\n{links}attribute a0 = score\n")
}

fn chained_segments(n: usize) -> String {
    lines(n, |i| match i {
        0 => "segment S0 when score > 1".to_string(),
        i => format!("segment S{i} when S{} and score > {i}", i - 1),
    })
}

/// So many chains, each nearly as long as one may be.
fn chains_of_segments(n: usize) -> String {
    lines(n, |chain| {
        lines(190, |i| match i {
            0 => format!("segment C{chain}S0 when score > 1"),
            i => format!("segment C{chain}S{i} when C{chain}S{} and score > {}", i - 1, i + 190 * chain),
        })
    })
}

fn denials(n: usize) -> String {
    lines(n, |i| match i {
        0 => "segment S0 when score > 1".to_string(),
        i => format!("segment S{i} when not S{}", i - 1),
    })
}

fn sum(first: &str, n: usize) -> String {
    format!("{first}{}", "\n  + 1".repeat(n))
}

fn chains_of_chains(n: usize) -> String {
    lines(n, |i| match i {
        0 => format!("attribute a0 = {}", sum("score", 200)),
        i => format!("attribute a{i} = {}", sum(&format!("a{}", i - 1), 200)),
    })
}

fn nested_chains(n: usize) -> String {
    format!("attribute a = {}\n", (0..n).fold("score".to_string(), |inner, _| format!("({})", sum(&inner, 200))))
}

fn elses(n: usize) -> String {
    format!("attribute a = age{}\n", "\n  else age".repeat(n))
}

fn circle(n: usize) -> String {
    lines(n, |i| format!("segment S{i} when S{} and score > 1", (i + 1) % n))
}

fn circles(n: usize) -> String {
    lines(n, |i| format!("segment S{i} when S{} and S{} and S{}", (i + 1) % n, i * 7 % n, (i * 3 + 2) % n))
}

fn doubled_segments(n: usize) -> String {
    lines(n, |i| match i {
        0 => "segment S0 when score > 1".to_string(),
        i => format!("segment S{i} when (S{p} and score > {i}) or (not S{p} and score < {i})", p = i - 1),
    })
}

fn doubled_unknowns(n: usize) -> String {
    lines(n, |i| match i {
        0 => "segment S0 when paid".to_string(),
        i => format!("segment S{i} when (S{p} and score > {i}) or (age is known and S{p} and age > {i})", p = i - 1),
    })
}

fn doubled_questions(n: usize) -> String {
    lines(n, |i| match i {
        0 => "segment S0 when paid".to_string(),
        i => format!("segment S{i} when (S{p} and score > {i}) or (S{p} is unknown and score < {i})", p = i - 1),
    })
}

fn doubled_attributes(n: usize) -> String {
    lines(n, |i| match i {
        0 => "attribute a0 = score".to_string(),
        i => format!(
            "attribute a{i} = choose {{ when a{p} > 1 => a{p} + 0  when a{p} < -5 => a{p} * 2  otherwise => 0 }}",
            p = i - 1
        ),
    })
}

fn doubled_attributes_of_unknowns(n: usize) -> String {
    lines(n, |i| match i {
        0 => "attribute a0 = age".to_string(),
        i => format!(
            "attribute a{i} = choose {{ when age is known and paid is known and a{p} > {i} => a{p} + {i}  \
             when paid => a{p}  when score > {i} => a{p} * 2  otherwise => a{p} - 1 }}",
            p = i - 1
        ),
    })
}

/// So many chains in which each level is asked about behind a guard of its own, so that what is known at the lowest is
/// another set for each level that one comes from.
fn guards_on_guards(n: usize) -> Sources {
    let fields = lines(190, |i| format!("  f{i} Int?\n  g{i} Int?"));
    let chains = lines(n, |chain| {
        lines(190, |i| match i {
            0 => format!("attribute a{chain}_0 = age + {chain}"),
            i => format!(
                "attribute a{chain}_{i} = choose {{ when f{i} is known => a{chain}_{p}  when g{i} is known => \
                 a{chain}_{p}  otherwise => 0 }}",
                p = i - 1
            ),
        })
    });
    one_file(format!("{HEAD}{}{chains}", profile(&fields)))
}

fn long_base(n: usize) -> String {
    let base = lines(n, |i| format!("  and score != {i}"));
    let users = lines(n, |i| format!("segment S{i} when Base and name = \"{i}\""));
    format!("segment Base when score > 0\n{base}{users}")
}

fn wide(word: &str, test: &str, n: usize) -> String {
    format!("segment S when score > 0\n{}", lines(n, |i| format!("  {word} {test} {i}")))
}

fn wide_guards(n: usize) -> String {
    format!("segment S when paid\n{}", lines(n, |i| format!("  or (age is known and age > {i})")))
}

fn wide_folds(n: usize) -> String {
    let folds = lines(n, |i| format!("  or count(orders where total > £{i}) > 2"));
    format!("segment S when score > 0\n{folds}")
}

fn optional_fields(n: usize, together: bool) -> Sources {
    let fields = lines(n, |i| format!("  field_{i} Int?"));
    let uses = match together {
        true => {
            format!("segment S when score > 0\n{}", lines(n, |i| format!("  and field_{i} is known and field_{i} > 3")))
        }
        false => lines(n, |i| format!("segment S{i} when field_{i} is known and field_{i} > 3")),
    };
    one_file(format!("{HEAD}{}{uses}", profile(&fields)))
}

fn many_segments(n: usize) -> String {
    lines(n, |i| format!("segment Kind{i} when score > {i} and name = \"x\""))
}

fn many_attributes(n: usize) -> String {
    lines(n, |i| format!("attribute number_{i} = score + {i}"))
}

fn many_tests(n: usize) -> String {
    let given = "customer_id: \"a\" score: 3 name: \"x\"";
    let tests = lines(n, |i| format!("test \"t{i}\" {{ given {{ {given} }} as of 2026-01-01 expect in S }}"));
    format!("segment S when score > 1\n{tests}")
}

fn many_files(n: usize) -> Sources {
    let mut sources = playbook("");
    for i in 0..n {
        sources.files.insert(format!("f{i}.seg"), format!("segment Kind{i} when score > {i}\n"));
    }
    sources
}

fn chained_files(n: usize) -> Sources {
    let mut sources = playbook("");
    for i in 0..n {
        let text =
            format!("use f{}\nuse f{}\nsegment Kind{i} when score > {i}\n", (i + 1).min(n - 1), (i + 2).min(n - 1));
        let text = if i + 3 > n { text.lines().last().unwrap_or("").to_string() } else { text };
        sources.files.insert(format!("f{i}.seg"), text);
    }
    sources
}

fn choice(n: usize) -> String {
    let arms = lines(n, |i| format!("  when score = {i} => {}", i * 3 % 17));
    format!("attribute c = choose {{\n{arms}  otherwise => 0 }}\nsegment S when c > 3\n")
}

fn choice_of_truths(n: usize) -> String {
    let arms = lines(n, |i| format!("  when score = {i} => {}", i % 2 == 0));
    format!("segment S when choose {{\n{arms}  otherwise => false }}\n")
}

fn nested_choices(n: usize) -> String {
    let nested = (0..n).fold("score".to_string(), |inner, i| {
        format!("(choose {{ when score > {i} => {inner} + 1 otherwise => {i} }})")
    });
    format!("attribute c = {nested}\nsegment S when c > 3\n")
}

fn numbers(n: usize) -> String {
    let all = lines(n, |i| format!("  {},", i * 7));
    format!("segment S when score in [\n{all}  1\n]\n")
}

fn texts(n: usize, behind: &str) -> String {
    let all = lines(n, |i| format!("  \"item {i}\","));
    format!("segment S when name in [\n{all}  \"x\"\n]{behind}\n")
}

fn enumerated(n: usize, uses: &str) -> Sources {
    let members = lines(n, |i| format!("  M{i}"));
    one_file(format!("{HEAD}enum Kind {{\n{members}}}\n{}{uses}", profile("  kind Kind?\n")))
}

fn matched(n: usize) -> Sources {
    let arms = lines(n, |i| format!("  M{i} => {i}"));
    enumerated(n, &format!("attribute m = match kind {{\n{arms}  missing => 0\n}}\nsegment S when m > 3\n"))
}

fn enum_of_file(n: usize) -> Sources {
    let uses = "enum Kind from \"kinds.csv\" column kind\n";
    let mut sources = one_file(format!("{HEAD}{uses}{}segment S when kind = M5\n", profile("  kind Kind?\n")));
    sources.csv.insert("kinds.csv".to_string(), format!("kind\n{}", lines(n, |i| format!("M{i}"))));
    sources
}

fn table_of_rows(n: usize, unique: bool) -> String {
    let rows = lines(n, |i| format!("  {i} || {i}"));
    let (word, last) =
        if unique { ("  unique\n", format!("  < 0 || 0\n  >= {n} || 1\n")) } else { ("", "  any || 0\n".to_string()) };
    format!("table t(points: Int) -> Int {{\n{word}  points || result\n{rows}{last}}}\nsegment S when t(score) > 3\n")
}

fn table_of_ranges(n: usize) -> String {
    let rows = lines(n, |i| format!("  {i} | between {} and {} | \"x{}\" || {i}", i * 3 % n, i * 3 % n + 5, i % 10));
    format!(
        "table t(p: Int, q: Int, r: Text) -> Int {{\n  p | q | r || result\n{rows}  any | any | any || 0\n}}\n\
         segment S when t(score, score, name) > 3\n"
    )
}

/// `n` columns of two values each, one row a column.
fn table_of_cases(n: usize) -> String {
    let columns: Vec<String> = (0..n).map(|i| format!("c{i}")).collect();
    let parameters: Vec<String> = columns.iter().map(|c| format!("{c}: Bool")).collect();
    let row = |at: usize| (0..n).map(|i| if i == at { "true" } else { "any" }).collect::<Vec<_>>().join(" | ");
    let rows = lines(n + 1, |i| format!("  {} || {i}", row(i)));
    format!("table t({}) -> Int {{\n  {} || result\n{rows}}}\n", parameters.join(", "), columns.join(" | "))
}

fn table_of_file(n: usize) -> Sources {
    let mut sources = playbook("table t(points: Int) -> Int from \"t.csv\"\nsegment S when t(score) > 3\n");
    let rows = lines(n, |i| format!("{i},{i}"));
    sources.csv.insert("t.csv".to_string(), format!("points,result\n{rows}any,0\n"));
    sources
}

/// A table that compares `n` columns with `n` others: no order of its columns makes its cases few.
pub fn table_of_pairs(n: usize) -> String {
    let columns: Vec<String> = (0..n).map(|i| format!("a{i}")).chain((0..n).map(|i| format!("b{i}"))).collect();
    let parameters: Vec<String> = columns.iter().map(|c| format!("{c}: Bool")).collect();
    let cell = |column: usize, at: usize, first: bool| match column {
        c if c == at => first.to_string(),
        c if c == at + n => (!first).to_string(),
        _ => "any".to_string(),
    };
    let row = |at: usize, first: bool| (0..2 * n).map(|c| cell(c, at, first)).collect::<Vec<_>>().join(" | ");
    let rows = lines(2 * n, |i| format!("  {} | any || {i}", row(i / 2, i % 2 == 0)));
    let rest = lines(2, |i| format!("  {} | {} || {i}", row(2 * n, true), i == 0));
    format!(
        "table t({}, last: Bool) -> Int {{\n  {} | last || result\n{rows}{rest}}}\n",
        parameters.join(", "),
        columns.join(" | ")
    )
}

/// A table of so many rows, asked about so many values.
pub fn table_asked_often(rows: usize, times: usize) -> String {
    let rows = lines(rows, |i| format!("  {i} || {i}"));
    let asked = lines(times, |i| format!("attribute asked_{i} = t(score + {i})"));
    format!("{HEAD}{}table t(points: Int) -> Int {{\n  points || result\n{rows}  any || 0\n}}\n{asked}", profile(""))
}

fn table_asked(n: usize) -> Sources {
    one_file(table_asked_often(n * 3, n))
}

fn unknown_names(n: usize) -> String {
    lines(n, |i| format!("segment S{i} when scor_{i} > {i}"))
}

fn unknown_members(n: usize) -> String {
    lines(n, |i| format!("segment S{i} when kind = N{i}"))
}

/// The deepest playbooks that compile, each in its own way.
pub fn deepest() -> Vec<(&'static str, Sources)> {
    let chains =
        format!("attribute a = {}\nattribute b = {}\nsegment S when b > 3\n", sum("score", 240), sum("a", 240));
    let elses = |of: &str| format!("{of}{}", "\n  else age".repeat(240));
    let elses = format!("attribute a = {}\nattribute b = {}\nsegment S when b > 3\n", elses("age"), elses("a"));
    let choices = lines(160, |i| match i {
        0 => "attribute a0 = score".to_string(),
        i => format!("attribute a{i} = choose {{ when a{p} > {i} => a{p} + {i}  otherwise => a{p} - 1 }}", p = i - 1),
    });
    let choices = format!("{choices}segment S when a159 > 3\n");
    let logic = lines(120, |i| match i {
        0 => "segment S0 when score > 1".to_string(),
        i => format!("segment S{i} when not (S{p} and score > {i}) or (S{p} is true and name = \"{i}\")", p = i - 1),
    });
    [
        ("sums upon sums", chains),
        ("else upon else", elses),
        ("choices upon choices", choices),
        ("logic upon logic", logic),
    ]
    .map(|(name, text)| (name, playbook(&text)))
    .to_vec()
}
