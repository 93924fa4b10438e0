//! JSON as records have it: numbers keep their digits, an object that has a key twice is an error, depth is bounded.
//! The general readers keep the last of two equal keys and lose digits or disguise numbers as objects; a record must not
//! pass on such terms. Knows no fields. **Source**: RFC 8259.

use crate::cell::{Raw, number};

/// Objects and lists within each other; records need three.
const DEPTH_MAX: usize = 32;

/// A JSON value. Objects keep the order of their keys, which are unique.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    /// The number as written.
    Number(Box<str>),
    Text(Box<str>),
    List(Vec<Json>),
    Object(Vec<(Box<str>, Json)>),
}

/// Why a text is no JSON, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    path: Vec<Step>,
    pub what: String,
}

impl Fault {
    /// The path to the value at fault, like `orders[2].total`; empty at the top. It goes on as long as `holds_more` knows
    /// what is there as something with names of its own: below that, names may be data.
    pub fn within(&self, holds_more: impl Fn(&[&str]) -> bool) -> String {
        let (mut out, mut names): (String, Vec<&str>) = (String::new(), Vec::new());
        for step in &self.path {
            match step {
                Step::Key(_) if !holds_more(&names) => break,
                Step::Key(key) => {
                    out.push_str(if out.is_empty() { "" } else { "." });
                    out.push_str(key);
                    names.push(key);
                }
                Step::Item(index) => out.push_str(&format!("[{index}]")),
            }
        }
        out
    }
}

impl Json {
    pub fn parse(text: &str) -> Result<Json, Fault> {
        let mut parser = Parser { bytes: text.as_bytes(), text, at: 0, path: Vec::new() };
        let value = parser.value().and_then(|value| {
            parser.space();
            if parser.at < text.len() && !seg_ir::fault::is("ingest.json-may-be-followed") {
                Err("something follows the value".to_string())
            } else {
                Ok(value)
            }
        });
        value.map_err(|what| {
            let what = format!("{what} (column {})", parser.at + 1);
            Fault { path: parser.path, what }
        })
    }

    pub fn member(&self, name: &str) -> Option<&Json> {
        match self {
            Json::Object(members) => members.iter().find(|(key, _)| **key == *name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The value at the path of a field, `consent.email`: nested in groups, or under the dotted name itself.
    pub fn at(&self, path: &[String]) -> Raw<'_> {
        let [first, rest @ ..] = path else { return self.raw() };
        match self {
            Json::Object(_) => match self.member(first) {
                Some(value) if rest.is_empty() => value.raw(),
                Some(value) => value.at(rest),
                None if rest.is_empty() => Raw::Null,
                None => self.member(&path.join(".")).map_or(Raw::Null, Json::raw),
            },
            Json::Null => Raw::Null,
            other => Raw::Other(other.what()),
        }
    }

    /// As a raw cell.
    pub fn raw(&self) -> Raw<'_> {
        match self {
            Json::Null => Raw::Null,
            Json::Bool(v) => Raw::Bool(*v),
            Json::Number(digits) => number(digits).unwrap_or(Raw::Other("a number")),
            Json::Text(text) => Raw::Text(text),
            Json::List(items) => Raw::List(items.iter().map(Json::raw).collect()),
            Json::Object(_) => Raw::Other("an object"),
        }
    }

    pub fn what(&self) -> &'static str {
        match self {
            Json::Null => "null",
            Json::Bool(_) => "true or false",
            Json::Number(_) => "a number",
            Json::Text(_) => "a text",
            Json::List(_) => "a list",
            Json::Object(_) => "an object",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Key(Box<str>),
    Item(usize),
}

struct Parser<'t> {
    bytes: &'t [u8],
    text: &'t str,
    at: usize,
    /// Where in the value the parser is; not taken back on errors.
    path: Vec<Step>,
}

type Parsed<T> = Result<T, String>;

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn take(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    fn value(&mut self) -> Parsed<Json> {
        self.space();
        match self.peek() {
            None => Err("the value is not there".to_string()),
            Some(b'{') => self.object(),
            Some(b'[') => self.list(),
            Some(b'"') => Ok(Json::Text(self.string()?.into())),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(_) => self.word(),
        }
    }

    fn word(&mut self) -> Parsed<Json> {
        let rest = self.bytes.get(self.at..).unwrap_or(&[]);
        let words: [(&[u8], Json); 3] =
            [(b"null", Json::Null), (b"true", Json::Bool(true)), (b"false", Json::Bool(false))];
        for (word, value) in words {
            if rest.starts_with(word) {
                self.at += word.len();
                return Ok(value);
            }
        }
        if rest.starts_with(b"NaN") || rest.starts_with(b"Infinity") {
            return Err("JSON has no NaN and no Infinity; write null for a missing value".to_string());
        }
        Err("this is no JSON value".to_string())
    }

    fn number(&mut self) -> Parsed<Json> {
        let start = self.at;
        self.take(b'-');
        if self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(b"Infinity")) {
            return Err("JSON has no NaN and no Infinity; write null for a missing value".to_string());
        }
        let lead = self.at;
        let whole = self.digits()?;
        if whole > 1
            && self.bytes.get(lead) == Some(&b'0')
            && !seg_ir::fault::is("ingest.json-numbers-may-start-with-zero")
        {
            return Err("a number must not start with 0".to_string());
        }
        if self.take(b'.') {
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            let _ = self.take(b'+') || self.take(b'-');
            self.digits()?;
        }
        Ok(Json::Number(self.text.get(start..self.at).unwrap_or("").into()))
    }

