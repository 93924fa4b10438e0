//! Reads the DMN compatibility kit's models and tests, and makes cases of them.
//! It does not know FEEL's grammar, nor how a decision table becomes Seg.

use std::collections::BTreeMap;
use std::path::Path;

use roxmltree::{Document, Node};
use serde_json::Value;

use super::Fault;
use super::case::{Case, Expected, Question};
use super::expr::{Expr, Kind, Reason};
use super::seg::{self, Input, Request};
use super::table::{self, Table};
use super::{feel, moments};

const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// A decision's logic.
enum Logic {
    Expression(String),
    Context(Vec<(String, String)>),
    Table(Table),
    Other(Reason),
}

struct Decision {
    type_ref: Option<String>,
    logic: Logic,
}

/// A model: what its tests refer to.
struct Model {
    decisions: BTreeMap<String, Decision>,
    inputs: BTreeMap<String, String>,
    collections: BTreeMap<String, String>,
}

/// The value that a test gives or expects, with its XML schema type.
struct Typed {
    schema_type: String,
    text: Option<String>,
}

/// The cases of one folder of the kit.
///
/// # Errors
/// A file that cannot be read.
pub fn cases(folder: &Path) -> Result<Vec<Case>, Fault> {
    let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let model_path = folder.join(format!("{name}.dmn"));
    let model_text = super::read(&model_path)?;
    let model_xml = Document::parse(&model_text).map_err(|error| Fault::new(&model_path, error))?;
    let model = read_model(model_xml.root_element());

    let tests_path = folder.join(format!("{name}-test-01.xml"));
    let tests_text = super::read(&tests_path)?;
    let tests_xml = Document::parse(&tests_text).map_err(|error| Fault::new(&tests_path, error))?;
    let mut cases = Vec::new();
    for test in children(tests_xml.root_element(), "testCase") {
        read_test(&model, &name, test, &mut cases);
    }
    Ok(cases)
}

fn read_model(root: Node<'_, '_>) -> Model {
    let mut model = Model { decisions: BTreeMap::new(), inputs: BTreeMap::new(), collections: BTreeMap::new() };
    for node in root.children().filter(Node::is_element) {
        let name = node.attribute("name").unwrap_or_default().to_owned();
        let type_ref = child(node, "variable").and_then(|variable| variable.attribute("typeRef")).map(str::to_owned);
        match node.tag_name().name() {
            "decision" => {
                let decision = Decision { type_ref, logic: read_logic(node) };
                model.decisions.insert(name, decision);
            }
            "inputData" => {
                model.inputs.insert(name, type_ref.unwrap_or_default());
            }
            "itemDefinition" if node.attribute("isCollection") == Some("true") => {
                model.collections.insert(name, text_of(child(node, "typeRef")));
            }
            _ => {}
        }
    }
    for decision in model.decisions.values_mut() {
        if let Logic::Table(table) = &mut decision.logic {
            for input in &mut table.inputs {
                if input.type_ref.is_empty() {
                    input.type_ref = model.inputs.get(&input.name).cloned().unwrap_or_default();
                }
            }
        }
    }
    model
}

fn read_logic(decision: Node<'_, '_>) -> Logic {
    for node in decision.children().filter(Node::is_element) {
        match node.tag_name().name() {
            "literalExpression" => return Logic::Expression(text_of(child(node, "text"))),
            "context" => return Logic::Context(children(node, "contextEntry").map(read_entry).collect()),
            "decisionTable" => return Logic::Table(read_table(node)),
            "invocation" => return Logic::Other("an invocation of a function of the model"),
            _ => {}
        }
    }
    Logic::Other("a decision without logic")
}

fn read_entry(entry: Node<'_, '_>) -> (String, String) {
    let name = child(entry, "variable").and_then(|variable| variable.attribute("name")).unwrap_or_default();
    let expression = child(entry, "literalExpression").and_then(|expression| child(expression, "text"));
    (name.to_owned(), text_of(expression))
}

