//! What the text of a template may look like, before the engine's parser sees it. The parser, what compiles, and what
//! takes a tree apart again call themselves for each operator, filter and attribute of a chain and for each `elif`; so
//! a chain that is too long would end the program. The engine itself limits brackets and blocks.

use std::ops::Range;

use minijinja::machinery::{Token, tokenize};
use minijinja::syntax::SyntaxConfig;

use super::limits::{MAX_BLOCKS, MAX_CHAIN, MAX_LINE, MAX_SOURCE};
use super::operators;

/// Why a template is not even parsed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Misshapen {
    pub(super) message: String,
    pub(super) hint: &'static str,
    pub(super) range: Range<usize>,
}

/// Looks for what is too long. Text that is no template passes: the parser says what is wrong with it.
pub(super) fn check(text: &str, syntax: &SyntaxConfig) -> Result<(), Misshapen> {
    if text.len() > MAX_SOURCE {
        return Err(Misshapen {
            message: format!("its text has {} bytes; the limit is {} MiB", text.len(), MAX_SOURCE >> 20),
            hint: "make several templates of it",
            range: 0..0,
        });
    }
    lines(text)?;
    let mut shape = Shape::default();
    for (token, span) in tokenize(text, false, syntax.clone()).map_while(Result::ok) {
        shape.token(&token, &(span.start_offset as usize..span.end_offset as usize))?;
    }
    Ok(())
}

fn lines(text: &str) -> Result<(), Misshapen> {
    let mut start = 0;
    for line in text.split('\n') {
        if line.len() > MAX_LINE {
            return Err(Misshapen {
                message: format!("a line has {} bytes; the limit is {MAX_LINE}", line.len()),
                hint: "break the line",
                range: start..start,
            });
        }
        start += line.len() + 1;
    }
    Ok(())
}

/// The part of an expression between two commas or brackets.
#[derive(Default, Clone, Copy)]
struct Part {
    /// Its own operators.
    links: usize,
    /// The longest chain of what stands in brackets in it.
    inside: usize,
    /// The longest chain of the parts before it, in the same brackets.
    before: usize,
}

#[derive(Default)]
struct Shape {
    /// The parts that are open, from the tag inwards.
    parts: Vec<Part>,
    /// Whether the next token is the word of a block.
    is_word: bool,
    /// For each `if` that is open, its `elif`.
    branches: Vec<usize>,
}

impl Shape {
    fn token(&mut self, token: &Token<'_>, range: &Range<usize>) -> Result<(), Misshapen> {
        let is_word = std::mem::take(&mut self.is_word);
        match token {
            Token::VariableStart => self.parts = vec![Part::default()],
            Token::BlockStart => {
                self.parts = vec![Part::default()];
                self.is_word = true;
            }
            Token::VariableEnd | Token::BlockEnd => self.parts.clear(),
            Token::Ident(word) if is_word => return self.block(word, range),
            Token::Ident(name) if name.starts_with(operators::PREFIX) => {
                return Err(Misshapen {
                    message: format!("`{name}` is a name of the program"),
                    hint: "choose a name that does not begin with `__render_`",
                    range: range.clone(),
                });
            }
            Token::ParenOpen | Token::BracketOpen | Token::BraceOpen => self.parts.push(Part::default()),
            Token::ParenClose | Token::BracketClose | Token::BraceClose => return self.close(range),
            Token::Comma | Token::Colon | Token::Assign => {
                if let Some(part) = self.parts.last_mut() {
                    *part = Part { before: part.longest(), ..Part::default() };
                }
            }
            Token::Ident("not" | "and" | "or" | "in" | "is" | "if" | "else")
            | Token::Plus
            | Token::Minus
            | Token::Mul
            | Token::Div
            | Token::FloorDiv
            | Token::Pow
            | Token::Mod
            | Token::Dot
            | Token::Tilde
            | Token::Pipe
            | Token::Eq
            | Token::Ne
            | Token::Gt
            | Token::Gte
            | Token::Lt
            | Token::Lte => return self.link(range),
            Token::TemplateData(_)
            | Token::Ident(_)
            | Token::Str(_)
            | Token::String(_)
            | Token::Int(_)
            | Token::Int128(_)
            | Token::Float(_) => {}
        }
        Ok(())
    }