    fn digits(&mut self) -> Parsed<usize> {
        let start = self.at;
        while self.peek().is_some_and(|b| b.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at == start { Err("a number lacks its digits".to_string()) } else { Ok(self.at - start) }
    }

    fn list(&mut self) -> Parsed<Json> {
        self.at += 1;
        self.deeper()?;
        let mut items = Vec::new();
        self.space();
        if self.take(b']') {
            return Ok(Json::List(items));
        }
        loop {
            self.path.push(Step::Item(items.len()));
            items.push(self.value()?);
            self.path.pop();
            self.space();
            if self.take(b']') {
                return Ok(Json::List(items));
            }
            if !self.take(b',') {
                return Err("a comma or `]` is missing".to_string());
            }
        }
    }

    fn object(&mut self) -> Parsed<Json> {
        self.at += 1;
        self.deeper()?;
        let mut members: Vec<(Box<str>, Json)> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        self.space();
        if self.take(b'}') {
            return Ok(Json::Object(members));
        }
        loop {
            self.space();
            if self.peek() != Some(b'"') {
                return Err("a key in double quotes is missing".to_string());
            }
            let key: Box<str> = self.string()?.into();
            self.space();
            if !self.take(b':') {
                return Err("a colon is missing".to_string());
            }
            self.path.push(Step::Key(key.clone()));
            if !seen.insert(key.clone()) && !seg_ir::fault::is("ingest.json-keys-may-be-twice") {
                return Err("the object has this key twice".to_string());
            }
            let value = self.value()?;
            self.path.pop();
            members.push((key, value));
            self.space();
            if self.take(b'}') {
                return Ok(Json::Object(members));
            }
            if !self.take(b',') {
                return Err("a comma or `}` is missing".to_string());
            }
        }
    }

    fn deeper(&self) -> Parsed<()> {
        // The path is as long as the value is deep.
        if self.path.len() >= DEPTH_MAX && !seg_ir::fault::is("ingest.json-may-be-of-any-depth") {
            return Err(format!("it is nested more than {DEPTH_MAX} deep"));
        }
        Ok(())
    }

    fn string(&mut self) -> Parsed<String> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let start = self.at;
            while self.peek().is_some_and(|b| b != b'"' && b != b'\\' && b >= 0x20) {
                self.at += 1;
            }
            out.push_str(self.text.get(start..self.at).unwrap_or(""));
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(out);
                }
                Some(b'\\') => {
                    self.at += 1;
                    out.push(self.escape()?);
                }
                Some(_) => return Err("a text holds a control character; write it as an escape".to_string()),
                None => return Err("a text has no end".to_string()),
            }
        }
    }

    fn escape(&mut self) -> Parsed<char> {
        let byte = self.peek().ok_or("a text has no end")?;
        self.at += 1;
        Ok(match byte {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'n' if seg_ir::fault::is("ingest.json-line-feed-is-n") => 'n',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode(),
            _ => return Err("there is no such escape".to_string()),
        })
    }

    fn unicode(&mut self) -> Parsed<char> {
        let wrong = || "an escape names no character".to_string();
        let first = self.hex()?;
        if !(0xD800..0xE000).contains(&first) {
            return char::from_u32(first).ok_or_else(wrong);
        }
        if first >= 0xDC00 || !self.take(b'\\') || !self.take(b'u') {
            return Err(wrong());
        }
        let second = self.hex()?;
        if !(0xDC00..0xE000).contains(&second) {
            return Err(wrong());
        }
        char::from_u32(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00)).ok_or_else(wrong)
    }

    fn hex(&mut self) -> Parsed<u32> {
        let digits = self.text.get(self.at..self.at + 4).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
        let value = digits.and_then(|d| u32::from_str_radix(d, 16).ok()).ok_or("an escape lacks its four digits")?;
        self.at += 4;
        Ok(value)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// The value as the general reader gives it, for texts that both accept.
    fn general(text: &str) -> Option<serde_json::Value> {
        serde_json::from_str(text).ok()
    }

    fn convert(json: &Json) -> serde_json::Value {
        match json {
            Json::Null => serde_json::Value::Null,
            Json::Bool(v) => (*v).into(),
            Json::Number(v) => serde_json::Value::Number(v.parse().unwrap()),
            Json::Text(v) => v.to_string().into(),
            Json::List(v) => v.iter().map(convert).collect(),
            Json::Object(v) => v.iter().map(|(k, v)| (k.to_string(), convert(v))).collect(),
        }
    }

    #[test]
    fn it_reads_what_the_general_reader_reads() {
        let texts = [
            "null",
            " true ",
            "[1, -2.50, 3e5, 0, -0, 1E-7]",
            r#"{"a": {"b": []}, "c": "x\"\\\/\b\f\n\r\té😀"}"#,
            r#""\ud83d\ude00 \u00e9""#,
            "{}",
            "[]",
            "",
            "[1,]",
            "{\"a\"}",
            "01",
            "1.",
            ".5",
            "+1",
            "tru",
            "[1 2]",
            "\"\\x\"",
            "\"\\ud83d\"",
            "\"\\ud83dx\"",
            "\"\\ude00\"",
            "\"a\nb\"",
            "\"abc",
            "{\"a\":1,}",
            "1e",
            "1 2",
            "nul",
            "{1:2}",
            "-",
            "'a'",
        ];
        for text in texts {
            let ours = Json::parse(text).ok().map(|j| convert(&j));
            assert_eq!(ours, general(text), "{text}");
        }
    }

    #[test]
    fn what_the_general_reader_lets_pass_is_refused_with_its_path() {
        let fault = |t: &str| Json::parse(t).unwrap_err();
        let path = |t: &str| fault(t).within(|_| true);
        assert_eq!(path(r#"{"a": 1, "a": 2}"#), "a");
        assert!(fault(r#"{"a": 1, "\u0061": 2}"#).what.contains("twice"));
        assert_eq!(path(r#"{"orders": [{"t": 1}, {"t": NaN}]}"#), "orders[1].t");
        let below = r#"{"email": {"ann": 1, "ann": 2}}"#;
        assert_eq!((path(below), fault(below).within(|path| path.is_empty())), ("email.ann".into(), "email".into()));
        assert!(fault(&"[".repeat(40)).what.contains("deep"));
    }

    #[test]
    fn numbers_keep_their_digits() {
        let text = "123456789012345678901234567890.12345";
        assert_eq!(Json::parse(text), Ok(Json::Number(text.into())));
    }
}
