//! Choices in a sentence: what is taken, and for whom.

use super::text::{Text, list, long_list, say};
use super::{Reader, View};
use crate::hir::{ExprId, MatchArm, Pattern};

impl Reader<'_> {
    /// `Gold for customers whose ..., Silver for other customers whose ..., and Bronze for all others`
    pub(super) fn chosen(&self, view: &View, arms: &[(ExprId, ExprId)], otherwise: Option<ExprId>) -> Text {
        let mut parts = Vec::new();
        for (n, (when, value)) in arms.iter().enumerate() {
            let who = self.condition(view, *when, false).relative(&self.pronouns());
            let others = if n == 0 { "" } else { "other " };
            parts.push(say![self.value(view, *value), " for ", others, self.people(), " ", who]);
        }
        let last = otherwise.map_or_else(|| Text::from("missing"), |value| self.value(view, value));
        parts.push(say![last, " for all others"]);
        long_list(parts, "and")
    }

    pub(super) fn matched(&self, view: &View, subject: ExprId, arms: &[MatchArm]) -> Text {
        let thing = self.thing(view, subject);
        let mut parts = Vec::new();
        for (n, arm) in arms.iter().enumerate() {
            let value = self.value(view, arm.value);
            let test = self.pattern(subject, &arm.patterns);
            let people = if n == 0 { self.people() } else { "those".to_string() };
            parts.push(match test {
                Some(test) if thing.owned => {
                    say![value, " for ", people, " whose ", &thing.text, " ", thing.be(), " ", test]
                }
                Some(test) => say![value, " where ", &thing.text, " ", thing.be(), " ", test],
                None => say![value, " for all others"],
            });
        }
        long_list(parts, "and")
    }

    /// What a pattern asks of its subject; none where it takes all that is left.
    fn pattern(&self, subject: ExprId, patterns: &[Pattern]) -> Option<Text> {
        if patterns.contains(&Pattern::Otherwise) {
            return None;
        }
        let ty = self.expr(subject).ty.get();
        let texts = patterns.iter().map(|pattern| match pattern {
            Pattern::Value(value) => self.constant(ty, value),
            Pattern::Any => Text::from("anything else that is known"),
            Pattern::Missing | Pattern::Otherwise => Text::from("not known"),
        });
        Some(list(texts.collect(), "or"))
    }

    /// A choice within a sentence.
    pub(super) fn choose_thing(&self, view: &View, arms: &[(ExprId, ExprId)], otherwise: Option<ExprId>) -> Text {
        let mut parts: Vec<Text> = arms
            .iter()
            .map(|(when, value)| say![self.value(view, *value), " where ", self.condition(view, *when, false).plain()])
            .collect();
        let last = otherwise.map_or_else(|| Text::from("missing"), |value| self.value(view, value));
        parts.push(say!["otherwise ", last]);
        say!["the first that applies of ", long_list(parts, "and"), ","]
    }

    pub(super) fn match_thing(&self, view: &View, subject: ExprId, arms: &[MatchArm]) -> Text {
        let thing = self.thing(view, subject);
        let mut parts = Vec::new();
        for arm in arms {
            let value = self.value(view, arm.value);
            parts.push(match self.pattern(subject, &arm.patterns) {
                Some(test) => say![value, " where ", thing.full(), " ", thing.be(), " ", test],
                None => say![value, " otherwise"],
            });
        }
        say!["what is ", long_list(parts, "or"), ","]
    }
}
