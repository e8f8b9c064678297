//! The text of one `--set` argument, read character by character as Helm reads it: its escapes and
//! brackets follow no grammar that a library has.

use std::ops::Range;

use serde_json::Value;

use render_text::diagnostic::Diagnostic;
use render_text::node::{Member, Node, Origin, Tree};
use render_text::source::{Place, SourceId};
use render_text::yaml::json_number;

use super::{Assignment, Resolve, SetKind, Step, Target};

/// The assignments of one argument, as in `a.b[0].c=v,d={1,2},e\.f=x`. `text` is the whole text of `source`.
///
/// # Errors
/// The first mistake: after it, what belongs to what is a guess.
pub fn parse(kind: SetKind<'_>, source: SourceId, text: &str) -> Result<Vec<Assignment>, Diagnostic> {
    let mut argument = Argument { kind, source, text, at: 0 };
    let mut assignments = Vec::new();
    while argument.at < text.len() {
        assignments.push(argument.assignment()?);
    }
    if assignments.is_empty() {
        return Err(argument.mistake("nothing is set", 0..0).hint("write `path=value`"));
    }
    Ok(assignments)
}

/// An argument and how far it is read.
struct Argument<'text, 'caller> {
    kind: SetKind<'caller>,
    source: SourceId,
    text: &'text str,
    at: usize,
}

/// Text without its escapes, what it was, and the mark that ended it.
struct Word {
    text: String,
    range: Range<usize>,
    mark: Option<char>,
}

impl Argument<'_, '_> {
    fn assignment(&mut self) -> Result<Assignment, Diagnostic> {
        let start = self.at;
        let path = self.path()?;
        let value = self.value()?;
        let place = self.place(start..self.at);
        if self.rest().starts_with(',') {
            self.at += 1;
        }
        Ok(Assignment { path, value, place })
    }

    /// Everything up to and with the `=`.
    fn path(&mut self) -> Result<Vec<Step>, Diagnostic> {
        let start = self.at;
        let mut path: Vec<Step> = Vec::new();
        loop {
            let word = self.word(&['=', '[', ',', '.']);
            let after_index = matches!(path.last(), Some(Step { to: Target::Index(_), .. }))
                && self.text[..word.range.start].ends_with(']');
            match (word.text.is_empty(), after_index) {
                (false, true) => {
                    return Err(self
                        .mistake("text directly behind `]`", word.range)
                        .hint("write `.` in front of a key"));
                }
                (true, false) if word.mark.is_some() => {
                    let range = start..self.at;
                    return Err(self.mistake("an empty key", range).hint("escape a `.` that is part of a key: `\\.`"));
                }
                (false, false) => path.push(Step { to: Target::Key(word.text), place: self.place(word.range) }),
                _ => {}
            }
            match word.mark {
                Some('=') => return Ok(path),
                Some('[') => path.push(self.index()?),
                Some('.') => {}
                _ => return Err(self.mistake("a path without a value", start..self.at).hint("write `path=value`")),
            }
        }
    }

    /// The number behind `[`, and the `]`.
    fn index(&mut self) -> Result<Step, Diagnostic> {
        let word = self.word(&[']']);
        if word.mark.is_none() {
            return Err(self
                .mistake("`[` without its `]`", word.range.start - 1..word.range.end)
                .hint("close the index"));
        }
        match word.text.parse() {
            Ok(index) => Ok(Step { to: Target::Index(index), place: self.place(word.range) }),
            Err(_) => Err(self.mistake("an index that is no whole number", word.range).hint("items count from 0")),
        }
    }

    fn value(&mut self) -> Result<Node, Diagnostic> {
        if matches!(self.kind, SetKind::Json) {
            return self.json();
        }
        if self.rest().starts_with('{') {
            return self.list();
        }
        let word = self.word(&[',']);
        if word.mark.is_some() {
            self.at -= 1;
        }
        self.scalar(word)
    }

    /// `{a,b}`: a list of scalars.
    fn list(&mut self) -> Result<Node, Diagnostic> {
        let start = self.at;
        self.at += 1;
        let mut items = Vec::new();
        loop {
            let word = self.word(&[',', '}']);
            let mark = word.mark;
            if mark.is_none() {
                return Err(self
                    .mistake("`{` without its `}`", start..self.at)
                    .hint("close the list, or escape the brace"));
            }
            if mark == Some(',') || !word.text.is_empty() || !items.is_empty() {
                items.push(self.scalar(word)?);
            }
            if mark == Some('}') {
                break;
            }
        }
        let list = Node::written(Tree::List(items), self.place(start..self.at));
        self.ended()?;
        Ok(list)
    }

