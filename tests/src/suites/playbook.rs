//! Puts a question's source text together: the playbook, its enums, the profile, and what is asked.
//! It does not know what the question means.

use std::fmt::Write;

use serde_json::{Map, Value};

/// A playbook in the making, with the record that it is asked about.
pub struct Playbook {
    title: String,
    timezone: String,
    enums: Vec<String>,
    fields: Vec<(String, String)>,
    record: Map<String, Value>,
}

impl Playbook {
    /// One without fields.
    pub fn new(title: &str, timezone: &str) -> Self {
        let record = Map::from_iter([("id".to_owned(), Value::from("1"))]);
        Playbook {
            title: title.to_owned(),
            timezone: timezone.to_owned(),
            enums: Vec::new(),
            fields: vec![("id".to_owned(), "Text".to_owned())],
            record,
        }
    }

    /// Declares an enum.
    pub fn add_enum(&mut self, name: &str, members: &[String]) {
        self.enums.push(format!("enum {name} {{ {} }}", members.join(", ")));
    }

    /// Declares a field once, and gives it a value in the record unless it is missing.
    pub fn add_field(&mut self, name: &str, field_type: &str, value: Option<Value>) {
        if self.fields.iter().any(|(known, _)| known == name) {
            return;
        }
        self.fields.push((name.to_owned(), field_type.to_owned()));
        if let Some(value) = value {
            self.record.insert(name.to_owned(), value);
        }
    }

    /// Declares a field under a name of its own, `stem_1`, and gives the name.
    pub fn add_new_field(&mut self, stem: &str, field_type: &str, value: Option<Value>) -> String {
        let name = format!("{stem}_{}", self.fields.len());
        self.add_field(&name, field_type, value);
        name
    }

    /// The source text with what is asked, and the record.
    pub fn finish(self, asked: &str) -> (String, Value) {
        let mut source = String::new();
        // Writing to a text cannot fail.
        let _ = writeln!(source, "playbook {} {{", text_literal(&self.title).unwrap_or_else(|| "\"case\"".to_owned()));
        let _ = writeln!(source, "  owner    \"suites@brand.example\"");
        let _ = writeln!(source, "  timezone \"{}\"", self.timezone);
        let _ = writeln!(source, "  currency GBP\n  locale   en-GB\n}}\n");
        for declared in &self.enums {
            let _ = writeln!(source, "{declared}\n");
        }
        source.push_str("profile Customer key id {\n");
        for (name, field_type) in &self.fields {
            let _ = writeln!(source, "  {name} {field_type}");
        }
        let _ = writeln!(source, "}}\n\n{asked}");
        (source, Value::Object(self.record))
    }
}

/// A text as Seg writes it; none where it holds a character that has no escape.
pub fn text_literal(text: &str) -> Option<String> {
    let mut written = String::from("\"");
    for next in text.chars() {
        match next {
            '"' | '\\' | '{' | '}' | '[' | ']' => {
                written.push('\\');
                written.push(next);
            }
            '\n' => written.push_str("\\n"),
            other if other.is_control() => return None,
            other => written.push(other),
        }
    }
    written.push('"');
    Some(written)
}

/// A name of a suite as the name of a field.
pub fn field_name(name: &str) -> String {
    let mut written = String::new();
    for next in name.chars() {
        if next.is_uppercase() {
            if written.chars().last().is_some_and(|last| last.is_lowercase() || last.is_ascii_digit()) {
                written.push('_');
            }
            written.extend(next.to_lowercase());
        } else if next.is_alphanumeric() {
            written.push(next);
        } else {
            written.push('_');
        }
    }
    written
}
