//! Files to modules: each file is parsed once, `use` lines are followed, circles are refused.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Component, Path};
use std::sync::Arc;

use seg_grammar::ast::{Ast, Item, ItemKind};
use seg_grammar::source::SourceFile;
use seg_grammar::{Diagnostic, FileId, SourceMap, Span, codes};

use crate::limits::{PLAYBOOK_BYTES_MAX, SUGGESTED_MODULES_MAX};
use crate::suggest::nearest;

/// The text of a playbook's files, by path relative to its folder, as the caller found them.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// `.seg` files.
    pub files: BTreeMap<String, String>,
    /// The CSV files that enums and tables name.
    pub csv: BTreeMap<String, String>,
    /// Those that are there but are no part of the playbook, and why.
    pub refused: BTreeMap<String, String>,
    /// CSV files that are beside the playbook and were not read, for who mistypes a name.
    pub unread: BTreeSet<String>,
    /// The playbook's name, where no `playbook` declaration gives one.
    pub name: String,
}

impl Sources {
    /// Whether a path as it is written leads out of the playbook's folder.
    pub fn leads_out(path: &str) -> bool {
        !Path::new(path).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
    }
}

/// All modules of a compilation: the playbook's own files, and what they use of the standard library.
pub struct Modules {
    pub map: SourceMap,
    pub list: Vec<Module>,
    /// By name: where in `list` the first module of that name stands.
    index: HashMap<String, usize>,
    /// The playbook's name of last resort.
    pub name: String,
}

pub struct Module {
    pub name: String,
    pub file: FileId,
    pub ast: Arc<Ast>,
    /// Whether it belongs to the playbook rather than to a library.
    pub own: bool,
}

impl Modules {
    /// Every item with where it stands.
    pub fn items(&self) -> impl Iterator<Item = (crate::hir::ItemRef, &Module, &Item)> {
        self.list.iter().enumerate().flat_map(|(m, module)| {
            module
                .ast
                .items
                .iter()
                .enumerate()
                .map(move |(i, item)| (crate::hir::ItemRef { module: m as u32, item: i as u32 }, module, item))
        })
    }

    fn push(&mut self, module: Module) {
        self.index.entry(module.name.clone()).or_insert(self.list.len());
        self.list.push(module);
    }

    /// The module that a file is; each file is one, in the order of the map.
    pub fn of_file(&self, file: FileId) -> Option<&Module> {
        self.list.get(file.0 as usize)
    }

    pub fn item(&self, at: crate::hir::ItemRef) -> (&Module, &Item) {
        let module = &self.list[at.module as usize];
        (module, &module.ast.items[at.item as usize])
    }
}

/// Files as they were parsed last, so that only what has changed is parsed again. A file keeps its tree as long as its
/// text and its place among the files are the same: a tree depends on nothing else.
#[derive(Default)]
pub struct Parsed {
    files: HashMap<String, ParsedFile>,
    /// How many files the last compilation had to parse.
    pub parsed: usize,
}

struct ParsedFile {
    id: FileId,
    source: SourceFile,
    ast: Arc<Ast>,
    found: Vec<Diagnostic>,
}

/// Parses all files and the library modules that they use.
pub fn load(sources: &Sources, parsed: &mut Parsed, diagnostics: &mut Vec<Diagnostic>) -> Modules {
    let map = SourceMap::default();
    let mut modules = Modules { map, list: Vec::new(), index: HashMap::new(), name: sources.name.clone() };
    parsed.parsed = 0;
    let mut loader = Loader { before: std::mem::take(&mut parsed.files), parsed, diagnostics };
    let mut bytes = 0_usize;
    for (path, text) in &sources.files {
        let name = path.trim_end_matches(".seg").replace(['/', '\\'], ".");
        bytes = bytes.saturating_add(text.len());
        if bytes > PLAYBOOK_BYTES_MAX {
            let file = modules.map.add(path, "");
            loader.diagnostics.push(too_large(file));
            let ast = Arc::new(Ast::default());
            modules.push(Module { name, file, ast, own: true });
            continue;
        }
        loader.add(&mut modules, name, path, text, true);
    }
    let mut next = 0;
    while next < modules.list.len() {
        loader.follow_uses(&mut modules, next);
        next += 1;
    }
    refuse_circles(&modules, diagnostics);
    modules
}

