//! The `playbook` declaration: its name, time zone and currency.

use seg_grammar::ast::{ItemKind, Property};
use seg_grammar::{Diagnostic, codes};
use seg_ir::{Currency, Zone};

use super::Builder;
use crate::declare::Names;
use crate::suggest::nearest;

const PROPERTIES: [&str; 5] = ["owner", "timezone", "currency", "locale", "language"];

impl Builder<'_> {
    pub(super) fn playbook(&mut self, names: &Names) {
        let Some(at) = names.playbook else { return };
        let ItemKind::Playbook(playbook) = &self.modules.item(at).1.kind else { return };
        self.out.name = playbook.title.value.clone();
        let mut seen: Vec<&str> = Vec::new();
        for property in &playbook.properties {
            if seen.contains(&property.name.text.as_str()) {
                self.error(
                    Diagnostic::error(
                        codes::DUPLICATE_NAME,
                        property.name.span,
                        format!("`{}` is given twice", property.name.text),
                        "the second time",
                    )
                    .help("remove one of the two"),
                );
            }
            seen.push(&property.name.text);
            self.property(property);
        }
    }

    fn property(&mut self, property: &Property) {
        match property.name.text.as_str() {
            "timezone" => self.timezone(property),
            "currency" => match Currency::from_code(&property.value.text) {
                Some(currency) => self.out.schema.currency = Some(currency),
                None => {
                    self.types().currency(&property.value);
                }
            },
            "owner" | "locale" | "language" => {}
            name => {
                let diagnostic = Diagnostic::error(
                    codes::UNKNOWN_PROPERTY,
                    property.name.span,
                    format!("a playbook has no `{name}`"),
                    "not a property of a playbook",
                );
                self.error(match nearest(name, PROPERTIES) {
                    Some(near) => diagnostic.fix(format!("write `{near}`"), property.name.span, near),
                    None => diagnostic.help("it has `owner`, `timezone`, `currency`, `locale` and `language`"),
                });
            }
        }
    }

    fn timezone(&mut self, property: &Property) {
        let name = &property.value.text;
        if let Some(zone) = Zone::find(name) {
            self.out.schema.timezone = zone.name().to_string();
            self.out.zone = zone;
            return;
        }
        let diagnostic = Diagnostic::error(
            codes::UNKNOWN_TIMEZONE,
            property.value.span,
            format!("there is no time zone `{name}`"),
            "a name such as `Europe/London` belongs here",
        );
        self.error(match meant_zone(name) {
            Some(near) => diagnostic.suggest(format!("write `{near}`"), property.value.span, format!("\"{near}\"")),
            None => diagnostic
                .help("name a continent and a city, such as `Europe/Paris`: that knows summer time, `GMT+1` does not"),
        });
    }
}

/// The zone that a wrong name most likely means: by its city, or by a misspelt name. Abbreviations and offsets are no help,
/// as near ones are hours apart.
fn meant_zone(name: &str) -> Option<String> {
    let known = Zone::names();
    let city = name.rsplit('/').next().unwrap_or(name).trim().replace(' ', "_");
    let has_city = |zone: &&String| zone.rsplit_once('/').is_some_and(|(_, c)| c.eq_ignore_ascii_case(&city));
    let is_city = city.chars().all(|c| c.is_alphabetic() || c == '_');
    let by_city = known.iter().find(has_city).filter(|_| is_city).cloned();
    let by_name =
        || nearest(name, known.iter().map(String::as_str)).filter(|_| is_city && name.contains('/')).map(String::from);
    by_city.or_else(by_name)
}
