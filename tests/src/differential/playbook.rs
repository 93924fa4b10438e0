//! A generated playbook: its world and its declarations, compiled as source text. What the compiler refuses is taken out
//! by the place that its diagnostics name, and counted.

use std::collections::BTreeMap;

use seg_compiler::{Config, Sources, compile};
use seg_grammar::Severity;
use seg_ir::Program;

use super::literal;
use super::maker::{Env, Maker, Named, What};
use super::tree::{Tree, Ty};
use super::world::World;
use crate::random::Random;

/// A playbook that can be taken apart.
#[derive(Debug, Clone)]
pub struct Playbook {
    pub world: World,
    pub declarations: Vec<Declaration>,
}

#[derive(Debug, Clone)]
pub struct Declaration {
    pub name: String,
    pub body: Body,
}

#[derive(Debug, Clone)]
pub enum Body {
    Attribute(Tree),
    /// `when`, and what is excepted.
    Segment(Option<Tree>, Vec<Tree>),
    /// A decision table, as text.
    Table(String),
}

/// What became of a generated playbook.
pub struct Compiled {
    pub playbook: Playbook,
    pub program: Program,
    /// Declarations that were generated, and those that the compiler refused.
    pub declared: usize,
    pub refused: usize,
    /// Why, by code.
    pub codes: BTreeMap<String, usize>,
}

impl Playbook {
    /// A random playbook. `number` walks through what must be met: folds and builtins of each kind in turn.
    pub fn new(random: &mut Random, number: u64) -> Playbook {
        let world = World::new(random);
        let mut maker = Maker { world: &world, random, names: Vec::new() };
        let mut declarations = Vec::new();
        for n in 0..maker.random.below(3) {
            declarations.extend(maker.table(n));
        }
        for n in 0..3 + maker.random.below(4) {
            declarations.push(maker.attribute(&format!("a{n}"), number as usize * 7 + n));
        }
        for n in 0..4 + maker.random.below(4) {
            declarations.push(maker.segment(&format!("S{n}")));
        }
        let wanted = maker.wanted(number as usize);
        declarations.extend(wanted);
        Playbook { world, declarations }
    }

    /// The whole source text.
    pub fn text(&self) -> String {
        self.text_and_lines().0
    }

    /// The source text, and where each declaration begins.
    fn text_and_lines(&self) -> (String, Vec<usize>) {
        let mut out = self.world.text();
        let mut starts = Vec::new();
        for declaration in &self.declarations {
            out.push('\n');
            starts.push(out.len());
            out += &declaration.text();
        }
        (out, starts)
    }

    /// The program, as it stands. **Errors**: places in the text, with the codes of what is wrong there.
    pub fn program(&self) -> Result<Program, Vec<(usize, String)>> {
        let text = self.text();
        let mut sources = Sources { name: "generated".to_string(), ..Sources::default() };
        sources.files.insert("generated.seg".to_string(), text);
        let compiled = compile(&sources, &Config::default());
        let errors = compiled.diagnostics.iter().filter(|d| d.severity == Severity::Error);
        let errors: Vec<(usize, String)> =
            errors.map(|d| (d.span().start as usize, format!("{}: {}", d.code, d.message))).collect();
        compiled.program.ok_or(errors)
    }

    /// Compiles, taking out what is refused until the rest is taken. **Errors**: the schema itself is refused, with why.
    pub fn compiled(mut self) -> Result<Compiled, String> {
        let declared = self.declarations.len();
        let mut codes = BTreeMap::new();
        loop {
            match self.program() {
                Ok(program) => {
                    let refused = declared - self.declarations.len();
                    return Ok(Compiled { playbook: self, program, declared, refused, codes });
                }
                Err(errors) => {
                    let (text, starts) = self.text_and_lines();
                    let mut out: Vec<usize> = errors
                        .iter()
                        .filter_map(|(at, _)| starts.partition_point(|s| s <= at).checked_sub(1))
                        .collect();
                    for (_, message) in &errors {
                        let code = message.split(':').next().unwrap_or_default().to_string();
                        *codes.entry(code).or_default() += 1;
                    }
                    out.sort_unstable();
                    out.dedup();
                    if out.is_empty() {
                        return Err(format!("{errors:?}\n{text}"));
                    }
                    out.into_iter().rev().for_each(|n| drop(self.declarations.remove(n)));
                }
            }
        }
    }
}

