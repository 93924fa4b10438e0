//! Expressions that compute: arithmetic, dates, parts, elapsed time, choices.

use super::literal::{self, UNITS};
use super::maker::{Env, Maker};
use super::tree::{Part, Tree, Ty};

impl Maker<'_> {
    /// Two operands of types and a template.
    fn two(&mut self, ty: &Ty, template: &str, operands: [&Ty; 2], env: &Env, depth: usize) -> Tree {
        let operands = operands.map(|ty| self.value(ty, env, depth - 1));
        Tree::of(ty.clone(), template, operands.into())
    }

    fn on(&mut self, ty: &Ty, template: &str, operand: &Ty, env: &Env, depth: usize) -> Tree {
        let operand = self.value(operand, env, depth - 1);
        Tree::of(ty.clone(), template, vec![operand])
    }

    /// A quotient, which may be missing unless it divides by a literal.
    fn divided(&mut self, ty: &Ty, operands: [&Ty; 2], env: &Env, depth: usize) -> Tree {
        let a = self.value(operands[0], env, depth - 1);
        let b = if self.chance(25) { self.literal(operands[1]) } else { self.value(operands[1], env, depth - 1) };
        Tree::of(ty.clone(), "§ / §", vec![a, b]).missing(true)
    }

    /// An operator whose result is of the type.
    pub fn computed(&mut self, ty: &Ty, env: &Env, depth: usize) -> Option<Tree> {
        use Ty::*;
        Some(match ty {
            Int => return Some(self.int(env, depth)),
            Number => match self.random.below(9) {
                0..=2 => {
                    let sign = self.random.pick(&["§ + §", "§ - §", "§ * §"]);
                    let (a, b) = self.random.pick(&[(&Number, &Number), (&Int, &Number), (&Number, &Int)]);
                    self.two(ty, sign, [a, b], env, depth)
                }
                3 => self.divided(ty, [&Int, &Int], env, depth),
                4 => self.divided(ty, [&Number, &Number], env, depth),
                5 => {
                    let of = self.random.pick(&[&Percent, &Span, &Money(0), &Money(1)]);
                    self.divided(ty, [of, of], env, depth)
                }
                6 => self.on(ty, "-§", &Number, env, depth),
                7 => self.two(ty, "§ of §", [&Percent, &Int], env, depth),
                _ => self.two(ty, "§ of §", [&Percent, &Number], env, depth),
            },
            Percent | Money(_) => match self.random.below(7) {
                0 | 1 => self.two(ty, "§ + §", [ty, ty], env, depth),
                2 => self.two(ty, "§ - §", [ty, ty], env, depth),
                3 => self.two(ty, "§ * §", [ty, &Int], env, depth),
                4 => self.divided(ty, [ty, &Int], env, depth),
                5 => self.two(ty, "§ of §", [&Percent, ty], env, depth),
                _ => self.on(ty, "-§", ty, env, depth),
            },
            Date => match self.random.below(5) {
                0 => self.two(ty, "§ + §", [&Date, &Period], env, depth),
                1 => self.two(ty, "§ - §", [&Date, &Period], env, depth),
                2 => Tree::of(Date, &format!("{} ago", self.length(3)), Vec::new()),
                3 => self.anniversary(env, depth),
                _ => self.on(ty, "date_of(§)", &Stamp, env, depth).standing(),
            },
            Stamp => match self.random.below(4) {
                0 => self.two(ty, "§ + §", [&Stamp, &Period], env, depth),
                1 => self.two(ty, "§ - §", [&Stamp, &Period], env, depth),
                2 => {
                    let sign = self.random.pick(&["§ + §", "§ - §"]);
                    self.two(ty, sign, [&Stamp, &Span], env, depth)
                }
                _ => Tree::of(Stamp, &format!("{} ago", self.length(0)), Vec::new()),
            },
            Span => match self.random.below(5) {
                0 | 1 => self.two(ty, "§ - §", [&Stamp, &Stamp], env, depth),
                2 => self.two(ty, "§ + §", [&Span, &Span], env, depth),
                3 => self.divided(ty, [&Span, &Int], env, depth),
                _ => self.two(ty, "§ * §", [&Span, &Int], env, depth),
            },
            Period => match self.random.below(3) {
                0 => self.two(ty, "§ + §", [&Period, &Period], env, depth),
                1 => self.two(ty, "§ - §", [&Period, &Period], env, depth),
                _ => self.on(ty, "-§", &Period, env, depth),
            },
            Enum(n @ (0 | 1)) => {
                let part = ["weekday", "month"][*n];
                let of = self.random.pick(&[&Date, &Stamp]);
                self.on(ty, &format!("{part} of §"), of, env, depth)
            }
            Bool | Text | Clock | Enum(_) | List(_) | Ref(_) => return None,
        })
    }

    fn int(&mut self, env: &Env, depth: usize) -> Tree {
        use Ty::*;
        match self.random.below(11) {
            0 | 1 => self.two(&Int, "§ + §", [&Int, &Int], env, depth),
            2 => self.two(&Int, "§ - §", [&Int, &Int], env, depth),
            3 => self.two(&Int, "§ * §", [&Int, &Int], env, depth),
            4 => self.on(&Int, "-§", &Int, env, depth),
            5 => {
                let part = self.random.pick(&["day", "quarter", "year"]);
                let of = self.random.pick(&[&Date, &Stamp]);
                self.on(&Int, &format!("{part} of §"), of, env, depth)
            }
            6 => self.on(&Int, "hour of §", &Stamp, env, depth),
            7 | 8 => {
                let way = self.random.pick(&["since", "until"]);
                let unit = self.random.below(UNITS.len());
                let of = if unit < 3 || self.chance(50) { Stamp } else { Date };
                self.on(&Int, &format!("{}s {way} §", UNITS[unit]), &of, env, depth)
            }
            9 => match self.a_list(env) {
                Some(list) => Tree::call(Int, "count(§)", vec![list]),
                None => self.leaf(&Int, env),
            },
            _ => self.two(&Int, "§ - §", [&Int, &Int], env, depth),
        }
    }

    /// A list that can be named or folded here.
    pub fn a_list(&mut self, env: &Env) -> Option<Tree> {
        if self.chance(40)
            && let Some(list) = self.list_fold(env)
        {
            return Some(list);
        }
        let mut lists = self.paths(env);
        lists.retain(|p| matches!(p.ty, Ty::List(_)));
        self.one(lists)
    }

    /// The next anniversary of a date.
    pub fn anniversary(&mut self, env: &Env, depth: usize) -> Tree {
        let of = self.random.pick(&[&Ty::Date, &Ty::Date, &Ty::Stamp]);
        self.on(&Ty::Date, "§ anniversary", of, env, depth)
    }

    /// A length such as `3 months`; from the first unit on that is allowed.
    pub fn length(&mut self, from: usize) -> String {
        let unit = from + self.random.below(if from == 0 { 3 } else { UNITS.len() - from });
        let count = self.random.pick(&[1, 1, 2, 3, 7, 12, 30, 90, 365]);
        format!("{count} {}{}", UNITS[unit], if count == 1 { "" } else { "s" })
    }

    pub fn choose(&mut self, ty: &Ty, env: &Env, depth: usize) -> Tree {
        let arms = 1 + self.random.below(3);
        let (mut template, mut parts) = ("choose { ".to_string(), Vec::new());
        let mut miss = false;
        for _ in 0..arms {
            parts.push(self.condition(env, depth - 1));
            let value = self.value(ty, env, depth - 1);
            miss |= value.miss;
            parts.push(value);
            template += "when § => §, ";
        }
        match self.chance(75) {
            true => {
                let value = self.value(ty, env, depth.saturating_sub(2));
                miss |= value.miss;
                parts.push(value);
                template += "otherwise => § }";
            }
            false => {
                miss = true;
                template.push('}');
            }
        }
        Tree::of(ty.clone(), &template, parts).missing(miss)
    }

    /// A `match` over an enum, a text, a number or a Bool.
    pub fn matched(&mut self, ty: &Ty, env: &Env, depth: usize) -> Option<Tree> {
        let of = self.random.pick(&[2, 2, 3, 0, 10, 11, 12]);
        let of = match of {
            10 => Ty::Text,
            11 => Ty::Int,
            12 => Ty::Bool,
            n => Ty::Enum(n),
        };
        let subject = self.value(&of, env, depth - 1);
        let patterns: Vec<String> = match &of {
            Ty::Enum(n) => {
                let members = &self.world.enums[*n].members;
                let first = self.random.below(members.len() - 1);
                members.iter().skip(first).take(1 + first % 2).map(|m| m.0.clone()).collect()
            }
            Ty::Bool => vec![self.random.pick(&["true", "false"]).to_string()],
            ty => vec![literal::of(ty, self.world, self.random)],
        };
        let value = self.value(ty, env, depth - 1);
        let other = self.value(ty, env, depth.saturating_sub(2));
        let mut miss = value.miss || other.miss;
        let known = subject.is_leaf() && subject.miss;
        let (rest, more) = match self.random.below(3) {
            0 if known => {
                let absent = self.value(ty, env, depth.saturating_sub(2));
                miss |= absent.miss;
                ("any => §, missing => § }", vec![absent])
            }
            1 if !subject.miss => ("any => § }", Vec::new()),
            _ => ("otherwise => § }", Vec::new()),
        };
        let template = format!("match § {{ {} => §, {rest}", patterns.join(" or "));
        Some(Tree::of(ty.clone(), &template, [vec![subject, value, other], more].concat()).missing(miss))
    }
}

impl Tree {
    /// The same, known to need no parentheses.
    pub fn standing(self) -> Tree {
        Tree { atom: true, ..self }
    }

    /// Puts words behind an expression.
    pub fn followed_by(mut self, words: &str) -> Tree {
        self.parts.push(Part::Words(words.to_string()));
        self
    }
}
