//! Reads the text form of protocol buffers, without their schema: fields with scalars or messages.
//! It knows nothing of CEL's test files.

/// A message: its fields in order, repeated ones repeated.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Message(Vec<(String, Field)>);

/// A field's value.
#[derive(Clone, Debug, PartialEq)]
pub enum Field {
    /// A text, a number or a name; adjacent texts are one.
    Scalar(String),
    /// A message.
    Message(Message),
}

impl Message {
    /// All messages under a name.
    pub fn messages<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Message> {
        self.0.iter().filter_map(move |(key, field)| match field {
            Field::Message(message) if key == name => Some(message),
            _ => None,
        })
    }

    /// The first message under a name.
    pub fn message(&self, name: &str) -> Option<&Message> {
        self.0.iter().find_map(|(key, field)| match field {
            Field::Message(message) if key == name => Some(message),
            _ => None,
        })
    }

    /// The scalar under a name.
    pub fn scalar(&self, name: &str) -> Option<&str> {
        self.0.iter().find_map(|(key, field)| match field {
            Field::Scalar(text) if key == name => Some(text.as_str()),
            _ => None,
        })
    }

    /// The first field, whatever its name.
    pub fn first(&self) -> Option<(&str, &Field)> {
        self.0.first().map(|(key, field)| (key.as_str(), field))
    }
}

/// Reads a whole file.
///
/// # Errors
/// What stands where nothing could be read, with its line.
pub fn parse(text: &str) -> Result<Message, String> {
    let mut reader = Reader { chars: text.chars().collect(), at: 0 };
    let message = reader.fields()?;
    reader.skip();
    if reader.at < reader.chars.len() { Err(reader.wrong("a field")) } else { Ok(message) }
}

struct Reader {
    chars: Vec<char>,
    at: usize,
}

impl Reader {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn wrong(&self, needed: &str) -> String {
        let line = 1 + self.chars.iter().take(self.at).filter(|c| **c == '\n').count();
        format!("line {line}: {:?} where {needed} is needed", self.peek())
    }

    fn skip(&mut self) {
        loop {
            match self.peek() {
                Some('#') => {
                    while self.peek().is_some_and(|next| next != '\n') {
                        self.at += 1;
                    }
                }
                Some(next) if next.is_whitespace() || next == ',' || next == ';' => self.at += 1,
                _ => return,
            }
        }
    }

    fn eat(&mut self, sign: char) -> bool {
        self.skip();
        let found = self.peek() == Some(sign);
        self.at += usize::from(found);
        found
    }

    fn fields(&mut self) -> Result<Message, String> {
        let mut fields = Vec::new();
        loop {
            self.skip();
            if matches!(self.peek(), None | Some('}')) {
                return Ok(Message(fields));
            }
            let name = self.name()?;
            let colon = self.eat(':');
            if self.eat('{') {
                let message = self.fields()?;
                if !self.eat('}') {
                    return Err(self.wrong("`}`"));
                }
                fields.push((name, Field::Message(message)));
            } else if colon {
                fields.push((name, Field::Scalar(self.scalar()?)));
            } else {
                return Err(self.wrong("`:` or `{`"));
            }
        }
    }

    /// A field's name, or an extension's in brackets.
    fn name(&mut self) -> Result<String, String> {
        if self.eat('[') {
            let name = self.word(|next| next != ']');
            self.at += 1;
            return Ok(name);
        }
        let name = self.word(|next| next.is_alphanumeric() || next == '_');
        if name.is_empty() { Err(self.wrong("a field's name")) } else { Ok(name) }
    }

    fn word(&mut self, accept: impl Fn(char) -> bool) -> String {
        let mut word = String::new();
        while let Some(next) = self.peek().filter(|next| accept(*next)) {
            word.push(next);
            self.at += 1;
        }
        word
    }

    fn scalar(&mut self) -> Result<String, String> {
        self.skip();
        if !matches!(self.peek(), Some('"' | '\'')) {
            let word = self.word(|next| next.is_alphanumeric() || "_.+-".contains(next));
            return if word.is_empty() { Err(self.wrong("a value")) } else { Ok(word) };
        }
        let mut text = String::new();
        while let Some(quote @ ('"' | '\'')) = self.peek() {
            self.at += 1;
            self.quoted(quote, &mut text)?;
            self.skip();
        }
        Ok(text)
    }

    fn quoted(&mut self, quote: char, text: &mut String) -> Result<(), String> {
        loop {
            let next = self.peek().ok_or_else(|| self.wrong("the end of a text"))?;
            self.at += 1;
            match next {
                _ if next == quote => return Ok(()),
                '\\' => {
                    let escaped = self.peek().ok_or_else(|| self.wrong("an escape"))?;
                    self.at += 1;
                    match escaped {
                        'n' => text.push('\n'),
                        't' => text.push('\t'),
                        'r' => text.push('\r'),
                        'x' => {
                            let digits: String = self.chars.iter().skip(self.at).take(2).collect();
                            self.at += 2;
                            let code = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
                            text.push(code.ok_or_else(|| self.wrong("two hexadecimal digits"))?);
                        }
                        other => text.push(other),
                    }
                }
                other => text.push(other),
            }
        }
    }
}
