//! `seg inspect`: what a compiled playbook says of itself.

use seg::inspect::{Inspection, Site, Table};

use super::worst_case;
use crate::args::{Inspect, TextFormat};
use crate::output::{Output, Tint};
use crate::table::{Side, table, thousands};
use crate::{Failure, Status};

pub fn inspect(args: &Inspect, output: &mut Output) -> Result<Status, Failure> {
    let key = args.trust.verify_key.as_deref().map(seg::playbook::public_key).transpose()?;
    let found = seg::inspect::inspect(&args.file, key.as_ref())?;
    if args.format == TextFormat::Json {
        let document = serde_json::to_value(&found).map_err(|e| Failure::Told(e.to_string()))?;
        output.line(&format!("{document:#}"))?;
        return Ok(Status::Done);
    }
    head(&found, key.is_some(), output)?;
    for declared in &found.tables {
        fields(declared, output)?;
    }
    for declared in &found.enums {
        heading(&format!("enum {}", declared.name), output)?;
        output.line(&declared.members.join(", "))?;
    }
    sites("segment", &found.segments, output)?;
    sites("attribute", &found.attributes, output)?;
    sites("test", &found.tests, output)?;
    output.line("")?;
    let collections: Vec<&str> = collections(&found);
    for line in worst_case(&found.cost, &collections, found.operations) {
        output.line(&line)?;
    }
    Ok(Status::Done)
}

/// What it is, what it was built with, and whose it is.
fn head(found: &Inspection, is_verified: bool, output: &mut Output) -> Result<(), Failure> {
    let name = output.paint(&found.name, Tint::Bold);
    output.line(&format!("{name}: a compiled playbook, {} bytes", thousands(found.bytes as u64)))?;
    let functions: Vec<String> = found.functions.iter().map(|(name, version)| format!("{name} {version}")).collect();
    let signer = match (&found.signer, is_verified) {
        (None, _) => "nobody".to_string(),
        (Some(signer), true) => format!("{signer}, the key that was given"),
        (Some(signer), false) => format!("{signer}; --verify-key asks whether that is whom you trust"),
    };
    let versions = &found.versions;
    let rows = [
        ("digest", format!("sha256:{}", found.digest)),
        ("of sources", format!("sha256:{}", found.sources)),
        ("signed by", signer),
        ("format", found.format.to_string()),
        ("language", versions.language.to_string()),
        ("IR", versions.ir.to_string()),
        ("time zones", format!("{} ({})", versions.timezones, found.timezone)),
        ("Unicode", versions.unicode.clone()),
        ("hash", versions.hash.to_string()),
        ("functions", if functions.is_empty() { "none".to_string() } else { functions.join(", ") }),
    ];
    for (what, value) in rows {
        output.line(&format!("{what:<10}  {value}"))?;
    }
    Ok(())
}

fn heading(text: &str, output: &mut Output) -> Result<(), Failure> {
    output.line("")?;
    let text = output.paint(text, Tint::Bold);
    Ok(output.line(&text)?)
}

fn fields(declared: &Table, output: &mut Output) -> Result<(), Failure> {
    heading(&format!("{} {}", declared.kind, declared.name), output)?;
    for field in &declared.fields {
        let max = field.max.map_or(String::new(), |max| format!(" max {}", thousands(max)));
        let width = declared.fields.iter().map(|f| f.name.chars().count()).max().unwrap_or(0);
        output.line(&format!("{:<width$}  {}{max}", field.name, field.ty))?;
    }
    Ok(())
}

fn sites(what: &str, declared: &[Site], output: &mut Output) -> Result<(), Failure> {
    if declared.is_empty() {
        return Ok(());
    }
    output.line("")?;
    let rows: Vec<Vec<String>> =
        declared.iter().map(|site| vec![site.name.clone(), site.place.clone(), site.clause.clone()]).collect();
    for line in table(&[(what, Side::Left), ("at", Side::Left), ("as written", Side::Left)], &rows) {
        output.line(&line)?;
    }
    Ok(())
}

/// The names of the profile's collections, in their order.
fn collections(found: &Inspection) -> Vec<&str> {
    let profile = found.tables.iter().filter(|t| t.kind == "profile");
    profile.flat_map(|t| &t.fields).filter(|f| f.ty.starts_with("many ")).map(|f| f.name.as_str()).collect()
}
