//! Runs every example of the documentation: README.md, CHANGELOG.md, the examples' own pages, docs/*.md and docs/reference.
//! (The pages of errors and lints have a test of their own.) A page is a folder that its code blocks build up:
//!
//! - ```` ```seg ```` is a whole playbook by itself, which must check without errors; with `file=NAME` it is a file of the
//!   page's folder, with `append=NAME` it is added to one. ```` ```seg fragment ```` is not run.
//! - ```` ```toml file=NAME ````, ```` ```csv file=NAME ````, ```` ```json file=NAME ```` are files as well.
//! - ```` ```console ```` holds commands behind `$ ` (`seg`, and `cargo run --release --` for it) with what they print, stdout
//!   and stderr, to the letter; a line of `...` stands for any lines, and times in seconds may differ. `# cd FOLDER` in the info string
//!   runs them in a folder of the repository.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at what it does not expect")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

#[test]
fn every_example_of_the_documentation_runs() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap();
    let mut failures = Vec::new();
    let (mut blocks, mut commands) = (0, 0);
    for page in pages(&root) {
        let folder = tempfile::tempdir().unwrap();
        let mut runner = Page { root: &root, page: page.clone(), folder: folder.path(), failures: Vec::new() };
        for block in blocks_of(&fs::read_to_string(&page).unwrap()) {
            let (checked, run) = runner.block(&block);
            blocks += checked;
            commands += run;
        }
        failures.extend(runner.failures);
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n\n"));
    assert!(blocks > 0 && commands > 0, "the documentation has no examples");
}

fn pages(root: &Path) -> Vec<PathBuf> {
    let mut pages = vec![root.join("README.md"), root.join("CHANGELOG.md")];
    for folder in ["docs", "docs/reference", "examples", "examples/complete-journey", "examples/hillstrom"] {
        let Ok(entries) = fs::read_dir(root.join(folder)) else { continue };
        pages.extend(entries.map(|e| e.unwrap().path()).filter(|p| p.extension().is_some_and(|e| e == "md")));
    }
    pages.retain(|p| p.is_file());
    pages.sort();
    pages
}

/// A fenced block: its language, its attributes, its text, and the line on which it starts.
struct Block {
    language: String,
    attributes: Vec<String>,
    text: String,
    line: usize,
}

impl Block {
    fn attribute(&self, key: &str) -> Option<&str> {
        self.attributes.iter().find_map(|a| a.strip_prefix(key)?.strip_prefix('='))
    }
}

fn blocks_of(page: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for (n, line) in page.lines().enumerate() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(info)) => {
                let mut words = info.split_whitespace().map(String::from);
                let language = words.next().unwrap_or_default();
                open = Some(Block { language, attributes: words.collect(), text: String::new(), line: n + 1 });
            }
            (Some(_), Some("")) => blocks.extend(open.take()),
            (Some(block), _) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, None) => {}
        }
    }
    blocks
}

struct Page<'a> {
    root: &'a Path,
    page: PathBuf,
    folder: &'a Path,
    failures: Vec<String>,
}

impl Page<'_> {
    /// Takes one block; gives how many were checked and how many commands were run.
    fn block(&mut self, block: &Block) -> (usize, usize) {
        if let Some(name) = block.attribute("file") {
            let path = self.folder.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, &block.text).unwrap();
            return (1, 0);
        }
        if let Some(name) = block.attribute("append") {
            let path = self.folder.join(name);
            let before = fs::read_to_string(&path).unwrap_or_default();
            fs::write(path, format!("{before}\n{}", block.text)).unwrap();
            return (1, 0);
        }
        match block.language.as_str() {
            "seg" if block.attributes.iter().any(|a| a == "fragment") => (0, 0),
            "seg" => {
                let path = self.folder.join(format!("block_{}.seg", block.line));
                fs::write(&path, &block.text).unwrap();
                let output =
                    Command::new(env!("CARGO_BIN_EXE_seg")).args(["test", "--quiet"]).arg(&path).output().unwrap();
                fs::remove_file(&path).unwrap();
                if !output.status.success() {
                    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
                    self.fail(block.line, &format!("does not hold:\n{out}{err}"));
                }
                (1, 0)
            }
            "console" => (0, self.console(block)),
            _ => (0, 0),
        }
    }

    fn console(&mut self, block: &Block) -> usize {
        let at = block.text.lines().enumerate();
        let starts: Vec<usize> = at.filter(|(_, l)| l.starts_with("$ ")).map(|(n, _)| n).collect();
        let lines: Vec<&str> = block.text.lines().collect();
        for (i, start) in starts.iter().enumerate() {
            let end = starts.get(i + 1).copied().unwrap_or(lines.len());
            let wanted = &lines[start + 1..end];
            self.command(block, lines[*start].trim_start_matches("$ "), wanted, block.line + start + 1);
        }
        starts.len()
    }

    fn command(&mut self, block: &Block, command: &str, wanted: &[&str], line: usize) {
        let rest = ["seg", "cargo run --release --quiet --", "cargo run --release --"];
        let Some(arguments) = rest.iter().find_map(|lead| command.strip_prefix(lead)) else {
            return self.fail(line, &format!("only `seg` can be run here, not `{command}`"));
        };
        let folder = match block.attribute("cd") {
            Some(folder) => self.root.join(folder),
            None => self.folder.to_path_buf(),
        };
        let script = format!("exec 2>&1; \"$SEG\" {arguments}");
        let output = Command::new("sh")
            .args(["-c", &script])
            .env("SEG", env!("CARGO_BIN_EXE_seg"))
            .env("COLUMNS", "100")
            .current_dir(folder)
            .output()
            .unwrap();
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        let found: Vec<String> = printed.lines().map(normal).collect();
        let wanted: Vec<String> = wanted.iter().map(|l| normal(l)).collect();
        let wanted = match wanted.iter().rposition(|l| !l.is_empty()) {
            Some(last) => &wanted[..=last],
            None => &[],
        };
        if !wanted.is_empty() && !matches(wanted, &found) {
            self.fail(line, &format!("`{command}` prints otherwise:\n{printed}"));
        }
    }

    fn fail(&mut self, line: usize, what: &str) {
        let page = self.page.strip_prefix(self.root).unwrap_or(&self.page);
        self.failures.push(format!("{}:{line}: {what}", page.display()));
    }
}

/// A printed line without trailing space and with its times blanked.
fn normal(line: &str) -> String {
    let mut out = String::new();
    for word in line.trim_end().split(' ') {
        let bare = word.trim_matches(['(', ')', ',']);
        let digits = bare.chars().any(|c| c.is_ascii_digit());
        let is_time = digits && bare.contains('.') && bare.chars().all(|c| c.is_ascii_digit() || c == '.');
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(if is_time { "0.0" } else { word });
    }
    out
}

/// Whether lines are as wanted, where `...` stands for any number of them.
fn matches(wanted: &[String], found: &[String]) -> bool {
    match wanted.split_first() {
        None => found.iter().all(|l| l.is_empty()),
        Some((dots, rest)) if dots.trim() == "..." => (0..=found.len()).any(|n| matches(rest, &found[n..])),
        Some((line, rest)) => found.split_first().is_some_and(|(first, more)| first == line && matches(rest, more)),
    }
}