impl Declaration {
    pub fn text(&self) -> String {
        match &self.body {
            Body::Attribute(value) => format!("attribute {} = {}\n", self.name, value.text()),
            Body::Segment(when, excepts) => {
                let mut out = format!("segment {}\n", self.name);
                if let Some(when) = when {
                    out += &format!("  when {}\n", when.text());
                }
                for except in excepts {
                    out += &format!("  except {}\n", except.text());
                }
                out
            }
            Body::Table(text) => text.clone(),
        }
    }

    /// Its expressions.
    pub fn trees(&self) -> Vec<&Tree> {
        match &self.body {
            Body::Attribute(value) => vec![value],
            Body::Segment(when, excepts) => when.iter().chain(excepts).collect(),
            Body::Table(_) => Vec::new(),
        }
    }

    /// The same with another expression in the place of its `n`th.
    pub fn with_tree(&self, n: usize, tree: Tree) -> Declaration {
        let body = match &self.body {
            Body::Attribute(_) => Body::Attribute(tree),
            Body::Segment(when, excepts) => {
                let (mut when, mut excepts) = (when.clone(), excepts.clone());
                let slot = when.iter_mut().chain(&mut excepts).nth(n);
                slot.into_iter().for_each(|slot| *slot = tree.clone());
                Body::Segment(when, excepts)
            }
            Body::Table(text) => Body::Table(text.clone()),
        };
        Declaration { name: self.name.clone(), body }
    }
}

const DEPTH: usize = 4;

