//! Pieces to text: which groups stand on one line, where lines break, how columns align.
//! Knows no tokens and no grammar.

/// The columns of a line, beyond which it is broken where it can be.
pub const WIDTH: usize = 120;

/// What the layout consists of. `Open`, `Indent` and `BlockOpen` are closed by their counterparts, properly nested.
#[derive(Debug)]
pub(super) enum Piece {
    Text(String),
    Space,
    /// A space in a group on one line, a line end in a broken one.
    Line,
    /// Nothing in a group on one line, a line end in a broken one.
    Soft,
    /// A space where what follows up to the next `Fill` still fits, else a line end.
    Fill,
    Hard,
    Blank,
    /// A comma in a group on one line, nothing in a broken one.
    Comma,
    /// A space that a broken block widens until the places of all rows are below each other.
    Tab,
    /// Behind what stands on the line, or on a line of its own; nothing follows it on its line.
    Comment {
        text: String,
        own_line: bool,
        blank_before: bool,
        blank_after: bool,
    },
    Indent(usize),
    Dedent,
    /// The next text may stand in the first column, where a declaration starts.
    Margin,
    /// `forced`: something in the group ends a line, so that it cannot stand on one.
    Open {
        forced: bool,
    },
    Close,
    /// Rows whose tabs align. `always`: even where that makes a line longer than [`WIDTH`].
    BlockOpen {
        always: bool,
    },
    Row,
    BlockClose,
}

/// What stands before the next text; the strongest of what was asked for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    None,
    Space,
    Tab,
    Newline,
    Blank,
}

pub(super) fn print(pieces: &[Piece]) -> String {
    let mut printer = Printer {
        pieces,
        out: String::new(),
        gap: Gap::None,
        indents: Vec::new(),
        flat: Vec::new(),
        blocks: Vec::new(),
        margin: false,
    };
    for at in 0..pieces.len() {
        printer.step(at);
    }
    printer.out
}

struct Printer<'p> {
    pieces: &'p [Piece],
    out: String,
    gap: Gap,
    indents: Vec<usize>,
    /// For each open group whether it stands on one line.
    flat: Vec<bool>,
    blocks: Vec<Block>,
    margin: bool,
}

#[derive(Default)]
struct Block {
    always: bool,
    /// Tabs are only aligned in a block that is broken.
    active: bool,
    start: usize,
    rows: Vec<Row>,
    row_pending: bool,
}

struct Row {
    start: usize,
    tabs: Vec<usize>,
}

