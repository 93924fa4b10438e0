//! Makes expressions of a wanted type out of what can be named where they stand. Knows which parts may be missing, as the
//! compiler does, so that what must be stated is stated most of the time.

use seg_ir::builtin::Shape;
use seg_ir::types::Type;

use super::literal;
use super::tree::{Tree, Ty};
use super::world::World;
use crate::random::Random;

/// Where an expression stands: the rows around it, from the outermost, each an event table and the name it was given.
#[derive(Debug, Clone, Default)]
pub struct Env {
    pub rows: Vec<(usize, Option<String>)>,
}

impl Env {
    pub fn with(&self, table: usize, alias: Option<String>) -> Env {
        let mut rows = self.rows.clone();
        rows.push((table, alias));
        Env { rows }
    }
}

/// An attribute, a segment or a decision table that later expressions may name.
#[derive(Debug, Clone)]
pub struct Named {
    pub name: String,
    pub ty: Ty,
    pub miss: bool,
    pub what: What,
}

#[derive(Debug, Clone, PartialEq)]
pub enum What {
    Attribute,
    /// A segment, and whether some fold in it leaves out events whose test can be unknown: its name may not be negated.
    Segment {
        drops: bool,
    },
    /// The types of its parameters.
    Table(Vec<(Ty, bool)>),
}

/// Makes expressions.
pub struct Maker<'a> {
    pub world: &'a World,
    pub random: &'a mut Random,
    pub names: Vec<Named>,
}

