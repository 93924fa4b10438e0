//! Folds over events: every kind, with windows, tests, names for rows, folds within tests, and sequences.

use super::maker::{Env, Maker};
use super::tree::{Tree, Ty};

/// The rows of a fold as they are written: behind the path, and the expressions within.
struct Rows {
    text: String,
    parts: Vec<Tree>,
    miss: bool,
}

impl Maker<'_> {
    fn events(&mut self, env: &Env) -> Option<(usize, String, bool, Option<Ty>)> {
        let all = self.foldable(env);
        (!all.is_empty()).then(|| all[self.random.below(all.len())].clone())
    }

    /// A name, a window and a test. A test that can be unknown is stated unless `open`.
    fn rows(
        &mut self,
        table: usize,
        at: Option<&Ty>,
        env: &Env,
        depth: usize,
        test: usize,
        open: bool,
    ) -> (Rows, bool) {
        let alias = self.chance(25).then(|| ["o", "x"][env.rows.len().min(1)].to_string());
        let mut rows = Rows { text: String::new(), parts: Vec::new(), miss: false };
        if let Some(alias) = &alias {
            rows.text += &format!(" {alias}");
        }
        if let Some(at) = at
            && self.chance(40)
        {
            let (window, bounds) = self.window(at, env, true);
            rows.miss |= bounds.iter().any(|b| b.miss);
            rows.text += &format!(" {window}");
            rows.parts.extend(bounds);
        }
        let mut unknown = false;
        if self.chance(test) {
            let inner = env.with(table, alias);
            let condition = self.condition(&inner, depth.saturating_sub(1).min(2));
            let condition = if open { condition } else { self.known(condition) };
            unknown = condition.miss;
            rows.text += " where §";
            rows.parts.push(condition);
        }
        (rows, unknown)
    }

    /// A fold whose result is of the type.
    pub fn fold_of(&mut self, ty: &Ty, env: &Env, depth: usize) -> Option<Tree> {
        let (table, path, optional, at) = self.events(env)?;
        let name = match ty {
            Ty::Int => self.random.pick(&["count", "count", "distinct", "sum", "value"]),
            Ty::Percent => self.random.pick(&["share", "share", "sum", "value"]),
            Ty::Number => self.random.pick(&["mean", "mean", "sum", "value"]),
            Ty::Money(_) => self.random.pick(&["sum", "sum", "mean", "value"]),
            Ty::List(_) => "list",
            _ => "value",
        };
        self.fold_named(name, ty, (table, path, optional, at), env, depth)
    }

    /// One kind of fold over some events; `value` is one of those that give a value of the rows.
    pub fn fold_named(
        &mut self,
        name: &str,
        ty: &Ty,
        (table, path, optional, at): (usize, String, bool, Option<Ty>),
        env: &Env,
        depth: usize,
    ) -> Option<Tree> {
        let (name, takes): (&str, Ty) = match name {
            "count" | "share" => (name, Ty::Bool),
            "mean" if *ty == Ty::Number => (name, self.random.pick(&[&Ty::Int, &Ty::Number]).clone()),
            "distinct" => {
                let found = self.row_paths(table, |ty| !matches!(ty, Ty::List(_)));
                let field = self.one(found)?;
                (name, field.ty)
            }
            "list" => match ty {
                Ty::List(item) if !matches!(**item, Ty::Ref(_)) => (name, (**item).clone()),
                _ => return None,
            },
            "value" => {
                let ordered = ty.is_ordered() || matches!(ty, Ty::Enum(n) if self.world.enums[*n].ordered);
                let plain = ["latest", "earliest", "latest row", "earliest row"];
                let more = ["min", "max", "most_frequent", "min", "max"];
                let many = if matches!(ty, Ty::List(_)) {
                    0
                } else if ordered {
                    5
                } else {
                    1
                };
                let more = if ordered { &more[..many] } else { &more[2..2 + many] };
                let all: Vec<&str> = plain.iter().chain(more).copied().collect();
                (all[self.random.below(all.len())], ty.clone())
            }
            name => (name, ty.clone()),
        };
        let (rows, unknown) = match name {
            "share" => self.rows(table, at.as_ref(), env, depth, 100, false),
            "count" => self.rows(table, at.as_ref(), env, depth, 60, false),
            _ => self.rows(table, at.as_ref(), env, depth, 35, false),
        };
        debug_assert!(!unknown);
        let Rows { text, parts, miss } = rows;
        if matches!(name, "count" | "share") {
            let miss = miss || optional || name == "share";
            return Some(Tree::call(ty.clone(), &format!("{name}({path}{text})"), parts).missing(miss));
        }
        let found = self.row_paths(table, |of| *of == takes);
        let field = self.one(found)?.text();
        let written = match name.strip_suffix(" row") {
            Some(name) => format!("{name}({path}{text}).{field}"),
            None => format!("{name}({path}.{field}{text})"),
        };
        let certain = matches!(name, "sum" | "distinct" | "list");
        Some(Tree::call(ty.clone(), &written, parts).missing(miss || optional || !certain))
    }

    /// `list(orders.x)` of some type.
    pub fn list_fold(&mut self, env: &Env) -> Option<Tree> {
        let events = self.events(env)?;
        let found = self.row_paths(events.0, |ty| !matches!(ty, Ty::List(_) | Ty::Ref(_)));
        let item = self.one(found)?.ty;
        self.fold_named("list", &Ty::List(Box::new(item)), events, env, 1)
    }

    /// `any`, `none`, `every`, presence of an event, sequences, and counts that only grow by what is unknown.
    pub fn fold_test(&mut self, env: &Env, depth: usize) -> Option<Tree> {
        let (table, path, optional, at) = self.events(env)?;
        match self.random.below(9) {
            0..=2 => {
                let (rows, unknown) = self.rows(table, at.as_ref(), env, depth, 85, true);
                let miss = rows.miss || unknown || optional;
                Some(Tree::call(Ty::Bool, &format!("any({path}{})", rows.text), rows.parts).missing(miss))
            }
            3 => {
                let (rows, _) = self.rows(table, at.as_ref(), env, depth, 100, true);
                Some(Tree::call(Ty::Bool, &format!("every({path}{})", rows.text), rows.parts).missing(true))
            }
            4 | 5 => {
                let (rows, _) = self.rows(table, at.as_ref(), env, depth, 85, false);
                let miss = rows.miss || optional;
                let none = Tree::call(Ty::Bool, &format!("none({path}{})", rows.text), rows.parts);
                match miss {
                    false => Some(none.missing(false)),
                    true => Some(Tree::of(Ty::Bool, "§ is true", vec![none]).missing(false)),
                }
            }
            6 => {
                let end = self.random.pick(&["latest", "earliest"]);
                let state = self.random.pick(&["known", "missing"]);
                let (rows, _) = self.rows(table, at.as_ref(), env, depth, 40, false);
                let row = Tree::call(Ty::Ref(table), &format!("{end}({path}{})", rows.text), rows.parts);
                Some(Tree::of(Ty::Bool, &format!("§ is {state}"), vec![row]).missing(false))
            }
            _ => self.sequence(env, depth),
        }
    }

    /// `any(visits v where ... then no orders where ... within P of v)`
    pub fn sequence(&mut self, env: &Env, depth: usize) -> Option<Tree> {
        let (text, parts) = self.sequence_rows(env, depth)?;
        let any = Tree::call(Ty::Bool, &format!("any({text})"), parts).missing(true);
        Some(any)
    }

    fn sequence_rows(&mut self, env: &Env, depth: usize) -> Option<(String, Vec<Tree>)> {
        if !env.rows.is_empty() {
            return None;
        }
        let mut all = self.foldable(env);
        all.retain(|(_, _, _, at)| at.is_some());
        let pairs: Vec<_> =
            all.iter().flat_map(|a| all.iter().filter(|b| a.3 == b.3).map(move |b| (a.clone(), b.clone()))).collect();
        let (first, second) = (!pairs.is_empty()).then(|| pairs[self.random.below(pairs.len())].clone())?;
        let (mut text, mut parts) = (format!("{} s", first.1), Vec::new());
        if self.chance(30) {
            let (window, bounds) = self.window(first.3.as_ref()?, env, true);
            text += &format!(" {window}");
            parts.extend(bounds);
        }
        let outer = env.with(first.0, Some("s".into()));
        if self.chance(50) {
            text += " where §";
            parts.push(self.known_condition(&outer, depth.min(2)));
        }
        text += &format!(" then no {}", second.1);
        if self.chance(40) {
            text += " where §";
            let inner = outer.with(second.0, None);
            parts.push(self.known_condition(&inner, depth.min(1)));
        }
        let from = if first.3 == Some(Ty::Stamp) && self.chance(50) { 0 } else { 3 };
        text += &format!(" within {} of s", self.length(from));
        Some((text, parts))
    }

    /// A condition that events whose test is unknown can only make false: the one place where they may be left out.
    pub fn at_least(&mut self, env: &Env, depth: usize) -> Option<Tree> {
        if self.chance(40) {
            let (text, parts) = self.sequence_rows(env, depth)?;
            let count = self.random.pick(&[0, 1, 2]);
            return Some(Tree::of(Ty::Bool, &format!("count({text}) > {count}"), parts).missing(true));
        }
        let (table, path, _, at) = self.events(env)?;
        let (rows, _) = self.rows(table, at.as_ref(), env, depth, 100, true);
        let count = self.random.pick(&["0", "1", "3"]);
        let (name, limit) = if self.chance(30) { ("share", "25%") } else { ("count", count) };
        Some(Tree::of(Ty::Bool, &format!("{name}({path}{}) > {limit}", rows.text), rows.parts).missing(true))
    }
}
