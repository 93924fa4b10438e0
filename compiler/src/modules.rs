//! Files to modules: each file is parsed once, `use` lines are followed, circles are refused.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Component, Path};

use seg_grammar::ast::{Ast, Item, ItemKind};
use seg_grammar::{Diagnostic, FileId, SourceMap, codes};

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
    /// The playbook's name of last resort.
    pub name: String,
}

pub struct Module {
    pub name: String,
    pub file: FileId,
    pub ast: Ast,
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

    pub fn item(&self, at: crate::hir::ItemRef) -> (&Module, &Item) {
        let module = &self.list[at.module as usize];
        (module, &module.ast.items[at.item as usize])
    }
}

/// Parses all files and the library modules that they use.
pub fn load(sources: &Sources, diagnostics: &mut Vec<Diagnostic>) -> Modules {
    let mut modules = Modules { map: SourceMap::default(), list: Vec::new(), name: sources.name.clone() };
    for (path, text) in &sources.files {
        let name = path.trim_end_matches(".seg").replace(['/', '\\'], ".");
        add(&mut modules, name, path, text, true, diagnostics);
    }
    let mut next = 0;
    while next < modules.list.len() {
        follow_uses(&mut modules, next, diagnostics);
        next += 1;
    }
    refuse_circles(&modules, diagnostics);
    modules
}

fn add(modules: &mut Modules, name: String, path: &str, text: &str, own: bool, diagnostics: &mut Vec<Diagnostic>) {
    let file = modules.map.add(path, text);
    let (ast, found) = seg_grammar::parse(file, text);
    diagnostics.extend(found);
    modules.list.push(Module { name, file, ast, own });
}

fn uses(ast: &Ast) -> impl Iterator<Item = &seg_grammar::ast::Path> {
    ast.items.iter().filter_map(|item| match &item.kind {
        ItemKind::Use(path) => Some(path),
        _ => None,
    })
}

fn follow_uses(modules: &mut Modules, index: usize, diagnostics: &mut Vec<Diagnostic>) {
    let Some(module) = modules.list.get(index) else { return };
    let wanted: Vec<_> = uses(&module.ast).cloned().collect();
    for path in wanted {
        let name = path.text();
        if modules.list.iter().any(|m| m.name == name) {
            continue;
        }
        if let Some((name, source)) = seg_stdlib::MODULES.iter().find(|(known, _)| *known == name) {
            let file = format!("<{name}>");
            add(modules, (*name).to_string(), &file, source, false, diagnostics);
            continue;
        }
        let known: Vec<&str> =
            seg_stdlib::MODULES.iter().map(|(n, _)| *n).chain(modules.list.iter().map(|m| m.name.as_str())).collect();
        let diagnostic = Diagnostic::error(
            codes::UNKNOWN_MODULE,
            path.span,
            format!("there is no module `{name}`"),
            "not a file of this playbook, nor of the standard library",
        );
        diagnostics.push(match nearest(&name, known.iter().copied()) {
            Some(near) => diagnostic.suggest(format!("use `{near}`"), path.span, near),
            None => diagnostic.help(
                "name a `.seg` file of the playbook without its ending, such as `shared.disclaimers`, or a part of the standard library such as `std.lifecycle`",
            ),
        });
    }
}

/// Depth-first over `use` lines; a way back to a module on the path is a circle.
fn refuse_circles(modules: &Modules, diagnostics: &mut Vec<Diagnostic>) {
    let index: HashMap<&str, usize> = modules.list.iter().enumerate().map(|(i, m)| (m.name.as_str(), i)).collect();
    let mut done = vec![false; modules.list.len()];
    for start in 0..modules.list.len() {
        // An explicit stack: the chain of files may be long.
        let mut path = vec![(start, 0)];
        while let Some((at, next)) = path.pop() {
            let Some(module) = modules.list.get(at) else { continue };
            let Some(used) = uses(&module.ast).nth(next) else {
                done[at] = true;
                continue;
            };
            path.push((at, next + 1));
            let Some(&target) = index.get(used.text().as_str()) else { continue };
            if path.iter().any(|(on_path, _)| *on_path == target) {
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