fn too_large(file: FileId) -> Diagnostic {
    Diagnostic::error(
        codes::FILE_TOO_LARGE,
        Span::new(file, 0, 0),
        format!("the `.seg` files of this playbook have more than {} MiB together", PLAYBOOK_BYTES_MAX >> 20),
        "this file was not read",
    )
    .help("keep long lists of values in CSV files, and what is generated in playbooks of their own")
}

fn uses(ast: &Ast) -> impl Iterator<Item = &seg_grammar::ast::Path> {
    ast.items.iter().filter_map(|item| match &item.kind {
        ItemKind::Use(path) => Some(path),
        _ => None,
    })
}

struct Loader<'a> {
    before: HashMap<String, ParsedFile>,
    parsed: &'a mut Parsed,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl Loader<'_> {
    fn add(&mut self, modules: &mut Modules, name: String, path: &str, text: &str, own: bool) {
        let id = FileId(modules.list.len() as u32);
        let same = self.before.remove(path).filter(|file| file.id == id && *file.source.text == *text);
        let file = same.unwrap_or_else(|| {
            self.parsed.parsed += 1;
            let (ast, found) = seg_grammar::parse(id, text);
            ParsedFile { id, source: SourceFile::new(path, text), ast: Arc::new(ast), found }
        });
        modules.map.push(file.source.clone());
        self.diagnostics.extend(file.found.iter().cloned());
        modules.push(Module { name, file: id, ast: file.ast.clone(), own });
        self.parsed.files.insert(path.to_string(), file);
    }

    fn follow_uses(&mut self, modules: &mut Modules, index: usize) {
        let Some(module) = modules.list.get(index) else { return };
        let wanted: Vec<_> = uses(&module.ast).cloned().collect();
        for path in wanted {
            let name = path.text();
            if modules.index.contains_key(&name) {
                continue;
            }
            if let Some((name, source)) = seg_stdlib::MODULES.iter().find(|(known, _)| *known == name) {
                let file = format!("<{name}>");
                self.add(modules, (*name).to_string(), &file, source, false);
                continue;
            }
            self.diagnostics.push(unknown_module(modules, &path));
        }
    }
}

fn unknown_module(modules: &Modules, path: &seg_grammar::ast::Path) -> Diagnostic {
    let name = path.text();
    let diagnostic = Diagnostic::error(
        codes::UNKNOWN_MODULE,
        path.span,
        format!("there is no module `{name}`"),
        "not a file of this playbook, nor of the standard library",
    );
    // Not all of very many: each unknown name is compared with each of these.
    let own = modules.list.iter().map(|m| m.name.as_str()).take(SUGGESTED_MODULES_MAX);
    match nearest(&name, seg_stdlib::MODULES.iter().map(|(n, _)| *n).chain(own)) {
        Some(near) => diagnostic.suggest(format!("use `{near}`"), path.span, near),
        None => diagnostic.help(
            "name a `.seg` file of the playbook without its ending, such as `shared.disclaimers`, or a part of the standard library such as `std.lifecycle`",
        ),
    }
}

/// Depth-first over `use` lines; a way back to a module on the path is a circle.
fn refuse_circles(modules: &Modules, diagnostics: &mut Vec<Diagnostic>) {
    let uses: Vec<Vec<_>> = modules.list.iter().map(|module| uses(&module.ast).collect()).collect();
    let mut done = vec![false; modules.list.len()];
    let mut on_path = vec![false; modules.list.len()];
    for start in 0..modules.list.len() {
        // An explicit stack: the chain of files may be long.
        let mut path = vec![(start, 0)];
        while let Some((at, next)) = path.pop() {
            let (Some(module), Some(used)) = (modules.list.get(at), uses.get(at)) else { continue };
            let Some(used) = used.get(next) else {
                (done[at], on_path[at]) = (true, false);
                continue;
            };
            path.push((at, next + 1));
            on_path[at] = true;
            let Some(&target) = modules.index.get(&used.text()) else { continue };
            if on_path[target] {
                let (message, help) = if target == at {
                    (format!("`{}` uses itself", module.name), "remove this line")
                } else {
                    (
                        format!("`{}` and `{}` use each other in a circle", module.name, used.text()),
                        "move what both need into a file of its own, and use that from both",
                    )
                };
                let diagnostic = Diagnostic::error(codes::CIRCULAR_USE, used.span, message, "this closes the circle");
                diagnostics.push(diagnostic.help(help));
                continue;
            }
            if !done[target] {
                path.push((target, 0));
            }
        }
    }
}