fn read_table(node: Node<'_, '_>) -> Table {
    let entries =
        |rule: Node<'_, '_>, tag: &str| children(rule, tag).map(|entry| text_of(child(entry, "text"))).collect();
    let inputs = children(node, "input").map(|input| {
        let expression = child(input, "inputExpression");
        table::Column {
            name: text_of(expression.and_then(|expression| child(expression, "text"))),
            type_ref: expression.and_then(|expression| expression.attribute("typeRef")).unwrap_or_default().to_owned(),
            values: text_of(child(input, "inputValues").and_then(|values| child(values, "text"))),
            default: String::new(),
        }
    });
    let outputs = children(node, "output").map(|output| table::Column {
        name: output.attribute("name").unwrap_or_default().to_owned(),
        type_ref: output.attribute("typeRef").unwrap_or_default().to_owned(),
        values: text_of(child(output, "outputValues").and_then(|values| child(values, "text"))),
        default: text_of(child(output, "defaultOutputEntry").and_then(|default| child(default, "text"))),
    });
    Table {
        policy: node.attribute("hitPolicy").unwrap_or("UNIQUE").to_owned(),
        inputs: inputs.collect(),
        outputs: outputs.collect(),
        rules: children(node, "rule")
            .map(|rule| table::Rule { inputs: entries(rule, "inputEntry"), outputs: entries(rule, "outputEntry") })
            .collect(),
    }
}

fn read_test(model: &Model, folder: &str, test: Node<'_, '_>, cases: &mut Vec<Case>) {
    let id = test.attribute("id").unwrap_or_default();
    let given: BTreeMap<String, Typed> = children(test, "inputNode")
        .map(|node| (node.attribute("name").unwrap_or_default().to_owned(), typed(child(node, "value"))))
        .collect();
    let results: Vec<_> = children(test, "resultNode").collect();
    for result in &results {
        let decision_name = result.attribute("name").unwrap_or_default();
        let suffix = if results.len() > 1 { format!(".{decision_name}") } else { String::new() };
        let id = format!("dmn-tck/{folder}/{id}{suffix}");
        let errors = if decision_name.contains("error_when") { " errors" } else { "" };
        let suite = format!("dmn-tck/{folder}{errors}");
        let mut add = |part: &str, expected: Expected, question: Result<Question, Reason>| {
            let id = if part.is_empty() { id.clone() } else { format!("{id}.{part}") };
            cases.push(Case { suite: suite.clone(), id, expected, question });
        };
        let of_service = test.attribute("type") == Some("decisionService");
        let Some(decision) = model.decisions.get(decision_name).filter(|_| !of_service) else {
            add("", expectation(*result), Err("a decision service"));
            continue;
        };
        let ask = |expected: &Expected, text: &str| {
            let asked = Asked { model, given: &given, decision, decision_name, id: &id };
            asked.expression(text, expected)
        };
        let components = components(*result);
        match &decision.logic {
            Logic::Expression(text) => {
                let expected = expectation(*result);
                let question = ask(&expected, text);
                add("", expected, question);
            }
            Logic::Context(entries) if !components.is_empty() => {
                for (name, expected) in components {
                    let entry = entries.iter().find(|(entry, _)| *entry == name);
                    let question = entry.map_or(Err("a context as a value"), |(_, text)| ask(&expected, text));
                    add(&name, expected, question);
                }
            }
            Logic::Context(_) => add("", expectation(*result), Err("a context as a value")),
            Logic::Other(reason) => add("", expectation(*result), Err(reason)),
            Logic::Table(table) if components.is_empty() => {
                let expected = expectation(*result);
                let question = table::question(table, 0, &id, &values(&given), &expected);
                add("", expected, question);
            }
            Logic::Table(table) => {
                for (name, expected) in components {
                    let column = table.outputs.iter().position(|output| output.name == name);
                    let question = column.map_or(Err("an output that the table has not"), |column| {
                        table::question(table, column, &id, &values(&given), &expected)
                    });
                    add(&name, expected, question);
                }
            }
        }
    }
}

/// An expression of a decision, with what its test gives.
struct Asked<'a> {
    model: &'a Model,
    given: &'a BTreeMap<String, Typed>,
    decision: &'a Decision,
    decision_name: &'a str,
    id: &'a str,
}

