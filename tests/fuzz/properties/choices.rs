//! Values made of bytes, so that a fuzzer that changes a byte changes a choice.

use serde_json::{Value, json};

/// What is left of the bytes that choose.
pub(super) struct Choices<'a>(&'a [u8]);

/// Texts that schemas let through, and texts that try to be more than text.
const TEXTS: [&str; 24] = [
    "",
    "a",
    "livekit",
    "a.example.com",
    "10.0.0.0/8",
    "100m",
    "256Mi",
    "1.35",
    "external",
    "embedded",
    "yes",
    "1e3",
    "0644",
    "---",
    "\n---\nkind: Secret\n",
    "{{ livekit }}",
    "{% raw %}",
    "# x",
    "a: b",
    "- a",
    "&a *a",
    "\u{0}",
    "\u{feff}\u{2028}\u{85}",
    "\u{e000}0\u{e001}",
];

impl<'a> Choices<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Whether none are left.
    pub(super) fn is_over(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    pub(super) fn one_of<T: Clone>(&mut self, from: &[T]) -> Option<T> {
        let number = usize::from(self.byte()) << 8 | usize::from(self.byte());
        from.get(number.checked_rem(from.len())?).cloned()
    }

    pub(super) fn text(&mut self) -> String {
        let length = usize::from(self.byte());
        if length >= 128 {
            return TEXTS[length % TEXTS.len()].to_owned();
        }
        let (text, rest) = self.0.split_at((length % 48).min(self.0.len()));
        self.0 = rest;
        String::from_utf8_lossy(text).into_owned()
    }

    pub(super) fn value(&mut self, depth: u8) -> Value {
        match self.byte() % if depth > 3 { 9 } else { 12 } {
            0 => Value::Null,
            1 => json!(false),
            2 => json!(true),
            3 => json!(self.byte()),
            4 => json!(u16::from_be_bytes([self.byte(), self.byte()])),
            5 => [json!(-1), json!(u32::MAX), json!(i64::MIN), json!(u64::MAX), json!(1e300)]
                [usize::from(self.byte() % 5)]
            .clone(),
            6..=8 => json!(self.text()),
            9 => (0..self.byte() % 4).map(|_| self.value(depth + 1)).collect(),
            _ => (0..self.byte() % 4).map(|_| (self.text(), self.value(depth + 1))).collect(),
        }
    }
}
