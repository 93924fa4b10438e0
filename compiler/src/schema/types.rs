//! The names of types: built in, enums, reference tables.

use seg_grammar::ast::{Ident, ItemKind, TypeRef};
use seg_grammar::{Diagnostic, Span, codes};
use seg_ir::schema::TableKind;
use seg_ir::{Currency, Type};

use super::Schemas;
use crate::modules::Modules;
use crate::suggest::nearest;

/// Resolves type references against the schema as far as it is built.
pub struct TypeNames<'a> {
    pub modules: &'a Modules,
    pub schemas: &'a Schemas,
    pub diagnostics: &'a mut Vec<Diagnostic>,
}

/// Whether a declaration of that name exists but could not be read, so that nothing more is to be said.
pub fn is_broken(modules: &Modules, name: &str) -> bool {
    modules.items().any(|(_, _, item)| match &item.kind {
        ItemKind::Broken(Some(broken)) => broken.text == name,
        _ => false,
    })
}

impl TypeNames<'_> {
    fn error(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// The type; `None` when it is none, which is then told.
    pub fn resolve(&mut self, ty: &TypeRef) -> Option<Type> {
        let argument = ty.argument.as_ref();
        let plain = match ty.name.text.as_str() {
            "Bool" => Some(Type::Bool),
            "Int" => Some(Type::Int),
            "Number" => Some(Type::Number),
            "Percent" => Some(Type::Percent),
            "Text" => Some(Type::Text),
            "Date" => Some(Type::Date),
            "Timestamp" => Some(Type::Timestamp),
            "TimeOfDay" => Some(Type::TimeOfDay),
            _ => None,
        };
        let known = match (ty.name.text.as_str(), argument) {
            ("Money", Some(code)) => return self.currency(code).map(Type::Money),
            ("Money", None) => {
                let home = self.schemas.schema.currency;
                let diagnostic = Diagnostic::error(
                    codes::MONEY_WITHOUT_CURRENCY,
                    ty.span,
                    "`Money` does not say its currency",
                    "money of which currency?",
                );
                let code = home.map_or("GBP".to_string(), |c| c.to_string());
                let optional = if ty.optional { "?" } else { "" };
                let fixed = format!("Money({code}){optional}");
                self.error(diagnostic.suggest(format!("write `{fixed}`"), ty.span, fixed));
                return None;
            }
            ("List", Some(item)) => return self.list_of(item),
            ("List", None) => {
                self.error(
                    Diagnostic::error(
                        codes::UNKNOWN_TYPE,
                        ty.span,
                        "`List` does not say what it holds",
                        "a list of what?",
                    )
                    .suggest("write `List(Text)`", ty.span, "List(Text)"),
                );
                return None;
            }
            _ => plain.or_else(|| self.named_type(&ty.name.text)),
        };
        if known.is_some() {
            if let Some(argument) = argument {
                let fixed = ty.name.text.clone();
                let span = Span { start: ty.name.span.end, end: argument.span.end + 1, ..ty.span };
                self.error(
                    Diagnostic::error(
                        codes::UNKNOWN_TYPE,
                        ty.span,
                        format!("`{fixed}` takes nothing in parentheses"),
                        "only `Money` and `List` take something",
                    )
                    .suggest(format!("write `{fixed}`"), span, ""),
                );
            }
            return known;
        }
        if self.schemas.enums.is_empty() || is_broken(self.modules, &ty.name.text) {
            return None;
        }
        self.unknown_type(&ty.name);
        None
    }

    fn named_type(&self, name: &str) -> Option<Type> {
        if let Some(id) = self.schemas.enums.get(name) {
            return Some(Type::Enum(*id));
        }
        let id = self.schemas.tables.get(name)?;
        let kind = self.schemas.schema.table(*id).kind;
        (kind == TableKind::Reference).then_some(Type::Reference(*id))
    }

    pub fn currency(&mut self, code: &Ident) -> Option<Currency> {
        let found = Currency::from_code(&code.text);
        if found.is_none() {
            self.error(
                Diagnostic::error(
                    codes::UNKNOWN_CURRENCY,
                    code.span,
                    format!("`{}` is not a currency", code.text),
                    "the three letters of a currency belong here",
                )
                .help("write a code such as `GBP`, `EUR` or `USD`"),
            );
        }
        found
    }

    fn list_of(&mut self, item: &Ident) -> Option<Type> {
        let inner = TypeRef { name: item.clone(), argument: None, optional: false, span: item.span };
        let ty = self.resolve(&inner)?;
        if matches!(ty, Type::Reference(_)) {
            self.error(
                Diagnostic::error(
                    codes::UNKNOWN_TYPE,
                    item.span,
                    "a list holds plain values",
                    "this is a row of a reference table",
                )
                .help("keep the rows in an event table, or their keys in a `List(Text)`"),
            );
            return None;
        }
        Some(Type::List(Box::new(ty)))
    }

    fn unknown_type(&mut self, name: &Ident) {
        let money = self.schemas.schema.currency.map_or("Money(GBP)".to_string(), |c| format!("Money({c})"));
        let foreign = match name.text.to_ascii_lowercase().as_str() {
            "string" | "str" | "varchar" | "char" | "email" | "phone" | "url" | "uuid" | "id" => Some("Text"),
            "integer" | "long" | "bigint" | "smallint" => Some("Int"),
            "float" | "double" | "decimal" | "real" | "numeric" => Some("Number"),
            "boolean" => Some("Bool"),
            "datetime" | "timestamptz" => Some("Timestamp"),
            "time" => Some("TimeOfDay"),
            "currency" | "amount" | "price" => Some(money.as_str()),
            "array" | "set" | "tags" => Some("List(Text)"),
            "percentage" => Some("Percent"),
            _ => None,
        };
        let built_in = ["Bool", "Int", "Number", "Percent", "Text", "Date", "Timestamp", "TimeOfDay", "Money", "List"];
        let known = built_in.iter().copied().chain(self.schemas.enums.keys().map(String::as_str));
        let references = self.schemas.schema.tables.iter().filter(|t| t.kind == TableKind::Reference);
        let mut known: Vec<&str> = known.chain(references.map(|t| t.name.as_str())).collect();
        known.sort_unstable();
        let near = foreign.or_else(|| nearest(&name.text, known.iter().copied()));
        if self.schemas.tables.get(&name.text).is_some_and(|t| self.schemas.schema.table(*t).kind == TableKind::Event) {
            let fixed = format!("many {}", name.text);
            let wrong = format!("`{}` is a whole table, of which a customer can have many rows", name.text);
            let diagnostic = Diagnostic::error(codes::UNKNOWN_TYPE, name.span, wrong, "used as the type of one value");
            self.error(diagnostic.suggest(format!("write `{fixed}`"), name.span, fixed));
            return;
        }
        let diagnostic = Diagnostic::error(
            codes::UNKNOWN_TYPE,
            name.span,
            format!("there is no type `{}`", name.text),
            "used as a type here",
        );
        let diagnostic = match near {
            Some(near) => diagnostic.suggest(format!("write `{near}`"), name.span, near),
            None => diagnostic.help(
                "use `Text`, `Int`, `Number`, `Percent`, `Money(GBP)`, `Bool`, `Date` or `Timestamp`, or declare an `enum` of that name",
            ),
        };
        self.error(diagnostic);
    }
}