    fn link(&mut self, range: &Range<usize>) -> Result<(), Misshapen> {
        let Some(part) = self.parts.last_mut() else { return Ok(()) };
        part.links += 1;
        within(part.longest(), range)
    }

    fn close(&mut self, range: &Range<usize>) -> Result<(), Misshapen> {
        let inside = self.parts.pop().map_or(0, Part::longest);
        let Some(part) = self.parts.last_mut() else { return Ok(()) };
        part.links += 1;
        part.inside = part.inside.max(inside);
        within(part.longest(), range)
    }

    fn block(&mut self, word: &str, range: &Range<usize>) -> Result<(), Misshapen> {
        match word {
            "if" => self.branches.push(0),
            "elif" => {
                if let Some(branches) = self.branches.last_mut() {
                    *branches += 1;
                }
            }
            "endif" => drop(self.branches.pop()),
            _ => {}
        }
        if self.branches.iter().sum::<usize>() <= MAX_BLOCKS {
            return Ok(());
        }
        Err(Misshapen {
            message: format!("an `if` has more than the limit of {MAX_BLOCKS} `elif`"),
            hint: "look the value up in a map, as in `{{ {\"a\": 1, \"b\": 2}[key] }}`",
            range: range.clone(),
        })
    }
}

impl Part {
    fn longest(self) -> usize {
        self.before.max(self.links + self.inside)
    }
}

fn within(chain: usize, range: &Range<usize>) -> Result<(), Misshapen> {
    if chain <= MAX_CHAIN {
        return Ok(());
    }
    Err(Misshapen {
        message: format!(
            "an expression has more than the limit of {MAX_CHAIN} operators, filters and attributes in a chain"
        ),
        hint: "give parts of it a name with `{% set %}`",
        range: range.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Option<String> {
        check(text, &super::super::syntax()).err().map(|wrong| format!("{} {}", wrong.range.start, wrong.message))
    }

    #[test]
    fn a_chain_is_what_hangs_on_each_other() {
        let long = " ~ a".repeat(MAX_CHAIN);
        assert_eq!(said(&format!("{{{{ a{long} }}}}")), None);
        assert!(
            said(&format!("{{{{ a{long} ~ a }}}}")).is_some_and(|said| said.contains("more than the limit of 200"))
        );
        // What stands beside each other is as many as anybody likes.
        assert_eq!(said(&format!("{{{{ [{}] }}}}", "a.b ~ c, ".repeat(10 * MAX_CHAIN))), None);
        assert_eq!(said(&format!("{{{{ {{{}}} }}}}", "'a': b.c|d, ".repeat(10 * MAX_CHAIN))), None);
        assert_eq!(said(&"{{ a ~ b }}".repeat(10 * MAX_CHAIN)), None);
        // What stands in brackets hangs on what is around them.
        let half = " ~ a".repeat(MAX_CHAIN / 2 + 1);
        assert!(said(&format!("{{{{ (a{half}){half} }}}}")).is_some());
        assert!(said(&format!("{{{{ f(b, [a{half}], c){half} }}}}")).is_some());
    }

    #[test]
    fn what_is_no_expression_has_no_chain() {
        for text in
            ["a . b . c ~ ".repeat(1000), "{# a.b #}".repeat(1000), "{% raw %}{{ a".to_owned() + &".b".repeat(1000)]
        {
            assert_eq!(said(&text), None);
        }
        assert_eq!(said(&format!("{{{{ '{}' }}}}", ".b".repeat(1000))), None);
    }
}