    /// A JSON value up to its own end: commas inside it are its own.
    fn json(&mut self) -> Result<Node, Diagnostic> {
        let start = self.at;
        if self.rest().trim_start().is_empty() || self.rest().trim_start().starts_with(',') {
            self.at += self.rest().len() - self.rest().trim_start().len();
            return Ok(Node::written(Tree::Null, self.place(start..self.at)));
        }
        let mut values = serde_json::Deserializer::from_str(self.rest()).into_iter::<Value>();
        let value = match values.next() {
            Some(Ok(value)) => value,
            Some(Err(error)) => return Err(self.not_json(&error)),
            None => Value::Null,
        };
        let length = values.byte_offset();
        let place = self.place(start..start + length);
        self.at += length;
        self.at += self.rest().len() - self.rest().trim_start().len();
        self.ended()?;
        Ok(node(value, place))
    }

    fn not_json(&self, error: &serde_json::Error) -> Diagnostic {
        let before =
            self.rest().split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum::<usize>();
        let at = self.text.floor_char_boundary(self.at + before + error.column().saturating_sub(1));
        let message = format!("the value is not JSON: {}", words(error));
        self.mistake(message, at..self.text.len()).hint("quote text: path=\"text\"")
    }

    fn scalar(&self, word: Word) -> Result<Node, Diagnostic> {
        let content = |resolve: &Resolve<'_>| resolve(&word.text).map(Tree::String);
        let tree = match self.kind {
            SetKind::Typed | SetKind::Json => Ok(typed(&word.text)),
            SetKind::String => Ok(Tree::String(word.text.clone())),
            SetKind::File(resolve) | SetKind::Env(resolve) => content(resolve),
        };
        let hint = match self.kind {
            SetKind::Env(_) => "export the variable in the shell that starts render",
            _ => "check the path, which is relative to the current folder",
        };
        let tree = tree.map_err(|reason| self.mistake(reason, word.range.clone()).hint(hint))?;
        let place = self.place(word.range);
        let is_given = matches!(self.kind, SetKind::File(_) | SetKind::Env(_));
        let origin = if is_given { Origin::Given { place, by: word.text } } else { Origin::Written(place) };
        Ok(Node { tree, origins: vec![origin] })
    }

    /// Behind a list or a JSON value only a comma may stand.
    fn ended(&self) -> Result<(), Diagnostic> {
        if self.rest().is_empty() || self.rest().starts_with(',') {
            return Ok(());
        }
        let mistake = self.mistake("text behind a value that has ended", self.at..self.text.len());
        Err(mistake.hint("separate assignments with a comma"))
    }

    /// Everything up to a mark, which is consumed too. A backslash takes the next character as it is.
    fn word(&mut self, marks: &[char]) -> Word {
        let start = self.at;
        let mut text = String::new();
        let mut chars = self.text[start..].char_indices();
        while let Some((offset, char)) = chars.next() {
            if marks.contains(&char) {
                self.at = start + offset + char.len_utf8();
                return Word { text, range: start..start + offset, mark: Some(char) };
            }
            match char {
                '\\' => text.extend(chars.next().map(|(_, escaped)| escaped)),
                _ => text.push(char),
            }
        }
        self.at = self.text.len();
        Word { text, range: start..self.at, mark: None }
    }

    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn place(&self, range: Range<usize>) -> Place {
        Place::new(self.source, range)
    }

    fn mistake(&self, message: impl Into<String>, range: Range<usize>) -> Diagnostic {
        Diagnostic::error(message).at(self.place(range))
    }
}

/// Helm's types: `true`, `false`, `null` in any case, and integers that do not start with a zero.
fn typed(text: &str) -> Tree {
    let spelled = |word: &str| text.eq_ignore_ascii_case(word);
    if spelled("true") || spelled("false") {
        return Tree::Bool(spelled("true"));
    }
    if spelled("null") {
        return Tree::Null;
    }
    let integer = if text != "0" && text.starts_with('0') { None } else { text.parse::<i64>().ok() };
    integer.map_or_else(|| Tree::String(text.to_owned()), |integer| Tree::Number(integer.into()))
}

/// A JSON value with one place for all of it. Null members of maps are left out, as RFC 7386 has it.
fn node(value: Value, place: Place) -> Node {
    let tree = match value {
        Value::Null => Tree::Null,
        Value::Bool(bool) => Tree::Bool(bool),
        Value::Number(number) => {
            let whole = if number.is_f64() { number.as_f64().and_then(json_number) } else { None };
            Tree::Number(whole.unwrap_or(number))
        }
        Value::String(string) => Tree::String(string),
        Value::Array(items) => Tree::List(items.into_iter().map(|item| node(item, place)).collect()),
        Value::Object(members) => {
            let member = |(key, value)| (key, Member { key: Some(place), node: node(value, place) });
            Tree::Map(members.into_iter().filter(|(_, value)| !value.is_null()).map(member).collect())
        }
    };
    Node::written(tree, place)
}

/// The JSON parser's message without the position that it appends, which counts from the value.
fn words(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.clone(), |(words, _)| words.to_owned())
}
