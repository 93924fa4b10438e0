//! Source text and compiled playbooks: the parser, the formatter, the checker, the loader.

use std::path::Path;

use seg_compiler::{Config, Sources, compile};
use seg_grammar::format::{format, laws};
use seg_grammar::lex::lex;
use seg_grammar::{Diagnostic, FileId, Severity, SourceMap, parse};
use seg_ir::playbook::{FORMAT, MAGIC, Playbook, Settings, reseal};

use super::mutate::{self, SOURCE_WORDS};
use super::{Bound, Target, Verdict};
use crate::random::Random;
use crate::{fixture, golden, mutate as bytes};

pub const PARSER: Target = Target {
    name: "parser",
    check: parser,
    seeds: texts,
    change: |seeds, random| mutate::text(seeds, SOURCE_WORDS, random),
    verdicts: &["parsed", "refused"],
    memory: Bound { fixed: 256 << 10, per_byte: 400 },
    // Four bytes may be a declaration that is refused, with a message that takes a hundred steps.
    steps: Bound { fixed: 500, per_byte: 40 },
};

pub const FORMATTER: Target = Target {
    name: "formatter",
    check: formatter,
    seeds: texts,
    change: |seeds, random| mutate::text(seeds, SOURCE_WORDS, random),
    verdicts: &["formatted", "not touched"],
    memory: Bound { fixed: 256 << 10, per_byte: 800 },
    steps: Bound { fixed: 500, per_byte: 80 },
};

pub const CHECKER: Target = Target {
    name: "checker",
    check: checker,
    seeds: playbooks,
    change: |seeds, random| mutate::text(seeds, SOURCE_WORDS, random),
    verdicts: &["compiled", "refused"],
    memory: Bound { fixed: 2 << 20, per_byte: 4_000 },
    steps: Bound { fixed: 20_000, per_byte: 200 },
};

pub const ARTEFACT: Target = Target {
    name: "artefact",
    check: artefact,
    seeds: artefacts,
    change: mutate::binary,
    verdicts: &["loaded", "container and decoding", "verifier"],
    memory: Bound { fixed: 2 << 20, per_byte: 4_000 },
    steps: Bound { fixed: 20_000, per_byte: 200 },
};

/// What stands between a source and the CSV file `t.csv` beside it, in an input of the checker.
const BESIDE: &str = "\n# beside it: t.csv\n";

/// Any text becomes a tree of declarations in their order, and messages that point into the text.
fn parser(bytes: &[u8]) -> Verdict {
    let text = String::from_utf8_lossy(bytes);
    let (ast, diagnostics) = parse(FileId(0), &text);
    diagnostics.iter().try_for_each(|d| points_into(d, &[&text]))?;
    let tokens = lex(&text).len();
    if tokens > text.len() || ast.items.len() > tokens || diagnostics.len() > 2 * text.len() + 2 {
        return Err(format!("{tokens} tokens, {} items, {} messages", ast.items.len(), diagnostics.len()));
    }
    let mut end = 0;
    for item in &ast.items {
        let range = item.span.range();
        if range.start < end || range.end < range.start || text.get(range.clone()).is_none() {
            return Err(format!("a declaration at {range:?}, behind {end}"));
        }
        end = range.end;
    }
    Ok(if is_sound(&diagnostics) { "parsed" } else { "refused" })
}

/// What parses is formatted, means the same, and is formatted again as itself.
fn formatter(bytes: &[u8]) -> Verdict {
    let text = String::from_utf8_lossy(bytes);
    laws::keeps_meaning(&text)?;
    Ok(if format(&text).is_some() { "formatted" } else { "not touched" })
}

/// Any text is refused with messages that point into it, or is a program that can be stored, loaded and run.
fn checker(bytes: &[u8]) -> Verdict {
    let text = String::from_utf8_lossy(bytes);
    let (source, csv) = text.split_once(BESIDE).unwrap_or((&text, ""));
    let mut sources = Sources { name: "fuzz".to_string(), ..Sources::default() };
    sources.files.insert("fuzz.seg".to_string(), source.to_string());
    sources.csv.insert("t.csv".to_string(), csv.to_string());
    let compiled = compile(&sources, &Config::default());
    for diagnostic in &compiled.diagnostics {
        points_into(diagnostic, &[])?;
        in_map(diagnostic, &compiled.sources)?;
    }
    let Some(program) = compiled.program else {
        return if compiled.diagnostics.iter().any(|d| d.severity == Severity::Error) {
            Ok("refused")
        } else {
            Err("there is no program, and no error says why".to_string())
        };
    };
    let playbook = Playbook::new(program, Settings::default(), [7; 32]);
    let stored = playbook.encode().map_err(|e| format!("what compiles is not stored: {e}"))?;
    let loaded = Playbook::decode(&stored, seg_stdlib::VOCABULARY).map_err(|e| format!("what is stored: {e}"))?;
    bytes::decides(&loaded.program, &mut Random::new(bytes.len() as u64));
    Ok("compiled")
}

