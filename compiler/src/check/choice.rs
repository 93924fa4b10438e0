//! `choose` and `match`.

use std::collections::HashMap;

use seg_grammar::ast::{self, ChooseArm, Expr, ExprKind};
use seg_grammar::{Diagnostic, Span, codes};
use seg_ir::Type;
use seg_ir::types::EnumId;

use super::expression::is_flexible;
use super::literal::list_of;
use super::{Checker, Env, literal_as, mismatch};
use crate::hir::{ExprId, Kind, MatchArm, Pattern, Ty};
use crate::suggest::more_arms;

impl Checker<'_> {
    pub(super) fn choose(
        &mut self,
        span: Span,
        arms: &[ChooseArm],
        otherwise: Option<&Expr>,
        env: &Env,
        want: Option<&Type>,
    ) -> ExprId {
        if arms.is_empty() {
            return self.fail(
                Diagnostic::error(codes::EMPTY_CHOICE, span, "this `choose` has no branch", "it chooses nothing")
                    .help("write `choose { when CONDITION => VALUE otherwise => VALUE }`"),
            );
        }
        let conditions: Vec<ExprId> = arms.iter().map(|arm| self.condition(&arm.when, env)).collect();
        let values: Vec<&Expr> = arms.iter().map(|arm| &arm.value).chain(otherwise).collect();
        let Some((ids, ty)) = self.alike(&values, env, want) else { return self.poison(span) };
        let mut ids = ids.into_iter();
        let arms = conditions.into_iter().zip(ids.by_ref()).collect();
        self.add(span, ty, Kind::Choose { arms, otherwise: ids.next() })
    }

    /// The values of branches, all of one type.
    fn alike(&mut self, values: &[&Expr], env: &Env, want: Option<&Type>) -> Option<(Vec<ExprId>, Type)> {
        // The first value that knows its own type gives it to those that adapt.
        let guide = values.iter().position(|v| !is_flexible(v));
        let mut ty = want.cloned();
        // It is checked once: choices within choices would otherwise be checked twice as often with each level.
        let mut guided = None;
        if let (None, Some(guide)) = (&ty, guide) {
            let id = self.value_or_missing(values.get(guide)?, env, None);
            ty = self.ty(id).get().cloned();
            guided = Some((guide, id));
        }
        let mut ids = Vec::new();
        let guiding = guide.and_then(|g| values.get(g)).filter(|_| want.is_none());
        let mut first: Option<Span> = guiding.map(|v| v.span);
        let mut fine = true;
        for (n, value) in values.iter().enumerate() {
            let id = match guided {
                Some((guide, id)) if guide == n => id,
                _ => self.value_or_missing(value, env, ty.as_ref()),
            };
            match self.ty(id).clone() {
                Ty::Missing => {}
                Ty::Of(given) => match ty.clone() {
                    None => {
                        ty = Some(given);
                        first = Some(value.span);
                    }
                    Some(known) if known == given => first = first.or(Some(value.span)),
                    Some(known) if number_pair(&known, &given) => ty = Some(Type::Number),
                    Some(known) => {
                        let (a, b) = (self.schemas.words(&known), self.schemas.words(&given));
                        let diagnostic = match first {
                            Some(first) => mismatch(
                                codes::CHOICE_TYPES,
                                value.span,
                                "the branches give values of different kinds".into(),
                                (first, a),
                                (value.span, b),
                            ),
                            None => Diagnostic::error(
                                codes::CHOICE_TYPES,
                                value.span,
                                format!("this branch gives {b}, where {a} belongs"),
                                format!("this is {b}"),
                            ),
                        };
                        self.error(match self.as_wanted(value.span, &known) {
                            Some(fixed) => diagnostic.suggest(format!("write `{fixed}`"), value.span, fixed),
                            None => diagnostic.help("let all branches give the same kind of value"),
                        });
                        fine = false;
                    }
                },
                Ty::Error | Ty::Row(_) => fine = false,
            }
            ids.push(id);
        }
        let Some(ty) = ty.filter(|_| fine) else {
            if fine {
                let span = values.first().map_or_else(|| Span::new(seg_grammar::FileId(0), 0, 0), |v| v.span);
                self.error(
                    Diagnostic::error(codes::CHOICE_TYPES, span, "every branch is missing", "no branch gives a value")
                        .help("give one branch a value"),
                );
            }
            return None;
        };
        let ids = ids.into_iter().map(|id| self.as_branch(id, &ty)).collect();
        Some((ids, ty))
    }

    fn as_branch(&mut self, id: ExprId, ty: &Type) -> ExprId {
        match self.ty(id).clone() {
            Ty::Missing => {
                let span = self.expr(id).span;
                self.add(span, ty.clone(), Kind::Constant(super::literal::missing()))
            }
            Ty::Of(Type::Int) if *ty == Type::Number => self.as_number(id),
            _ => id,
        }
    }

    fn value_or_missing(&mut self, expr: &Expr, env: &Env, want: Option<&Type>) -> ExprId {
        if matches!(&expr.kind, ExprKind::Literal(ast::Literal::Missing)) {
            return self.expression(expr, env, want);
        }
        self.value(expr, env, want)
    }

    pub(super) fn match_expr(
        &mut self,
        span: Span,
        subject: &Expr,
        arms: &[ast::MatchArm],
        env: &Env,
        want: Option<&Type>,
    ) -> ExprId {
        let id = self.value(subject, env, None);
        let values: Vec<&Expr> = arms.iter().map(|a| &a.value).collect();
        let Ty::Of(subject_ty) = self.ty(id).clone() else {
            self.alike(&values, env, want);
            return self.poison(span);
        };
        let enum_id = match &subject_ty {
            Type::Enum(enum_id) => Some(*enum_id),
            Type::Text | Type::Bool | Type::Int => None,
            ty => {
                let shown = self.schemas.words(ty);
                return self.fail(
                    Diagnostic::error(codes::MATCH_SUBJECT, subject.span, format!("`match` does not take {shown}"), format!("this is {shown}"))
                        .help("match a member of an enum, a text, a whole number or `true` and `false`; for ranges, write `choose { when ... => ... }`"),
                );
            }
        };
        let checked = self.patterns(&subject_ty, enum_id, arms, span);
        let alike = self.alike(&values, env, want);
        let (Some(patterns), Some((ids, ty))) = (checked, alike) else { return self.poison(span) };
        let arms = patterns
            .into_iter()
            .zip(ids)
            .zip(arms)
            .map(|((patterns, value), arm)| MatchArm { patterns, value, span: arm.span })
            .collect();
        self.add(span, ty, Kind::Match { subject: id, arms })
    }

    /// Each pattern once, and every member by some pattern. Whether `missing` is needed is for the pass that knows what can
    /// be missing.
    fn patterns(
        &mut self,
        ty: &Type,
        enum_id: Option<EnumId>,
        arms: &[ast::MatchArm],
        span: Span,
    ) -> Option<Vec<Vec<Pattern>>> {
        let mut seen: HashMap<Pattern, Span> = HashMap::new();
        let mut out = Vec::new();
        let mut fine = true;
        for arm in arms {
            let mut patterns = Vec::new();
            for pattern in &arm.patterns {
                let Some(resolved) = self.pattern(ty, pattern) else {
                    fine = false;
                    continue;
                };
                let any = seen.get(&Pattern::Any).filter(|_| matches!(resolved, Pattern::Value(_)));
                let taken = [seen.get(&resolved), seen.get(&Pattern::Otherwise)].into_iter().flatten().min();
                let taken = taken.or(any).copied();
                if let Some(first) = taken {
                    self.error(
                        Diagnostic::error(
                            codes::DEAD_ARM,
                            pattern.span(),
                            "this branch is never taken",
                            "an earlier branch has this case",
                        )
                        .label(first, "taken here")
                        .help("remove it, or move it above the other one"),
                    );
                    fine = false;
                }
                seen.entry(resolved.clone()).or_insert(pattern.span());
                patterns.push(resolved);
            }
            out.push(patterns);
        }
        let rest = seen.contains_key(&Pattern::Any) || seen.contains_key(&Pattern::Otherwise);
        if !rest && fine {
            fine = self.covers(ty, enum_id, &seen, span);
        }
        fine.then_some(out)
    }

    fn covers(&mut self, ty: &Type, enum_id: Option<EnumId>, seen: &HashMap<Pattern, Span>, span: Span) -> bool {
        let has = |value: seg_ir::Const| seen.contains_key(&Pattern::Value(value));
        let missing: Vec<String> = match (enum_id, ty) {
            (Some(id), _) => {
                let members = &self.schemas.schema.enum_type(id).members;
                let open = members.iter().enumerate().filter(|(n, _)| !has(seg_ir::Const::Enum(*n as u32)));
                open.map(|(_, m)| m.name.clone()).collect()
            }
            (None, Type::Bool) => {
                [true, false].into_iter().filter(|b| !has(seg_ir::Const::Bool(*b))).map(|b| b.to_string()).collect()
            }
            _ => vec!["every other value".to_string()],
        };
        if missing.is_empty() {
            return true;
        }
        let names = match (enum_id, ty) {
            (None, Type::Text | Type::Int) => vec!["any".to_string()],
            _ => missing.clone(),
        };
        let told = match (enum_id, ty) {
            (None, Type::Text | Type::Int) => "other values".to_string(),
            _ => list_of(missing.iter().map(String::as_str)),
        };
        let (end, arms) = more_arms(span, self.text(span), &names);
        let title = match names.as_slice() {
            [one] => format!("add the branch `{one} => missing`, with the right value behind the arrow"),
            _ => "add these branches, with the right values behind the arrows".to_string(),
        };
        self.error(
            Diagnostic::error(
                codes::MISSING_MEMBERS,
                span,
                format!("this `match` says nothing for {told}"),
                "not every value has a branch",
            )
            .suggest(title, end, arms)
            .help("or add `any => ...` for all other known values"),
        );
        false
    }

    fn pattern(&mut self, ty: &Type, pattern: &ast::Pattern) -> Option<Pattern> {
        match pattern {
            ast::Pattern::Any(_) => Some(Pattern::Any),
            ast::Pattern::Missing(_) => Some(Pattern::Missing),
            ast::Pattern::Otherwise(_) => Some(Pattern::Otherwise),
            ast::Pattern::Value(expr) => match literal_as(self.schemas, expr, ty) {
                Ok(value) => Some(Pattern::Value(value)),
                Err(()) => {
                    self.pattern_misfit(expr, ty);
                    None
                }
            },
        }
    }

    /// Tells why a written value is none of a type, in the words of names and members where it can.
    pub(crate) fn pattern_misfit(&mut self, expr: &Expr, ty: &Type) {
        let before = self.diagnostics.len();
        let id = self.value(expr, &Env::default(), Some(ty));
        if self.diagnostics.len() > before {
            return;
        }
        let wanted = self.schemas.words(ty);
        let (message, label) = match self.ty(id) {
            // Of the right type, and yet not written out.
            Ty::Of(given) if given == ty => {
                ("a plain value belongs here".to_string(), "this has to be worked out".to_string())
            }
            Ty::Of(given) => (format!("{wanted} belongs here"), format!("this is {}", self.schemas.words(given))),
            _ => return,
        };
        let diagnostic = Diagnostic::error(codes::LITERAL_TYPE, expr.span, message, label);
        self.error(match self.as_wanted(expr.span, ty) {
            Some(fixed) => diagnostic.suggest(format!("write `{fixed}`"), expr.span, fixed),
            None => diagnostic.help(format!("write {wanted}")),
        });
    }
}

fn number_pair(a: &Type, b: &Type) -> bool {
    matches!((a, b), (Type::Int, Type::Number) | (Type::Number, Type::Int))
}
