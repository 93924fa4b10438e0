//! Diagnostics for people, programs and code hosts; values as people read them.

use std::collections::BTreeSet;

use crate::ir::{Const, Reason, Type, Value};
use ariadne::{CharSet, Color, Config, IndexType, Label, Report, ReportKind};
use seg_grammar::{Diagnostic, Severity, SourceMap, Span};
use serde_json::{Value as Json, json};

/// A diagnostic as ariadne draws it, with its help and its repairs.
pub fn human(sources: &SourceMap, diagnostic: &Diagnostic, color: bool) -> String {
    all_human(sources, [diagnostic], color).collect()
}

/// Diagnostics as ariadne draws them, one after the other; a file is prepared once for all that is said about it.
pub fn all_human<'a, D: IntoIterator<Item = &'a Diagnostic> + Clone>(
    sources: &'a SourceMap,
    diagnostics: D,
    color: bool,
) -> impl Iterator<Item = String> + use<'a, D> {
    let labels = diagnostics.clone().into_iter().flat_map(|d| &d.labels);
    let files: BTreeSet<_> = labels.map(|label| label.span.file).collect();
    let texts = files.into_iter().map(|id| sources.file(id)).map(|f| (f.path.to_string(), f.text.to_string()));
    let mut cache = ariadne::sources(texts.collect::<Vec<_>>());
    diagnostics.into_iter().map(move |diagnostic| drawn(sources, diagnostic, color, &mut cache))
}

fn drawn(sources: &SourceMap, diagnostic: &Diagnostic, color: bool, cache: &mut impl ariadne::Cache<String>) -> String {
    let config = Config::default().with_color(color).with_index_type(IndexType::Byte).with_char_set(CharSet::Unicode);
    let (kind, tint) = match diagnostic.severity {
        Severity::Error => (ReportKind::Error, Color::Red),
        Severity::Warning => (ReportKind::Warning, Color::Yellow),
        Severity::Note => (ReportKind::Advice, Color::Blue),
    };
    let mut report = Report::build(kind, place(sources, diagnostic.span()))
        .with_config(config)
        .with_code(diagnostic.code)
        .with_message(&diagnostic.message);
    // Ariadne shows the lines of a file in the order of the labels; one that went back would seem to be another place.
    let home = diagnostic.span().file;
    let place_of = |span: Span| (span.file != home, span.file, span.start);
    for (n, label) in diagnostic.labels.iter().enumerate() {
        if label.text.is_empty() && diagnostic.labels.len() > 1 {
            continue;
        }
        let order = diagnostic.labels.iter().filter(|l| place_of(l.span) < place_of(label.span)).count();
        let color = if n == 0 { tint } else { Color::Blue };
        let mut drawn = Label::new(place(sources, label.span)).with_color(color).with_order(order as i32);
        if !label.text.is_empty() {
            drawn = drawn.with_message(&label.text);
        }
        report = report.with_label(drawn);
    }
    if let Some(help) = &diagnostic.help {
        report = report.with_help(help);
    }
    for fix in &diagnostic.fixes {
        report = report.with_note(format!("repair: {}", fix.title));
    }
    let mut out = Vec::new();
    let written = report.finish().write(cache, &mut out);
    match written {
        Ok(()) => String::from_utf8_lossy(&out).into_owned(),
        Err(_) => format!("{}: {} [{}]\n", sources.place(diagnostic.span()), diagnostic.message, diagnostic.code),
    }
}

fn place(sources: &SourceMap, span: Span) -> (String, std::ops::Range<usize>) {
    (sources.file(span.file).path.to_string(), span.range())
}

