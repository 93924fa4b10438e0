//! The page of unsafe code, `docs/unsafe.md`: each place of it with the invariant that is written beside it, made from the
//! sources. Reads tokens, so that it finds what stands in a macro too; judges no invariant.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};

/// Where unsafe code may be.
const HOME: &str = "evaluator";

const HEAD: &str = "# Unsafe code

Every place of unsafe code with the reason why it is sound, as it is written beside it. Made from the sources by
`cargo xtask unsafe`; a test fails when this page is not what the sources say, and when a place gives no reason. No other
crate than `evaluator` may hold unsafe code. A place within a macro stands here once, whatever the macro is used for.
";

/// One place of unsafe code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub file: String,
    /// The function that it is in, or is; the type whose `impl` it is.
    pub within: String,
    pub kind: Kind,
    /// Why it is sound; none where that is not written.
    pub invariant: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Block,
    /// What its callers must see to.
    Function,
    /// A function that a trait declares so: its callers must see to what the trait says.
    OfTrait,
    Impl,
    /// A trait, an attribute, a block of foreign functions.
    Other,
}

/// All unsafe code of the project, by file and place. **Errors**: a file that cannot be read as Rust.
pub fn places(root: &Path) -> Result<Vec<Place>, String> {
    let mut files = Vec::new();
    sources(&root.join(HOME), &mut files)?;
    files.sort();
    let mut found = Vec::new();
    for path in files {
        let text = std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        found.extend(of_file(&name, &text)?);
    }
    Ok(found)
}

/// The page. **Errors**: those of [`places`].
pub fn page(root: &Path) -> Result<String, String> {
    let places = places(root)?;
    let mut page = HEAD.to_string();
    let count = |kind: Kind| places.iter().filter(|place| place.kind == kind).count();
    let files = places.chunk_by(|a, b| a.file == b.file).count();
    let _ = write!(
        page,
        "\n{} blocks, {} functions ({} of them of a trait), {} implementations, {} other declarations, in {files} files.\n",
        count(Kind::Block),
        count(Kind::Function) + count(Kind::OfTrait),
        count(Kind::OfTrait),
        count(Kind::Impl),
        count(Kind::Other),
    );
    for of_file in places.chunk_by(|a, b| a.file == b.file) {
        let _ = write!(page, "\n## {}\n\n", of_file[0].file);
        for Place { within, kind, invariant, .. } in of_file {
            let what = match kind {
                Kind::Block => format!("block in `{within}`"),
                Kind::Function => format!("function `{within}`, which asks of its callers"),
                Kind::OfTrait => format!("function `{within}`, which asks of its callers what its trait does"),
                Kind::Impl | Kind::Other => format!("`{within}`"),
            };
            let _ = match (invariant, kind) {
                (Some(why), _) => writeln!(page, "- {what}: {why}"),
                (None, Kind::OfTrait) => writeln!(page, "- {what}."),
                (None, _) => writeln!(page, "- {what}: **no reason is written.**"),
            };
        }
    }
    Ok(page)
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), String> {
    let entries = std::fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() && !path.ends_with("target") {
            sources(&path, found)?;
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    Ok(())
}

/// The unsafe code of one file, in its order. **Errors**: text that is no Rust.
pub fn of_file(name: &str, text: &str) -> Result<Vec<Place>, String> {
    let tokens: TokenStream = text.parse().map_err(|e| format!("{name}: {e}"))?;
    let mut walk = Walk { file: name, lines: text.lines().collect(), found: Vec::new() };
    walk.stream(tokens, &Around::default());
    Ok(walk.found)
}

/// What is around some code.
#[derive(Default, Clone)]
struct Around {
    /// The type that functions belong to.
    owner: Option<String>,
    /// Whether they belong to a trait that it implements.
    of_trait: bool,
    function: Option<String>,
}

struct Walk<'t> {
    file: &'t str,
    lines: Vec<&'t str>,
    found: Vec<Place>,
}

