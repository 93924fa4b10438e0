//! All faults there are: those whose ids stand in the sources, in `fault::is("area.name")` or, in a file `faults.rs`, as
//! names of the area that the file asks for with `fault::of("area")`. An id says what its fault does.

use std::collections::BTreeMap;
use std::path::Path;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// `lower.less-takes-equal`
    pub id: String,
    /// `compiler/src/lower/faults.rs:57`
    pub place: String,
}

/// Folders of the product's crates.
const CRATES: &[&str] = &["ir", "stdlib", "compiler", "evaluator", "runtime", "seg"];

/// All faults, in the order of their ids. **Errors**: one that is there twice.
pub fn all(root: &Path) -> Result<Vec<Fault>, String> {
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    for folder in CRATES {
        visit(&root.join(folder).join("src"), &mut |path, text| {
            let path = path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/");
            for (id, line) in of_file(&path, text) {
                let place = format!("{path}:{line}");
                match found.get(&id) {
                    // One fault may stand in two arms of one match.
                    Some(other) if !same_file(other, &path) => return Err(format!("`{id}` is in {other} and {place}")),
                    Some(_) => {}
                    None => drop(found.insert(id, place)),
                }
            }
            Ok(())
        })?;
    }
    Ok(found.into_iter().map(|(id, place)| Fault { id, place }).collect())
}

fn same_file(place: &str, path: &str) -> bool {
    place.rsplit_once(':').is_some_and(|(of, _)| of == path)
}

fn visit(folder: &Path, each: &mut impl FnMut(&Path, &str) -> Result<(), String>) -> Result<(), String> {
    let told = |e: std::io::Error| format!("{}: {e}", folder.display());
    for entry in std::fs::read_dir(folder).map_err(told)?.flatten() {
        let path = entry.path();
        if path.is_dir() {
            visit(&path, each)?;
        } else if path.extension().is_some_and(|e| e == "rs") {
            each(&path, &std::fs::read_to_string(&path).map_err(told)?)?;
        }
    }
    Ok(())
}

/// The ids of a file, with their lines.
fn of_file(path: &str, text: &str) -> Vec<(String, usize)> {
    let line = |at: usize| text.get(..at).map_or(0, |t| t.matches('\n').count()) + 1;
    if path.ends_with("/faults.rs") {
        let Some((area, _)) = after(text, "fault::of(").next() else { return Vec::new() };
        let names = literals(text).filter(|(name, _)| is_name(name));
        return names.map(|(name, at)| (format!("{area}.{name}"), line(at))).collect();
    }
    let ids = after(text, "fault::is(").filter(|(id, _)| id.split_once('.').is_some_and(|(_, name)| is_name(name)));
    ids.map(|(id, at)| (id.to_string(), line(at))).collect()
}

/// The literals that follow a call, wherever the line was broken.
fn after<'t>(text: &'t str, call: &'t str) -> impl Iterator<Item = (&'t str, usize)> {
    text.match_indices(call).filter_map(move |(at, _)| {
        let start = at + call.len();
        let literal = text.get(start..)?.trim_start().strip_prefix('"')?;
        Some((literal.split('"').next()?, at))
    })
}

fn literals(text: &str) -> impl Iterator<Item = (&str, usize)> {
    let mut at = 0;
    text.split('"').enumerate().filter_map(move |(n, part)| {
        let start = at;
        at += part.len() + 1;
        (n % 2 == 1).then_some((part, start))
    })
}

/// Words in small letters with hyphens between them.
fn is_name(text: &str) -> bool {
    text.contains('-') && text.split('-').all(|w| !w.is_empty() && w.bytes().all(|b| b.is_ascii_lowercase()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_found_where_they_stand() {
        let hooks = "if fault::is(\"sql.sign-is-lost\") {}\nif fault::is(\n  \"sql.null-is-zero\",\n) {}";
        let found = of_file("sql/src/a.rs", hooks);
        assert_eq!(found, [("sql.sign-is-lost".to_string(), 1), ("sql.null-is-zero".to_string(), 2)]);
        let table = "fault::of(\"lower\")\n(\"not-is-lost\", x)\n\"{v}x\" | \"window-is-lost\" =>";
        let found: Vec<String> = of_file("lower/faults.rs", table).into_iter().map(|f| f.0).collect();
        assert_eq!(found, ["lower.not-is-lost", "lower.window-is-lost"]);
    }

    #[test]
    fn there_are_at_least_two_hundred() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let all = all(root).unwrap();
        assert!(all.len() >= 200, "{} faults", all.len());
        for area in ["lower", "optimise", "operation", "interpret", "verify", "ingest"] {
            assert!(all.iter().any(|f| f.id.starts_with(area)), "{area} has none");
        }
    }

    #[test]
    fn a_fault_in_two_files_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        for name in CRATES {
            std::fs::create_dir_all(folder.path().join(name).join("src")).unwrap();
        }
        let hook = "fault::is(\"a.b-c\")";
        std::fs::write(folder.path().join("ir/src/x.rs"), hook).unwrap();
        assert_eq!(all(folder.path()).unwrap().len(), 1);
        std::fs::write(folder.path().join("ir/src/y.rs"), hook).unwrap();
        assert!(all(folder.path()).is_err());
    }
}