impl Maker<'_> {
    pub fn chance(&mut self, percent: usize) -> bool {
        self.random.below(100) < percent
    }

    /// A type that a value may have anywhere; `rare` ones are those without fields of their own.
    pub fn any_type(&mut self) -> Ty {
        match self.random.below(20) {
            0..=2 => Ty::Bool,
            3..=6 => Ty::Int,
            7 | 8 => Ty::Number,
            9 => Ty::Percent,
            10 | 11 => Ty::Money(self.random.below(super::world::CURRENCIES.len())),
            12 | 13 => Ty::Text,
            14 => Ty::Date,
            15 => Ty::Stamp,
            16 => Ty::Span,
            17 if self.chance(30) => Ty::Period,
            17 => Ty::Enum(self.random.below(4)),
            18 => Ty::Clock,
            _ => self.list_or_pointer().unwrap_or(Ty::Int),
        }
    }

    fn list_or_pointer(&mut self) -> Option<Ty> {
        let all = self.paths(&Env::default());
        let found: Vec<Ty> =
            all.into_iter().map(|p| p.ty).filter(|ty| matches!(ty, Ty::List(_) | Ty::Ref(_))).collect();
        (!found.is_empty()).then(|| found[self.random.below(found.len())].clone())
    }

    /// Every field that can be named: of the row, of the outer row by its name, of the customer, and through pointers.
    pub fn paths(&self, env: &Env) -> Vec<Tree> {
        let mut found = Vec::new();
        let depth = env.rows.len();
        for (n, (table, alias)) in env.rows.iter().enumerate() {
            match (n + 1 == depth, alias) {
                (true, _) => self.fields(*table, "", false, 2, &mut found),
                (false, Some(alias)) => self.fields(*table, &format!("{alias}."), false, 2, &mut found),
                (false, None) => {}
            }
        }
        self.fields(0, if depth == 0 { "" } else { "customer." }, false, 2, &mut found);
        found
    }

    /// The fields of a row, and of those that it points to.
    fn fields(&self, table: usize, before: &str, miss: bool, through: usize, found: &mut Vec<Tree>) {
        for field in &self.world.tables[table].fields {
            let (name, miss) = (format!("{before}{}", field.name), miss || field.optional);
            if let (Ty::Ref(target), true) = (&field.ty, through > 0) {
                self.fields(*target, &format!("{name}."), miss, through - 1, found);
            }
            found.push(Tree::leaf(field.ty.clone(), miss, name));
        }
    }

    /// Paths from a row of an event table to values of types that `wanted` takes.
    pub fn row_paths(&self, table: usize, wanted: impl Fn(&Ty) -> bool) -> Vec<Tree> {
        let mut found = Vec::new();
        self.fields(table, "", false, 2, &mut found);
        found.retain(|path| wanted(&path.ty));
        found
    }

    fn named(&self, env: &Env, ty: &Ty) -> Vec<Tree> {
        let before = if env.rows.is_empty() { "" } else { "customer." };
        let of_type = self.names.iter().filter(|n| n.ty == *ty);
        of_type
            .filter_map(|named| match named.what {
                What::Attribute => Some(Tree::leaf(ty.clone(), named.miss, format!("{before}{}", named.name))),
                What::Segment { drops } if env.rows.is_empty() => {
                    let leaf = Tree::leaf(Ty::Bool, named.miss, named.name.clone());
                    Some(if drops { Tree::of(Ty::Bool, "§ is true", vec![leaf]).missing(false) } else { leaf })
                }
                _ => None,
            })
            .collect()
    }

    pub fn one(&mut self, mut from: Vec<Tree>) -> Option<Tree> {
        (!from.is_empty()).then(|| from.swap_remove(self.random.below(from.len())))
    }

    /// A field, an attribute or a literal.
    pub fn leaf(&mut self, ty: &Ty, env: &Env) -> Tree {
        if self.chance(75) {
            let mut found = self.paths(env);
            found.retain(|path| path.ty == *ty);
            // A row's own fields come first: in a test of events, that is what is asked about.
            if !env.rows.is_empty() && self.chance(70) && found.iter().any(|p| !p.text().starts_with("customer.")) {
                found.retain(|p| !p.text().starts_with("customer."));
            }
            if let Some(path) = self.one(found) {
                return path;
            }
            let named = self.named(env, ty);
            if let Some(name) = self.one(named) {
                return name;
            }
        }
        match ty {
            Ty::Date if self.chance(30) => Tree::leaf(Ty::Date, false, "today"),
            Ty::Stamp if self.chance(30) => Tree::leaf(Ty::Stamp, false, "now"),
            Ty::Span if self.chance(70) => self.between_stamps(env),
            Ty::List(_) | Ty::Ref(_) => self.first_of(ty, env),
            _ => self.literal(ty),
        }
    }

    pub fn literal(&mut self, ty: &Ty) -> Tree {
        let text = literal::of(ty, self.world, self.random);
        let atom = !text.starts_with('-');
        Tree { atom, ..Tree::leaf(ty.clone(), false, text) }
    }

    fn between_stamps(&mut self, env: &Env) -> Tree {
        let (a, b) = (self.leaf(&Ty::Stamp, env), self.leaf(&Ty::Stamp, env));
        Tree::of(Ty::Span, "§ - §", vec![a, b])
    }

    /// A field of a type that has no literals.
    fn first_of(&mut self, ty: &Ty, env: &Env) -> Tree {
        let mut found = self.paths(env);
        found.retain(|path| path.ty == *ty);
        self.one(found).unwrap_or_else(|| Tree::leaf(ty.clone(), true, "missing"))
    }

    /// An expression of a type, at most so many levels deep.
    pub fn value(&mut self, ty: &Ty, env: &Env, depth: usize) -> Tree {
        if depth == 0 || self.chance(12) {
            return self.leaf(ty, env);
        }
        if *ty == Ty::Bool {
            return self.condition(env, depth);
        }
        let made = match self.random.below(12) {
            0 => Some(self.or_else(ty, env, depth)),
            1 => Some(self.choose(ty, env, depth)),
            2 => self.matched(ty, env, depth),
            3 | 4 => self.fold_of(ty, env, depth),
            5 => self.decided(ty, env, depth),
            6 | 7 => self.called(ty, env, depth),
            8 => {
                let named = self.named(env, ty);
                self.one(named)
            }
            _ => self.computed(ty, env, depth),
        };
        made.unwrap_or_else(|| self.leaf(ty, env))
    }

    pub fn or_else(&mut self, ty: &Ty, env: &Env, depth: usize) -> Tree {
        let (a, b) = (self.value(ty, env, depth - 1), self.value(ty, env, depth.saturating_sub(2)));
        let miss = a.miss && b.miss;
        Tree::of(ty.clone(), "§ else §", vec![a, b]).missing(miss)
    }

    /// A call of a builtin with a result of the type.
    pub fn called(&mut self, ty: &Ty, env: &Env, depth: usize) -> Option<Tree> {
        let gives = |shape: &Shape| match shape {
            Shape::AnyNumeric => ty.is_numeric(),
            Shape::Is(t) => type_of(t).as_ref() == Some(ty),
        };
        let all: Vec<usize> =
            (0..seg_stdlib::VOCABULARY.0.len()).filter(|n| gives(&seg_stdlib::VOCABULARY.0[*n].result)).collect();
        let index = (!all.is_empty()).then(|| all[self.random.below(all.len())])?;
        Some(self.call_of(index, ty, env, depth))
    }

    /// A call of one builtin; where its type is open, of this numeric type.
    pub fn call_of(&mut self, index: usize, numeric: &Ty, env: &Env, depth: usize) -> Tree {
        let builtin = seg_stdlib::VOCABULARY.0[index];
        let of = |shape: &Shape| match shape {
            Shape::AnyNumeric => numeric.clone(),
            Shape::Is(t) => type_of(t).unwrap_or(Ty::Int),
        };
        let arguments: Vec<Tree> =
            builtin.parameters.iter().map(|p| self.value(&of(&p.shape), env, depth.saturating_sub(2))).collect();
        let miss = builtin.partial || arguments.iter().any(|a| a.miss);
        let holes = vec!["§"; arguments.len()].join(", ");
        Tree::call(of(&builtin.result), &format!("{}({holes})", builtin.name), arguments).missing(miss)
    }

    fn decided(&mut self, ty: &Ty, env: &Env, depth: usize) -> Option<Tree> {
        let tables: Vec<Named> =
            self.names.iter().filter(|n| n.ty == *ty && matches!(n.what, What::Table(_))).cloned().collect();
        let table = (!tables.is_empty()).then(|| tables[self.random.below(tables.len())].clone())?;
        let What::Table(parameters) = table.what else { return None };
        let arguments: Vec<Tree> =
            parameters.iter().map(|(ty, _)| self.value(ty, env, depth.saturating_sub(2))).collect();
        let holes = vec!["§"; arguments.len()].join(", ");
        Some(Tree::call(ty.clone(), &format!("{}({holes})", table.name), arguments).missing(true))
    }

    /// The event tables that can be folded where an expression stands.
    pub fn foldable(&self, env: &Env) -> Vec<(usize, String, bool, Option<Ty>)> {
        if env.rows.len() >= 2 {
            return Vec::new();
        }
        let before = if env.rows.is_empty() { "" } else { "customer." };
        let tables = self.world.events().into_iter();
        tables.map(|e| (e.table, format!("{before}{}", e.collection), e.optional, e.at.cloned())).collect()
    }
}

/// The generator's name of a type of the IR, but for enums and pointers.
pub fn type_of(ty: &Type) -> Option<Ty> {
    Some(match ty {
        Type::Bool => Ty::Bool,
        Type::Int => Ty::Int,
        Type::Number => Ty::Number,
        Type::Percent => Ty::Percent,
        Type::Text => Ty::Text,
        Type::Date => Ty::Date,
        Type::Timestamp => Ty::Stamp,
        Type::TimeOfDay => Ty::Clock,
        Type::Span => Ty::Span,
        Type::Period => Ty::Period,
        _ => return None,
    })
}