impl Walk<'_> {
    fn stream(&mut self, tokens: TokenStream, around: &Around) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        // What the next braces belong to.
        let mut within = around.clone();
        for (at, token) in tokens.iter().enumerate() {
            let rest = &tokens[at + 1..];
            match token {
                TokenTree::Group(group) => {
                    self.stream(group.stream(), &within);
                    if group.delimiter() == Delimiter::Brace {
                        within = around.clone();
                    }
                }
                TokenTree::Punct(punct) if punct.as_char() == ';' => within = around.clone(),
                TokenTree::Ident(ident) if ident == "fn" => {
                    if let Some(name) = name_of(rest) {
                        within.function = Some(qualified(around, &name));
                    }
                }
                // In the head of a function, it is a type.
                TokenTree::Ident(ident) if ident == "impl" && within.function.is_none() => {
                    (within.owner, within.of_trait) = owner(rest);
                }
                TokenTree::Ident(ident) if ident == "unsafe" => self.place(ident, rest, &within, around),
                _ => {}
            }
        }
    }

    fn place(&mut self, keyword: &Ident, rest: &[TokenTree], within: &Around, around: &Around) {
        let after_abi: &[TokenTree] = match rest {
            [TokenTree::Ident(word), TokenTree::Literal(_), after @ ..] if word == "extern" => after,
            rest => rest,
        };
        let (kind, name) = match after_abi {
            [TokenTree::Group(body), ..] if body.delimiter() == Delimiter::Brace && after_abi.len() == rest.len() => {
                (Kind::Block, within.function.clone())
            }
            [TokenTree::Ident(word), after @ ..] if word == "fn" => match name_of(after) {
                Some(name) if around.of_trait => (Kind::OfTrait, Some(qualified(around, &name))),
                Some(name) => (Kind::Function, Some(qualified(around, &name))),
                // A type of functions: whoever calls one says why.
                None => return,
            },
            [TokenTree::Ident(word), ..] if word == "impl" => (Kind::Impl, Some(self.head(keyword.span()))),
            _ => (Kind::Other, None),
        };
        let within = name.unwrap_or_else(|| self.head(keyword.span()));
        let invariant = match kind {
            Kind::Function | Kind::OfTrait => self.documented(keyword.span()),
            _ => self.commented(keyword.span()),
        };
        self.found.push(Place { file: self.file.to_string(), within, kind, invariant });
    }

    /// The line that something begins on, without its braces.
    fn head(&self, span: Span) -> String {
        let line = self.line(span.start().line).unwrap_or_default();
        line.trim_end_matches(['{', '}', ' ']).replace("unsafe ", "").to_string()
    }

    /// A line by its number, from one, without what is before and behind it.
    fn line(&self, number: usize) -> Option<&str> {
        self.lines.get(number.checked_sub(1)?).map(|line| line.trim())
    }

    /// The comment above the statement.
    fn commented(&self, span: Span) -> Option<String> {
        let mut above = span.start().line - 1;
        // Upwards over the lines of the same statement.
        while let Some(line) = self.line(above)
            && !line.starts_with("//")
            && !line.is_empty()
            && !line.ends_with([';', '{', '}'])
        {
            above -= 1;
        }
        let mut lines = Vec::new();
        while let Some(line) = self.line(above).and_then(|line| line.strip_prefix("//")) {
            let line = line.trim();
            if let Some(first) = line.strip_prefix("SAFETY:") {
                lines.push(first.trim());
                lines.reverse();
                return Some(lines.join(" ")).filter(|text| !text.is_empty());
            }
            lines.push(line);
            above -= 1;
        }
        None
    }

    /// What the documentation above says under "Safety".
    fn documented(&self, span: Span) -> Option<String> {
        let mut above = span.start().line - 1;
        let mut lines = Vec::new();
        while let Some(line) = self.line(above)
            && (line.starts_with("///") || line.starts_with("#["))
        {
            if let Some(text) = line.strip_prefix("///").map(str::trim) {
                if text == "# Safety" {
                    lines.reverse();
                    return Some(lines.join(" ").trim().to_string()).filter(|text| !text.is_empty());
                }
                lines.push(text);
            }
            above -= 1;
        }
        None
    }
}

/// The name that follows `fn`; none behind a type of functions.
fn name_of(rest: &[TokenTree]) -> Option<String> {
    match rest {
        [TokenTree::Ident(name), ..] => Some(name.to_string()),
        // In a macro.
        [TokenTree::Punct(dollar), TokenTree::Ident(name), ..] if dollar.as_char() == '$' => Some(format!("${name}")),
        _ => None,
    }
}

fn qualified(around: &Around, name: &str) -> String {
    match (&around.function, &around.owner) {
        (Some(outer), _) => format!("{outer}::{name}"),
        (None, Some(owner)) => format!("{owner}::{name}"),
        (None, None) => name.to_string(),
    }
}

/// The type that an `impl` is of, and whether it implements a trait for it.
fn owner(rest: &[TokenTree]) -> (Option<String>, bool) {
    let (mut name, mut of_trait, mut depth) = (None, false, 0_i32);
    for token in rest {
        match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => break,
            TokenTree::Punct(punct) if punct.as_char() == '<' => depth += 1,
            TokenTree::Punct(punct) if punct.as_char() == '>' => depth -= 1,
            TokenTree::Ident(ident) if depth == 0 && ident == "for" => (name, of_trait) = (None, true),
            TokenTree::Ident(ident) if depth == 0 && ident == "where" => break,
            TokenTree::Ident(ident) if depth == 0 => name = Some(ident.to_string()),
            _ => {}
        }
    }
    (name, of_trait)
}