impl Asked<'_> {
    fn expression(&self, text: &str, expected: &Expected) -> Result<Question, Reason> {
        let expr = feel::parse(text).map_err(|_| "an expression that this tool does not read")?;
        let mut names: Vec<String> = Vec::new();
        let mut has_null = false;
        expr.visit(&mut |part| match part {
            Expr::Name(name) if !names.contains(name) => names.push(name.clone()),
            Expr::Null => has_null = true,
            _ => {}
        });
        let inputs = names.iter().filter_map(|name| self.input(name)).collect();
        let declared = self.decision.type_ref.as_deref().and_then(|name| self.declared_type(name));
        seg::question(&Request {
            id: self.id,
            expr,
            expected,
            inputs,
            declared,
            timezone: None,
            must_refuse: self.decision_name.contains("error_when") && !has_null,
        })
    }

    fn input(&self, name: &str) -> Option<Input> {
        let type_ref = self.model.inputs.get(name)?;
        let given = self.given.get(name);
        let schema_type = given.map(|given| given.schema_type.as_str()).unwrap_or_default();
        let kind = kind_of(type_ref).or_else(|| kind_of(schema_type))?;
        let value = given.and_then(|given| given.text.as_deref()).map(|text| json_value(kind, text));
        Some(Input { name: name.to_owned(), kind, value })
    }

    /// The declared type where it decides what the value may be: of a number, a text, or a list of them.
    fn declared_type(&self, name: &str) -> Option<String> {
        let plain = |name: &str| match name {
            "number" => Some("Number"),
            "string" => Some("Text"),
            _ => None,
        };
        match self.model.collections.get(name) {
            Some(of) => plain(of).map(|of| format!("List({of})")),
            None => plain(name).map(str::to_owned),
        }
    }
}

fn values(given: &BTreeMap<String, Typed>) -> BTreeMap<String, String> {
    given.iter().filter_map(|(name, typed)| Some((name.clone(), typed.text.clone()?))).collect()
}

fn kind_of(type_name: &str) -> Option<Kind> {
    Some(match type_name {
        "boolean" => Kind::Bool,
        "number" | "decimal" | "double" | "integer" => Kind::Number,
        "string" => Kind::Text,
        "date" => Kind::Date,
        "dateTime" => Kind::Stamp,
        _ => return None,
    })
}

fn json_value(kind: Kind, text: &str) -> Value {
    match kind {
        Kind::Bool => Value::from(text == "true"),
        Kind::Number => serde_json::from_str(text).unwrap_or(Value::Null),
        Kind::Stamp => Value::from(format!("{text}Z")),
        _ => Value::from(text),
    }
}

fn components(result: Node<'_, '_>) -> Vec<(String, Expected)> {
    let expected = child(result, "expected");
    let parts = expected.into_iter().flat_map(|expected| children(expected, "component"));
    parts
        .map(|part| {
            let name = part.attribute("name").unwrap_or_default().to_owned();
            (name, expected_value(&typed(child(part, "value"))))
        })
        .collect()
}

fn expectation(result: Node<'_, '_>) -> Expected {
    let Some(expected) = child(result, "expected") else {
        return Expected::Other("an expectation that is not stated");
    };
    match child(expected, "value") {
        Some(value) => expected_value(&typed(Some(value))),
        None if child(expected, "list").is_some() => Expected::Other("several results"),
        None => Expected::Other("a context as a value"),
    }
}

fn expected_value(typed: &Typed) -> Expected {
    let Some(text) = &typed.text else {
        return Expected::Null;
    };
    let read = match typed.schema_type.as_str() {
        "boolean" => return Expected::Bool(text == "true"),
        "string" => return Expected::Text(text.clone()),
        "decimal" | "double" | "integer" => return Expected::Number(text.clone()),
        "date" => moments::date(text),
        "time" => moments::time(text),
        "dateTime" => moments::stamp(text),
        _ => moments::span(text),
    };
    match read {
        Expr::Date(day) => Expected::Date(day),
        Expr::Time(time) => Expected::Time(time),
        Expr::Stamp(stamp) => Expected::Stamp(stamp),
        Expr::Span(span) => Expected::Span(span),
        Expr::Foreign(reason) => Expected::Other(reason),
        _ => Expected::Other("a value of another type"),
    }
}

fn typed(value: Option<Node<'_, '_>>) -> Typed {
    let Some(value) = value else {
        return Typed { schema_type: String::new(), text: None };
    };
    let schema_type = value.attribute((XSI, "type")).unwrap_or_default();
    let schema_type = schema_type.rsplit(':').next().unwrap_or_default().to_owned();
    let is_nil = value.attribute((XSI, "nil")) == Some("true");
    let text = (!is_nil).then(|| value.text().unwrap_or_default().to_owned());
    Typed { schema_type, text }
}

fn children<'a, 'i>(node: Node<'a, 'i>, tag: &'a str) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children().filter(move |child| child.is_element() && child.tag_name().name() == tag)
}

fn child<'a, 'i>(node: Node<'a, 'i>, tag: &'a str) -> Option<Node<'a, 'i>> {
    children(node, tag).next()
}

fn text_of(node: Option<Node<'_, '_>>) -> String {
    node.and_then(|node| node.text()).unwrap_or_default().trim().to_owned()
}