impl Maker<'_> {
    fn attribute(&mut self, name: &str, salt: usize) -> Declaration {
        let ty = if salt.is_multiple_of(5) { Ty::Bool } else { self.any_type() };
        let value = self.value(&ty, &Env::default(), DEPTH);
        self.names.push(Named { name: name.into(), ty, miss: value.miss, what: What::Attribute });
        Declaration { name: name.into(), body: Body::Attribute(value) }
    }

    fn segment(&mut self, name: &str) -> Declaration {
        let env = Env::default();
        let mut drops = false;
        let mut when = self.condition(&env, DEPTH);
        if self.chance(20)
            && let Some(more) = self.at_least(&env, 3)
        {
            let word = self.random.pick(&["and", "or"]);
            when = Tree::of(Ty::Bool, &format!("§ {word} §"), vec![when, more]);
            drops = true;
        }
        let except = if self.chance(25) { vec![self.known_condition(&env, 2)] } else { Vec::new() };
        let when = (except.is_empty() || self.chance(80)).then_some(when);
        let miss = when.as_ref().is_some_and(|w| w.miss);
        self.names.push(Named { name: name.into(), ty: Ty::Bool, miss, what: What::Segment { drops } });
        Declaration { name: name.into(), body: Body::Segment(when, except) }
    }

    /// What this playbook is to have whatever chance says: a fold, a call and a sequence.
    fn wanted(&mut self, number: usize) -> Vec<Declaration> {
        const FOLDS: [&str; 8] = ["count", "share", "mean", "distinct", "list", "value", "sum", "value"];
        let env = Env::default();
        let mut made = Vec::new();
        let builtin = number % seg_stdlib::VOCABULARY.0.len();
        let numeric = [Ty::Int, Ty::Number, Ty::Percent, Ty::Money(0)][number % 4].clone();
        made.push(self.call_of(builtin, &numeric, &env, 3));
        let fold = FOLDS[number % FOLDS.len()];
        let events = self.foldable(&env);
        if !events.is_empty() {
            let events = events[self.random.below(events.len())].clone();
            let item = self.row_paths(events.0, |ty| !matches!(ty, Ty::List(_) | Ty::Ref(_)));
            let item = self.one(item).map_or(Ty::Int, |t| t.ty);
            let ty = match fold {
                "count" | "distinct" => Ty::Int,
                "share" => Ty::Percent,
                "mean" if !item.is_numeric() || item == Ty::Int => Ty::Number,
                "sum" if !item.is_numeric() => Ty::Int,
                "list" => Ty::List(Box::new(item)),
                _ => item,
            };
            made.extend(self.fold_named(fold, &ty, events, &env, 3));
        }
        if number.is_multiple_of(3) {
            made.extend(self.sequence(&env, 3));
        }
        let declared = made.into_iter().enumerate();
        declared.map(|(n, tree)| Declaration { name: format!("w{n}"), body: Body::Attribute(tree) }).collect()
    }

    /// A decision table of one or two columns, complete by its last rows, every row of it reachable.
    fn table(&mut self, n: usize) -> Option<Declaration> {
        let name = format!("t{n}");
        let column = |maker: &mut Self| {
            let ty = maker.random.pick(&[
                &Ty::Int,
                &Ty::Money(0),
                &Ty::Date,
                &Ty::Enum(2),
                &Ty::Enum(3),
                &Ty::Text,
                &Ty::Bool,
            ]);
            (ty.clone(), maker.chance(50))
        };
        let parameters: Vec<(Ty, bool)> = (0..1 + self.random.below(2)).map(|_| column(self)).collect();
        let result = loop {
            let ty = self.any_type();
            if !matches!(ty, Ty::List(_) | Ty::Ref(_) | Ty::Span | Ty::Period | Ty::Enum(0 | 1)) {
                break ty;
            }
        };
        let value = |maker: &mut Self| match maker.chance(12) {
            true => "missing".to_string(),
            false => literal::of(&result, maker.world, maker.random),
        };
        let mut rows = Vec::new();
        for cell in self.cells(&parameters[0].0) {
            if parameters.len() == 2 && self.chance(50) {
                let second = self.cells(&parameters[1].0).into_iter().next()?;
                rows.push((vec![cell.clone(), second], value(self)));
            }
            let rest = parameters.iter().skip(1).map(|_| "any".to_string());
            rows.push((std::iter::once(cell).chain(rest).collect(), value(self)));
        }
        rows.push((vec!["any".to_string(); parameters.len()], literal::of(&result, self.world, self.random)));
        for absent in 1..1_usize << parameters.len() {
            let is_absent = |i: usize| absent >> i & 1 == 1;
            if (0..parameters.len()).all(|i| !is_absent(i) || parameters[i].1) {
                let cells = (0..parameters.len()).map(|i| if is_absent(i) { "missing" } else { "any" }.to_string());
                rows.push((cells.collect(), value(self)));
            }
        }
        let head: Vec<String> = (0..parameters.len()).map(|i| format!("q{i}")).collect();
        let typed = parameters.iter().zip(&head).map(|((ty, optional), name)| {
            format!("{name}: {}{}", self.world.type_text(ty), if *optional { "?" } else { "" })
        });
        let mut text = format!(
            "table {name}({}) -> {}? {{\n  {} || result\n",
            typed.collect::<Vec<_>>().join(", "),
            self.world.type_text(&result),
            head.join(" | ")
        );
        for (cells, value) in rows {
            text += &format!("  {} || {value}\n", cells.join(" | "));
        }
        text += "}\n";
        self.names.push(Named { name: name.clone(), ty: result, miss: true, what: What::Table(parameters) });
        Some(Declaration { name, body: Body::Table(text) })
    }

    /// Cells of a column, none of which covers a later one.
    fn cells(&mut self, ty: &Ty) -> Vec<String> {
        let count = 1 + self.random.below(2);
        let all: Vec<String> = match ty {
            Ty::Int => ["< 0", "between 1 and 4", "in [7, 9]", "< 100", "!= 365"].map(String::from).into(),
            Ty::Money(_) => {
                ["< 0 GBP", "between 5 GBP and 10 GBP", "<= 99.99 GBP", "> 1000 GBP"].map(String::from).into()
            }
            Ty::Date => {
                ["before 2000-01-01", "2026-03-15", "< 2026-04-01", "after 2030-12-31"].map(String::from).into()
            }
            Ty::Enum(n) => {
                let members = &self.world.enums[*n].members;
                let mut cells: Vec<String> = members.iter().map(|m| m.0.clone()).collect();
                cells.pop();
                cells
            }
            Ty::Text => ["\"a\"", "\"abc\" or \"é\"", "in [\"b\", \"A\"]"].map(String::from).into(),
            _ => vec!["true".to_string()],
        };
        let first = self.random.below(all.len());
        all.into_iter().skip(first).take(count).collect()
    }
}