impl Printer<'_> {
    fn step(&mut self, at: usize) {
        let Some(piece) = self.pieces.get(at) else { return };
        let flat = self.flat.last().copied().unwrap_or(false);
        match piece {
            Piece::Text(text) => self.text(text),
            Piece::Space => self.ask(Gap::Space),
            Piece::Line => self.ask(if flat { Gap::Space } else { Gap::Newline }),
            Piece::Soft => self.ask(if flat { Gap::None } else { Gap::Newline }),
            Piece::Fill => {
                let fits = flat || self.fits(at + 1, self.column() + 1, true);
                self.ask(if fits { Gap::Space } else { Gap::Newline });
            }
            Piece::Hard => self.ask(Gap::Newline),
            Piece::Blank if flat => {}
            Piece::Blank => self.ask(Gap::Blank),
            Piece::Margin => self.margin = true,
            Piece::Comma => {
                if flat {
                    self.out.push(',');
                }
            }
            Piece::Tab => self.ask(if flat { Gap::Space } else { Gap::Tab }),
            Piece::Comment { text, own_line, blank_before, blank_after } => {
                self.comment(text, *own_line, *blank_before, *blank_after);
            }
            Piece::Indent(width) => self.indents.push(*width),
            Piece::Dedent => {
                self.indents.pop();
            }
            Piece::Open { forced } => {
                let flat = flat || (!forced && self.fits(at + 1, self.start_column(), false));
                self.flat.push(flat);
            }
            Piece::Close => {
                self.flat.pop();
            }
            Piece::BlockOpen { always } => {
                self.blocks.push(Block { always: *always, active: !flat, start: self.out.len(), ..Block::default() });
            }
            Piece::Row => {
                if let Some(block) = self.blocks.last_mut() {
                    block.row_pending = true;
                }
            }
            Piece::BlockClose => {
                if let Some(block) = self.blocks.pop()
                    && block.active
                {
                    align(&mut self.out, &block);
                }
            }
        }
    }

    fn ask(&mut self, gap: Gap) {
        self.gap = self.gap.max(gap);
    }

    fn indent(&self) -> usize {
        self.indents.iter().sum()
    }

    fn column(&self) -> usize {
        self.out.rsplit('\n').next().unwrap_or("").chars().count()
    }

    /// The column where the next text will start.
    fn start_column(&self) -> usize {
        match self.gap {
            Gap::None => self.column(),
            Gap::Space | Gap::Tab => self.column() + 1,
            Gap::Newline | Gap::Blank => self.indent(),
        }
    }

    fn text(&mut self, text: &str) {
        let closes = text.starts_with(['}', ')', ']']);
        self.fill_gap(if closes || self.margin { 0 } else { 2 });
        self.margin = false;
        self.out.push_str(text);
    }

    /// INVARIANT: only what closes a bracket may stand in the first column, where any other word could start a
    /// declaration; hence the least indent.
    fn fill_gap(&mut self, indent_min: usize) {
        let gap = std::mem::replace(&mut self.gap, Gap::None);
        match gap {
            Gap::None => {}
            _ if self.out.is_empty() => {}
            Gap::Space => self.out.push(' '),
            Gap::Tab => {
                let at = self.out.len();
                if let Some(row) = self.blocks.last_mut().and_then(|b| b.rows.last_mut()) {
                    row.tabs.push(at);
                }
                self.out.push(' ');
            }
            Gap::Newline | Gap::Blank => {
                self.out.push_str(if gap == Gap::Blank { "\n\n" } else { "\n" });
                self.out.extend(std::iter::repeat_n(' ', self.indent().max(indent_min)));
            }
        }
        if let Some(block) = self.blocks.last_mut()
            && std::mem::take(&mut block.row_pending)
        {
            block.rows.push(Row { start: self.out.len(), tabs: Vec::new() });
        }
    }

    fn comment(&mut self, text: &str, own_line: bool, blank_before: bool, blank_after: bool) {
        if own_line {
            self.ask(if blank_before { Gap::Blank } else { Gap::Newline });
            let row_pending = self.blocks.last_mut().map(|b| std::mem::take(&mut b.row_pending));
            self.fill_gap(if self.margin { 0 } else { 2 });
            if let (Some(block), Some(pending)) = (self.blocks.last_mut(), row_pending) {
                block.row_pending = pending;
            }
        } else {
            self.out.push_str("  ");
        }
        self.out.push_str(text);
        self.ask(if blank_after { Gap::Blank } else { Gap::Newline });
    }

    /// Whether the pieces from `at` on fit the line from `column` on: up to the end of the group that was just opened and
    /// then up to where the line may end; or, for a fill, up to where the list may be broken next.
    fn fits(&self, at: usize, column: usize, fill: bool) -> bool {
        let mut column = column;
        let mut depth = usize::from(!fill);
        for piece in self.pieces.get(at..).unwrap_or_default() {
            match piece {
                Piece::Text(text) => match text.split_once('\n') {
                    Some((line, _)) => return column + line.chars().count() <= WIDTH,
                    None => column += text.chars().count(),
                },
                Piece::Line | Piece::Fill | Piece::Soft if depth == 0 => return true,
                Piece::Hard | Piece::Comment { .. } => return true,
                Piece::Blank if depth == 0 => return true,
                Piece::Space | Piece::Tab | Piece::Line | Piece::Fill => column += 1,
                Piece::Comma => column += usize::from(depth > 0),
                // A group behind the one that is asked about may break on its own.
                Piece::Open { .. } => depth += usize::from(depth > 0),
                Piece::Close => depth = depth.saturating_sub(1),
                Piece::Soft
                | Piece::Blank
                | Piece::Margin
                | Piece::Indent(_)
                | Piece::Dedent
                | Piece::BlockOpen { .. }
                | Piece::Row
                | Piece::BlockClose => {}
            }
            if column > WIDTH {
                return false;
            }
        }
        true
    }
}

/// Widens the tabs of a block, column by column, so that they stand below each other.
fn align(out: &mut String, block: &Block) {
    let rows: Vec<Measured> = block.rows.iter().map(|row| measure(out, row)).collect();
    let columns = rows.iter().map(|r| r.at.len()).max().unwrap_or(0);
    let mut pads: Vec<Vec<usize>> = rows.iter().map(|_| Vec::new()).collect();
    for k in 0..columns {
        let places = rows.iter().zip(&pads).map(|(row, pad)| row.at.get(k).map(|at| at + pad.iter().sum::<usize>()));
        let target = places.clone().flatten().max().unwrap_or(0);
        let widened: Vec<Option<usize>> = places.map(|place| place.map(|place| target - place)).collect();
        for (pad, wider) in pads.iter_mut().zip(widened) {
            pad.extend(wider);
        }
    }
    let too_wide = rows.iter().zip(&pads).any(|(row, pad)| {
        let wider: usize = pad.iter().sum();
        wider > 0 && row.width + wider > WIDTH
    });
    if too_wide && !block.always {
        return;
    }
    let tail = out.split_off(block.start);
    let mut at = block.start;
    for (row, pad) in block.rows.iter().zip(&pads) {
        for (tab, wider) in row.tabs.iter().zip(pad) {
            out.push_str(tail.get(at - block.start..tab - block.start).unwrap_or(""));
            out.extend(std::iter::repeat_n(' ', *wider));
            at = *tab;
        }
    }
    out.push_str(tail.get(at - block.start..).unwrap_or(""));
}

/// The columns of a row's tabs, as far as they stand on its first line, and that line's width.
struct Measured {
    at: Vec<usize>,
    width: usize,
}

fn measure(out: &str, row: &Row) -> Measured {
    let line_start = out.get(..row.start).and_then(|before| before.rfind('\n')).map_or(0, |n| n + 1);
    let line = out.get(line_start..).and_then(|rest| rest.split('\n').next()).unwrap_or("");
    let at = row
        .tabs
        .iter()
        .map_while(|tab| line.get(..tab.checked_sub(line_start)?))
        .map(|before| before.chars().count())
        .collect();
    Measured { at, width: line.chars().count() }
}