/// Any bytes, in a container that fits them, are refused, or are a program that runs, explains itself and can be stored
/// again.
fn artefact(bytes: &[u8]) -> Verdict {
    let playbook = match Playbook::decode(&contained(bytes), seg_stdlib::VOCABULARY) {
        Err(error) => return Ok(bytes::check_of(&error)),
        Ok(playbook) => playbook,
    };
    golden::decisions(&playbook.program);
    bytes::decides(&playbook.program, &mut Random::new(bytes.len() as u64));
    playbook.encode().map_err(|e| format!("what was loaded cannot be stored: {e}"))?;
    Ok("loaded")
}

/// The bytes with their header repaired, so that they reach what reads the contents.
fn contained(bytes: &[u8]) -> Vec<u8> {
    let contents = bytes.get(56..).unwrap_or_default();
    let mut all = MAGIC.to_vec();
    all.extend(u64::from(FORMAT).to_le_bytes());
    all.extend((contents.len() as u64).to_le_bytes());
    all.extend([0; 32]);
    all.extend(contents);
    reseal(&mut all);
    all
}

fn is_sound(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().all(|d| d.severity != Severity::Error)
}

/// The places of a message and of its repairs are whole characters of their files. **Errors**: one that is not.
fn points_into(diagnostic: &Diagnostic, files: &[&str]) -> Result<(), String> {
    let edits = diagnostic.fixes.iter().flat_map(|fix| &fix.edits).map(|edit| edit.span);
    for span in diagnostic.labels.iter().map(|label| label.span).chain(edits) {
        let file = files.get(span.file.0 as usize);
        if diagnostic.message.is_empty() || file.is_some_and(|text| text.get(span.range()).is_none()) {
            return Err(format!("`{}` points to {:?}", diagnostic.message, span.range()));
        }
    }
    Ok(())
}

/// The same, of a message about any file of a playbook.
fn in_map(diagnostic: &Diagnostic, map: &SourceMap) -> Result<(), String> {
    for label in &diagnostic.labels {
        let range = label.span.range();
        let has = map.text(label.span).len();
        if range.end < range.start || has != range.end - range.start {
            return Err(format!("`{}` points to {range:?}, where {has} bytes are", diagnostic.message));
        }
    }
    Ok(())
}

/// The texts of files that end like one of these, in a folder.
fn in_folder(folder: &Path, endings: &[&str]) -> Result<Vec<Vec<u8>>, String> {
    let told = |e: std::io::Error| format!("{}: {e}", folder.display());
    let entries = std::fs::read_dir(folder).map_err(told)?;
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let ends = |path: &std::path::PathBuf| path.extension().is_some_and(|e| endings.iter().any(|known| e == *known));
    paths.iter().filter(|path| ends(path)).map(|path| std::fs::read(path).map_err(told)).collect()
}

fn playbooks(root: &Path) -> Result<Vec<Vec<u8>>, String> {
    let mut all: Vec<Vec<u8>> =
        fixture::all(&root.join("tests/cases/eval"))?.into_iter().map(|f| f.text.into_bytes()).collect();
    all.extend(in_folder(&root.join("tests/cases/errors"), &["seg"])?);
    all.extend(in_folder(&root.join("compiler/tests/lints"), &["seg"])?.into_iter().filter(|t| t.len() < 4_000));
    Ok(all)
}

fn texts(root: &Path) -> Result<Vec<Vec<u8>>, String> {
    let mut all = in_folder(&root.join("grammar/tests/fixtures"), &["seg", "formatted"])?;
    all.extend(in_folder(&root.join("grammar/tests/mistakes"), &["txt"])?.into_iter().filter(|t| t.len() < 8_000));
    all.extend(playbooks(root)?);
    Ok(all)
}

fn artefacts(root: &Path) -> Result<Vec<Vec<u8>>, String> {
    Ok(bytes::bases(root)?.into_iter().map(|base| base.bytes).filter(|b| b.len() < 16_000).collect())
}
