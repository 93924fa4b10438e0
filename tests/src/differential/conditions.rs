//! Conditions: comparisons, logic, presence, texts, sets, windows, lists. What negates states what the unknown is.

use super::literal::{self, UNITS};
use super::maker::{Env, Maker};
use super::tree::{Tree, Ty};

impl Maker<'_> {
    pub fn condition(&mut self, env: &Env, depth: usize) -> Tree {
        if depth == 0 {
            return self.leaf(&Ty::Bool, env);
        }
        match self.random.below(30) {
            0..=5 => self.comparison(env, depth),
            6..=8 => self.connected(env, depth),
            9 => self.negated(env, depth),
            10 | 11 => self.stated(env, depth),
            12 | 13 => self.text_test(env, depth),
            14 | 15 => self.in_set(env, depth),
            16 => self.between(env, depth),
            17..=19 => self.in_window(env, depth),
            20 => self.list_test(env, depth).unwrap_or_else(|| self.comparison(env, depth)),
            21..=24 => self.fold_test(env, depth).unwrap_or_else(|| self.comparison(env, depth)),
            25 => self.choose(&Ty::Bool, env, depth),
            26 => self.matched(&Ty::Bool, env, depth).unwrap_or_else(|| self.comparison(env, depth)),
            27 => self.called(&Ty::Bool, env, depth).unwrap_or_else(|| self.comparison(env, depth)),
            28 => self.or_else(&Ty::Bool, env, depth),
            _ => self.leaf(&Ty::Bool, env),
        }
    }

    /// A condition that is never unknown.
    pub fn known_condition(&mut self, env: &Env, depth: usize) -> Tree {
        let made = self.condition(env, depth);
        self.known(made)
    }

    /// The same condition, its unknown stated if it can be.
    pub fn known(&mut self, condition: Tree) -> Tree {
        if !condition.miss {
            return condition;
        }
        let state = self.random.pick(&["is true", "is true", "is false", "is not true", "is not false", "is known"]);
        Tree::of(Ty::Bool, &format!("§ {state}"), vec![condition]).missing(false)
    }

    fn comparable(&mut self) -> Ty {
        loop {
            let ty = self.any_type();
            if !matches!(ty, Ty::List(_)) {
                return ty;
            }
        }
    }

    fn is_ordered(&self, ty: &Ty) -> bool {
        ty.is_ordered() || matches!(ty, Ty::Enum(n) if self.world.enums[*n].ordered)
    }

    fn comparison(&mut self, env: &Env, depth: usize) -> Tree {
        let ty = self.comparable();
        let ordered = self.is_ordered(&ty);
        let mut sign =
            if ordered { self.random.pick(&["=", "!=", "<", "<=", ">", ">="]) } else { self.random.pick(&["=", "!="]) };
        let (a_ty, b_ty) = match (&ty, self.random.below(6)) {
            (Ty::Int, 0) => (Ty::Int, Ty::Number),
            (Ty::Number, 0) => (Ty::Number, Ty::Int),
            (Ty::Date, 0 | 1) if sign != "=" && sign != "!=" => (Ty::Date, Ty::Stamp),
            (Ty::Stamp, 0 | 1) if sign != "=" && sign != "!=" => (Ty::Stamp, Ty::Date),
            _ => (ty.clone(), ty.clone()),
        };
        if matches!(ty, Ty::Date | Ty::Stamp | Ty::Clock) && self.chance(20) && a_ty == b_ty {
            sign = self.random.pick(&["before", "after"]);
        }
        let a = self.value(&a_ty, env, depth - 1);
        let b = if self.chance(45) { self.leaf(&b_ty, env) } else { self.value(&b_ty, env, depth - 1) };
        self.no_guess(&format!("§ {sign} §"), sign == "!=", vec![a, b])
    }

    /// A test that may be negative, with its unknown stated where it is.
    fn no_guess(&mut self, template: &str, negative: bool, operands: Vec<Tree>) -> Tree {
        let unsure: Vec<Tree> = operands.iter().filter(|o| o.miss).cloned().collect();
        let test = Tree::of(Ty::Bool, template, operands);
        match (negative, unsure.as_slice()) {
            (false, _) | (true, []) => test,
            (true, [one]) if self.chance(60) && one.len() < 4 => {
                let (template, miss) = match self.chance(50) {
                    true => ("§ is known and §", false),
                    false => ("§ is missing or §", false),
                };
                Tree::of(Ty::Bool, template, vec![one.clone(), test]).missing(miss)
            }
            _ => {
                let state = self.random.pick(&["is true", "is not false", "is unknown"]);
                Tree::of(Ty::Bool, &format!("§ {state}"), vec![test]).missing(false)
            }
        }
    }

    fn connected(&mut self, env: &Env, depth: usize) -> Tree {
        let parts: Vec<Tree> = (0..2 + self.random.below(2)).map(|_| self.condition(env, depth - 1)).collect();
        let word = self.random.pick(&[" and ", " or "]);
        Tree::of(Ty::Bool, &vec!["§"; parts.len()].join(word), parts)
    }

    fn negated(&mut self, env: &Env, depth: usize) -> Tree {
        let inner = self.condition(env, depth - 1);
        match inner.miss {
            false => Tree::of(Ty::Bool, "not §", vec![inner]),
            // What is known elsewhere in the same conjunction may be negated.
            true if self.chance(40) => {
                Tree::of(Ty::Bool, "§ is known and not §", vec![inner.clone(), inner]).missing(false)
            }
            true => {
                let known = self.known(inner);
                Tree::of(Ty::Bool, "not §", vec![known])
            }
        }
    }

    fn stated(&mut self, env: &Env, depth: usize) -> Tree {
        if self.chance(50) {
            let inner = self.condition(env, depth - 1);
            let state = self.random.pick(&["is true", "is false", "is unknown", "is not true", "is not false"]);
            return Tree::of(Ty::Bool, &format!("§ {state}"), vec![inner]).missing(false);
        }
        let ty = self.any_type();
        let inner = self.value(&ty, env, depth - 1);
        let state = self.random.pick(&["is known", "is missing"]);
        Tree::of(Ty::Bool, &format!("§ {state}"), vec![inner]).missing(false)
    }

    fn text_test(&mut self, env: &Env, depth: usize) -> Tree {
        let value = self.value(&Ty::Text, env, depth - 1);
        let fold = if self.chance(40) { " ignoring case" } else { "" };
        if self.chance(25) {
            let pattern = literal::pattern(self.random);
            return Tree::of(Ty::Bool, &format!("§ matches /{pattern}/{fold}"), vec![value]);
        }
        let test = self.random.pick(&["=", "!=", "starts with", "ends with", "contains"]);
        let with = if self.chance(60) { self.literal(&Ty::Text) } else { self.value(&Ty::Text, env, depth - 1) };
        self.no_guess(&format!("§ {test} §{fold}"), test == "!=", vec![value, with])
    }

    fn in_set(&mut self, env: &Env, depth: usize) -> Tree {
        let ty = loop {
            let ty = self.comparable();
            if !matches!(ty, Ty::Ref(_)) {
                break ty;
            }
        };
        let value = self.value(&ty, env, depth - 1);
        let count = 1 + self.random.below(4);
        let items: Vec<String> = (0..count).map(|_| literal::of(&ty, self.world, self.random)).collect();
        let word = self.random.pick(&["in", "in", "not in"]);
        let fold = if ty == Ty::Text && self.chance(30) { " ignoring case" } else { "" };
        self.no_guess(&format!("§ {word} [{}]{fold}", items.join(", ")), word == "not in", vec![value])
    }

    fn between(&mut self, env: &Env, depth: usize) -> Tree {
        let ty = loop {
            let ty = self.comparable();
            if ty.is_ordered() {
                break ty;
            }
        };
        let value = self.value(&ty, env, depth - 1);
        let low = self.leaf(&ty, env);
        let high = if low.text().starts_with(|c: char| c.is_ascii_digit() || c == '-') {
            self.value(&ty, env, depth - 1)
        } else {
            self.leaf(&ty, env)
        };
        Tree::of(Ty::Bool, "§ between § and §", vec![value, low, high])
    }

    fn in_window(&mut self, env: &Env, depth: usize) -> Tree {
        let ty = self.random.pick(&[&Ty::Date, &Ty::Stamp]).clone();
        let (value, ty) = match self.chance(20) {
            true => (self.anniversary(env, depth), Ty::Date),
            false => (self.value(&ty, env, depth - 1), ty),
        };
        let (window, bounds) = self.window(&ty, env, false);
        Tree::of(Ty::Bool, &format!("§ {window}"), [vec![value], bounds].concat())
    }

    /// A window over times of a type, as a template and its moments.
    pub fn window(&mut self, ty: &Ty, env: &Env, events: bool) -> (String, Vec<Tree>) {
        let from = if *ty == Ty::Stamp && self.chance(30) { 0 } else { 3 };
        match self.random.below(if events { 8 } else { 10 }) {
            0 | 1 => (format!("in last {}", self.length(from)), Vec::new()),
            2 => {
                let moment = self.moment(ty, env);
                (format!("in last {} before §", self.length(from)), vec![moment])
            }
            3 => {
                let count = self.random.pick(&["", "1 ", "2 ", "3 ", "13 "]);
                let unit = UNITS[3 + self.random.below(5)];
                (format!("in last {count}calendar {unit}{}", plural(count)), Vec::new())
            }
            4 => (format!("this {}", UNITS[3 + self.random.below(5)]), Vec::new()),
            5 => ("today".to_string(), Vec::new()),
            6 => {
                let moment = self.moment(ty, env);
                ("since §".to_string(), vec![moment])
            }
            7 => {
                let low = self.moment(ty, env);
                let high = match low.text().starts_with(|c: char| c.is_ascii_digit()) {
                    true => Tree::leaf(Ty::Date, false, "today"),
                    false => self.moment(ty, env),
                };
                ("between § and §".to_string(), vec![low, high])
            }
            8 => (format!("in next {}", self.length(from)), Vec::new()),
            _ => {
                let count = self.random.pick(&["", "1 ", "2 ", "5 "]);
                let unit = UNITS[3 + self.random.below(5)];
                (format!("in next {count}calendar {unit}{}", plural(count)), Vec::new())
            }
        }
    }

    /// A date or a timestamp that a window begins or ends at; of the customer where events are chosen.
    fn moment(&mut self, ty: &Ty, env: &Env) -> Tree {
        let ty = if self.chance(25) { &Ty::Date } else { ty };
        match self.random.below(4) {
            0 => self.literal(ty),
            1 => {
                let length = self.length(3);
                Tree::of(Ty::Date, &format!("{length} ago"), Vec::new()).standing()
            }
            2 => Tree::leaf(ty.clone(), false, if *ty == Ty::Date { "today" } else { "now" }),
            _ => self.leaf(ty, env),
        }
    }

    fn list_test(&mut self, env: &Env, depth: usize) -> Option<Tree> {
        let list = self.a_list(env)?;
        let Ty::List(item) = list.ty.clone() else { return None };
        let item = *item;
        Some(match self.random.below(4) {
            0 => {
                let value = self.value(&item, env, depth - 1);
                Tree::of(Ty::Bool, "§ contains §", vec![list, value])
            }
            1 if list.is_leaf() && !list.text().contains('(') => {
                let value = self.value(&item, env, depth - 1);
                let word = self.random.pick(&["in", "not in"]);
                let text = list.text();
                let inner = self.no_guess(&format!("§ {word} {text}"), word == "not in" && !list.miss, vec![value]);
                match (word, list.miss) {
                    ("not in", true) => Tree::of(Ty::Bool, "§ is not false", vec![inner]).missing(false),
                    (_, miss) => {
                        let miss = inner.miss || miss;
                        inner.missing(miss)
                    }
                }
            }
            n => {
                let items: Vec<String> =
                    (0..1 + self.random.below(3)).map(|_| literal::of(&item, self.world, self.random)).collect();
                let word = if n == 2 { "any" } else { "all" };
                Tree::of(Ty::Bool, &format!("§ contains {word} of [{}]", items.join(", ")), vec![list])
            }
        })
    }
}

fn plural(count: &str) -> &'static str {
    if matches!(count, "" | "1 ") { "" } else { "s" }
}
