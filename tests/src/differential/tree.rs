//! Expressions as trees of text: what is written, around parts that are expressions themselves, each with its type. A part
//! can be put in the place of another of its type, which is all that shrinking needs to know of the language.

/// A type, as the generator sees it. Enums, tables and currencies by their place in the [`super::world::World`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Ty {
    Bool,
    Int,
    Number,
    Percent,
    Money(usize),
    Text,
    Date,
    Stamp,
    Clock,
    Span,
    Period,
    Enum(usize),
    List(Box<Ty>),
    Ref(usize),
}

impl Ty {
    /// Whether `<` means something, enums aside.
    pub fn is_ordered(&self) -> bool {
        use Ty::*;
        matches!(self, Int | Number | Percent | Money(_) | Date | Stamp | Clock | Span)
    }

    pub fn is_numeric(&self) -> bool {
        matches!(self, Ty::Int | Ty::Number | Ty::Percent | Ty::Money(_))
    }
}

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Tree {
    pub ty: Ty,
    /// Whether it may be missing, as the compiler sees it; true where that is not sure.
    pub miss: bool,
    /// Whether it stands without parentheses anywhere.
    pub atom: bool,
    pub parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    Words(String),
    Tree(Tree),
}

/// The sign in a template that an operand is put in the place of.
const HOLE: char = '§';

impl Tree {
    /// A name, a literal or another expression without parts.
    pub fn leaf(ty: Ty, miss: bool, text: impl Into<String>) -> Tree {
        Tree { ty, miss, atom: true, parts: vec![Part::Words(text.into())] }
    }

    /// An expression that may be missing when one of its operands may; each `§` of the template stands for one.
    pub fn of(ty: Ty, template: &str, operands: Vec<Tree>) -> Tree {
        let miss = operands.iter().any(|o| o.miss);
        let mut parts = Vec::new();
        let mut operands = operands.into_iter();
        for (n, words) in template.split(HOLE).enumerate() {
            if n > 0 {
                parts.extend(operands.next().map(Part::Tree));
            }
            if !words.is_empty() {
                parts.push(Part::Words(words.to_string()));
            }
        }
        Tree { ty, miss, atom: false, parts }
    }

    /// The same, written as a call or another form that needs no parentheses.
    pub fn call(ty: Ty, template: &str, operands: Vec<Tree>) -> Tree {
        Tree { atom: true, ..Tree::of(ty, template, operands) }
    }

    pub fn missing(self, miss: bool) -> Tree {
        Tree { miss, ..self }
    }

    pub fn is_leaf(&self) -> bool {
        self.parts.iter().all(|p| matches!(p, Part::Words(_)))
    }

    pub fn text(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        for part in &self.parts {
            match part {
                Part::Words(words) => out.push_str(words),
                Part::Tree(tree) if tree.atom => tree.write(out),
                Part::Tree(tree) => {
                    out.push('(');
                    tree.write(out);
                    out.push(')');
                }
            }
        }
    }

    pub fn children(&self) -> impl Iterator<Item = &Tree> {
        self.parts.iter().filter_map(|p| if let Part::Tree(tree) = p { Some(tree) } else { None })
    }

    /// How many expressions it is made of, itself included.
    pub fn len(&self) -> usize {
        1 + self.children().map(Tree::len).sum::<usize>()
    }

    pub fn is_empty(&self) -> bool {
        false
    }

    /// The expression at a place, counted from the outermost inwards.
    pub fn at(&self, place: usize) -> Option<&Tree> {
        if place == 0 {
            return Some(self);
        }
        let mut left = place - 1;
        for child in self.children() {
            let len = child.len();
            if left < len {
                return child.at(left);
            }
            left -= len;
        }
        None
    }

    /// The same with another expression at a place.
    pub fn with(&self, place: usize, new: &Tree) -> Tree {
        if place == 0 {
            return new.clone();
        }
        let mut left = place - 1;
        let mut copy = self.clone();
        for part in &mut copy.parts {
            let Part::Tree(child) = part else { continue };
            let len = child.len();
            if left < len {
                *child = child.with(left, new);
                return copy;
            }
            left -= len;
        }
        copy
    }
}