/// A diagnostic as JSON: code, severity, message, labels with byte offsets and lines, help, repairs as edits.
pub fn json(sources: &SourceMap, diagnostic: &Diagnostic) -> Json {
    let at = |span: Span| {
        let file = sources.file(span.file);
        let (line, column) = file.line_column(span.start);
        let (end_line, end_column) = file.line_column(span.end);
        json!({
            "file": &*file.path, "start": span.start, "end": span.end,
            "line": line, "column": column, "end_line": end_line, "end_column": end_column,
        })
    };
    let with = |place: Json, key: &str, text: &str| {
        let mut place = place;
        if let Some(object) = place.as_object_mut() {
            object.insert(key.to_string(), json!(text));
        }
        place
    };
    let labels: Vec<Json> = diagnostic.labels.iter().map(|l| with(at(l.span), "text", &l.text)).collect();
    let fixes: Vec<Json> = diagnostic
        .fixes
        .iter()
        .map(|fix| {
            let edits: Vec<Json> = fix.edits.iter().map(|e| with(at(e.span), "replacement", &e.replacement)).collect();
            json!({ "title": fix.title, "safe": fix.safe, "edits": edits })
        })
        .collect();
    json!({
        "code": diagnostic.code.0,
        "severity": diagnostic.severity.name(),
        "message": diagnostic.message,
        "labels": labels,
        "help": diagnostic.help,
        "fixes": fixes,
    })
}

/// All diagnostics as one SARIF 2.1.0 log. **Source**: OASIS SARIF 2.1.0.
pub fn sarif(sources: &SourceMap, diagnostics: &[Diagnostic]) -> Json {
    let region = |span: Span| {
        let file = sources.file(span.file);
        let (line, column) = file.line_column(span.start);
        let (end_line, end_column) = file.line_column(span.end);
        json!({ "startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column })
    };
    let location = |span: Span, text: &str| {
        json!({
            "physicalLocation": {
                "artifactLocation": { "uri": &*sources.file(span.file).path },
                "region": region(span),
            },
            "message": { "text": text },
        })
    };
    let results: Vec<Json> = diagnostics
        .iter()
        .map(|d| {
            let mut text = d.message.clone();
            if let Some(help) = &d.help {
                text = format!("{text}. {help}");
            }
            let labels: Vec<Json> = d.labels.iter().skip(1).map(|l| location(l.span, &l.text)).collect();
            let first = d.labels.first().map_or("", |l| l.text.as_str());
            json!({
                "ruleId": d.code.0,
                "level": d.severity.name(),
                "message": { "text": text },
                "locations": [location(d.span(), first)],
                "relatedLocations": labels,
            })
        })
        .collect();
    let mut rules: Vec<&str> = diagnostics.iter().map(|d| d.code.0).collect();
    rules.sort_unstable();
    rules.dedup();
    let rules: Vec<Json> = rules.iter().map(|r| json!({ "id": r })).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "seg", "version": env!("CARGO_PKG_VERSION"), "rules": rules } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

/// A diagnostic as a workflow command of GitHub Actions.
pub fn github(sources: &SourceMap, diagnostic: &Diagnostic) -> String {
    let file = sources.file(diagnostic.span().file);
    let (line, column) = file.line_column(diagnostic.span().start);
    let (end_line, end_column) = file.line_column(diagnostic.span().end);
    let level = diagnostic.severity.name();
    let level = if level == "note" { "notice" } else { level };
    let mut text = diagnostic.message.clone();
    if let Some(help) = &diagnostic.help {
        text = format!("{text}\n{help}");
    }
    let data = |text: &str| text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let property = |text: &str| data(text).replace(':', "%3A").replace(',', "%2C");
    format!(
        "::{level} file={},line={line},col={column},endLine={end_line},endColumn={end_column},title={}::{}",
        property(&file.path),
        property(diagnostic.code.0),
        data(&text)
    )
}

/// A value as people read it: amounts with their thousands parted, instants by the playbook's clock. A missing one has its
/// reason, where that is not simply that the data lacks it.
pub fn show_value(program: &crate::ir::Program, ty: &Type, value: &Value) -> String {
    match (value.to_const(), ty) {
        (Const::Missing(Reason::NotGiven), _) => "missing".to_string(),
        (Const::Missing(reason), _) => format!("missing ({})", reason.text()),
        (Const::Money(minor), Type::Money(currency)) => currency.show(minor),
        (Const::Timestamp(instant), _) => match program.zone.civil(instant) {
            Some((date, time_us)) => {
                format!("{} {}", crate::ir::time::show_date(date), crate::ir::time::show_time(time_us))
            }
            None => crate::ir::time::show_instant(instant),
        },
        (known, ty) => seg_compiler::literal(&program.schema, ty, &known),
    }
}
