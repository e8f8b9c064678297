//! Templates with their operators weighed. The engine lets filters and functions be replaced, and its operators not:
//! `~`, `*` and `+` make texts and lists of any size, and `==`, `in`, a slice or an index read them whole. So before a
//! template is compiled, calls of functions that weigh are written around the operands, by the places that the
//! engine's own parser gives. Only insertions, and one letter for another, are made: a place in the text that is
//! compiled leads back to the place in the text that was written.
//!
//! The templates of the program are compiled as they are: their operators are known, the values that these meet have
//! passed the schema, and parsing twice would cost a tenth of a run. All other limits are theirs, too.

use std::borrow::Cow;
use std::ops::Range;

use minijinja::machinery::ast::{BinOpKind, CallArg, CallType, Expr, Stmt};
use minijinja::machinery::{Span, Token, parse, tokenize};
use minijinja::syntax::SyntaxConfig;

use super::operators;

/// What an include may write where the writing is counted before it is done: no template of the program is longer.
pub(super) const INCLUDED: usize = 16 << 10;

/// A template as it is compiled.
pub(super) struct Metered<'t> {
    /// Its text.
    pub(super) text: Cow<'t, str>,
    /// Where something was inserted, by the places of what was written, and how long it is.
    inserted: Vec<(usize, usize)>,
}

impl Metered<'_> {
    /// The place in what was written of a place in what is compiled.
    pub(super) fn written(&self, range: &Range<usize>) -> Range<usize> {
        let mut shift = 0;
        let [mut start, mut end] = [range.start, range.end];
        for (at, length) in &self.inserted {
            for (place, compiled) in [(&mut start, range.start), (&mut end, range.end)] {
                if at + shift < compiled {
                    *place = compiled.saturating_sub(shift + length).max(*at);
                }
            }
            shift += length;
        }
        start..end.max(start)
    }
}

/// Weighs the operators of a template. One that cannot be parsed is left as it is: compiling it says why.
pub(super) fn metered<'t>(text: &'t str, syntax: &SyntaxConfig) -> Metered<'t> {
    let plain = Metered { text: Cow::Borrowed(text), inserted: Vec::new() };
    let Ok(tree) = parse(text, "", syntax.clone()) else { return plain };
    let tokens: Result<Vec<_>, _> = tokenize(text, false, syntax.clone()).collect();
    let Ok(tokens) = tokens else { return plain };
    let mut meter = Meter { tokens, edits: Vec::new(), loops: Vec::new() };
    meter.statement(&tree);
    meter.apply(text)
}

/// A change of the text: at a place, what takes the place of so many bytes.
struct Edit {
    at: usize,
    taken: usize,
    put: String,
}

struct Meter<'t> {
    tokens: Vec<(Token<'t>, Span)>,
    edits: Vec<Edit>,
    /// The loops around a place: what one turn of each writes.
    loops: Vec<usize>,
}

impl<'t> Meter<'t> {
    fn apply(mut self, text: &'t str) -> Metered<'t> {
        // Stable: of what is put at one place, the outer opens first, and the inner closes first.
        self.edits.sort_by_key(|edit| edit.at);
        let mut metered = String::with_capacity(text.len() + 16 * self.edits.len());
        let (mut rest, mut inserted) = (0, Vec::new());
        for Edit { at, taken, put } in &self.edits {
            metered.push_str(&text[rest..*at]);
            metered.push_str(put);
            rest = at + taken;
            inserted.push((*at, put.len() - taken));
        }
        metered.push_str(&text[rest..]);
        Metered { text: Cow::Owned(metered), inserted }
    }

    fn statements(&mut self, statements: &[Stmt<'t>]) {
        for statement in statements {
            self.statement(statement);
        }
    }

    fn statement(&mut self, statement: &Stmt<'t>) {
        match statement {
            Stmt::Template(template) => self.statements(&template.children),
            Stmt::EmitExpr(emit) => self.expression(&emit.expr),
            Stmt::EmitRaw(_) | Stmt::Import(_) | Stmt::FromImport(_) => {}
            Stmt::ForLoop(each) => {
                let turn = written(&each.body);
                let start = self.after(end(&each.target), &|token| matches!(token, Token::Ident("in")));
                let stop = self
                    .at(end(&each.iter), &|token| matches!(token, Token::BlockEnd | Token::Ident("if" | "recursive")));
                self.call_with(operators::TURNS, start..stop, turn, |meter| meter.expression(&each.iter));
                each.filter_expr.iter().for_each(|expr| self.expression(expr));
                self.loops.push(turn);
                self.statements(&each.body);
                self.loops.pop();
                self.statements(&each.else_body);
            }
            Stmt::IfCond(cond) => {
                self.expression(&cond.expr);
                self.statements(&cond.true_body);
                self.statements(&cond.false_body);
            }
            Stmt::WithBlock(with) => {
                for (target, expr) in &with.assignments {
                    let start = self.after(end(target), &|token| matches!(token, Token::Assign));
                    let stop = self.at(end(expr), &|token| matches!(token, Token::Comma | Token::BlockEnd));
                    self.call(operators::READ, start..stop, |meter| meter.expression(expr));
                }
                self.statements(&with.body);
            }
            Stmt::Set(set) => {
                let start = self.after(end(&set.target), &|token| matches!(token, Token::Assign));
                let stop = self.at(end(&set.expr), &|token| matches!(token, Token::BlockEnd));
                self.call(operators::READ, start..stop, |meter| meter.expression(&set.expr));
            }
            Stmt::SetBlock(set) => {
                set.filter.iter().for_each(|filter| self.expression(filter));
                self.statements(&set.body);
            }
            Stmt::AutoEscape(escape) => {
                self.expression(&escape.enabled);
                self.statements(&escape.body);
            }
            Stmt::FilterBlock(block) => {
                self.expression(&block.filter);
                self.statements(&block.body);
            }
            Stmt::Block(block) => self.statements(&block.body),
            Stmt::Extends(extends) => self.expression(&extends.name),
            Stmt::Include(include) => self.expression(&include.name),
            Stmt::Do(call) => {
                self.expression(&call.call.expr);
                self.arguments(&call.call.args);
            }
        }
    }

    fn expression(&mut self, expression: &Expr<'t>) {
        match expression {
            Expr::Var(_) | Expr::Const(_) => {}
            Expr::Slice(slice) => {
                let open = self.at(end(&slice.expr), &|token| matches!(token, Token::BracketOpen));
                self.call(operators::READ, start(expression)..open, |meter| meter.expression(&slice.expr));
                [&slice.start, &slice.stop, &slice.step].into_iter().flatten().for_each(|part| self.expression(part));
            }
            Expr::UnaryOp(operation) => self.expression(&operation.expr),
            Expr::BinOp(operation) => self.operation(expression, operation.op, &operation.left, &operation.right),
            Expr::Compare(comparison) => {
                let operands: Vec<&Expr<'t>> =
                    std::iter::once(&comparison.expr).chain(comparison.ops.iter().map(|op| &op.expr)).collect();
                self.comparison(expression, &operands);
            }
            Expr::IfExpr(choice) => {
                self.expression(&choice.test_expr);
                self.expression(&choice.true_expr);
                choice.false_expr.iter().for_each(|expr| self.expression(expr));
            }
            Expr::Filter(filter) => {
                filter.expr.iter().for_each(|expr| self.expression(expr));
                self.arguments(&filter.args);
            }
            Expr::Test(test) => {
                self.expression(&test.expr);
                self.arguments(&test.args);
            }
            Expr::GetAttr(attribute) => self.expression(&attribute.expr),
            Expr::GetItem(item) => self.item(expression, &item.expr, &item.subscript_expr),
            Expr::Call(call) => match (call.identify_call(), call.args.as_slice()) {
                (CallType::Function("loop"), [CallArg::Pos(argument)]) => {
                    let turn = self.loops.last().copied().unwrap_or(0);
                    let open = self.after(end(&call.expr), &|token| matches!(token, Token::ParenOpen));
                    let close = end(expression) - 1;
                    self.call_with(operators::TURNS, open..close, turn, |meter| meter.expression(argument));
                }
                (CallType::Function("super") | CallType::Block(_), _) => {
                    self.call(operators::MADE, start(expression)..end(expression), |_| {});
                }
                _ => {
                    self.expression(&call.expr);
                    self.arguments(&call.args);
                }
            },
            Expr::List(list) => list.items.iter().for_each(|item| self.expression(item)),
            Expr::Tuple(tuple) => tuple.items.iter().for_each(|item| self.expression(item)),
            Expr::Map(map) => {
                let mut from = start(expression) + 1;
                for (key, value) in map.keys.iter().zip(&map.values) {
                    let colon = self.at(end(key), &|token| matches!(token, Token::Colon));
                    self.read(key, from..colon);
                    self.expression(value);
                    from = self.after(end(value), &|token| matches!(token, Token::Comma | Token::BraceClose));
                }
            }
        }
    }

    fn arguments(&mut self, arguments: &[CallArg<'t>]) {
        for argument in arguments {
            match argument {
                CallArg::Pos(expr) | CallArg::Kwarg(_, expr) | CallArg::PosSplat(expr) | CallArg::KwargSplat(expr) => {
                    self.expression(expr);
                }
            }
        }
    }

    /// `a ~ b` becomes a call with two arguments, because what it makes is weighed before it is made.
    fn operation(&mut self, whole: &Expr<'t>, operation: BinOpKind, left: &Expr<'t>, right: &Expr<'t>) {
        let function = match operation {
            BinOpKind::Concat => operators::JOINED,
            BinOpKind::Mul => operators::TIMES,
            BinOpKind::Add => operators::PLUS,
            BinOpKind::Eq
            | BinOpKind::Ne
            | BinOpKind::Lt
            | BinOpKind::Lte
            | BinOpKind::Gt
            | BinOpKind::Gte
            | BinOpKind::In => return self.comparison(whole, &[left, right]),
            BinOpKind::ScAnd
            | BinOpKind::ScOr
            | BinOpKind::Sub
            | BinOpKind::Div
            | BinOpKind::FloorDiv
            | BinOpKind::Rem
            | BinOpKind::Pow => {
                self.expression(left);
                return self.expression(right);
            }
        };
        let operator = self.at(end(left), &|token| matches!(token, Token::Tilde | Token::Mul | Token::Plus));
        self.around(start(whole)..end(whole), format!(" {function}("), ")".to_owned(), |meter| {
            meter.expression(left);
            meter.edits.push(Edit { at: operator, taken: 1, put: ",".to_owned() });
            meter.expression(right);
        });
    }

    /// Operands of which two can be large are weighed: with a constant, a comparison ends soon.
    fn comparison(&mut self, whole: &Expr<'t>, operands: &[&Expr<'t>]) {
        // The place of a comparison is that of the token before it.
        let mut from = self.after(start(whole), &|_| true);
        for (index, operand) in operands.iter().enumerate() {
            let is_operator = |token: &Token<'_>| {
                matches!(
                    token,
                    Token::Eq
                        | Token::Ne
                        | Token::Lt
                        | Token::Lte
                        | Token::Gt
                        | Token::Gte
                        | Token::Ident("in" | "not")
                )
            };
            let is_last = index + 1 == operands.len();
            let to = if is_last { end(whole) } else { self.at(end(operand), &is_operator) };
            self.read(operand, from..to);
            if !is_last {
                from = self.after(to, &|token| is_operator(token) && !matches!(token, Token::Ident("not")));
            }
        }
    }

    /// An index: of a list or a map it is found at once, in what only can be gone through it is searched for.
    fn item(&mut self, whole: &Expr<'t>, container: &Expr<'t>, subscript: &Expr<'t>) {
        let bracket = |token: &Token<'_>| matches!(token, Token::BracketOpen | Token::Dot);
        let open = self.at(end(container), &bracket);
        if matches!(subscript, Expr::Const(constant) if constant.value.as_str().is_some()) {
            return self.expression(container);
        }
        self.call(operators::INDEXED, start(whole)..open, |meter| meter.expression(container));
        self.read(subscript, self.after(open, &bracket)..end(whole) - 1);
    }

    /// A value that is read whole.
    fn read(&mut self, expression: &Expr<'t>, range: Range<usize>) {
        if !matches!(expression, Expr::Const(_)) {
            self.call(operators::READ, range, |meter| meter.expression(expression));
        }
    }

    /// Writes a call around a range, which is one argument whatever commas it has, and in between what belongs inside.
    fn call(&mut self, function: &str, range: Range<usize>, inside: impl FnOnce(&mut Self)) {
        self.around(range, format!(" {function}(("), "))".to_owned(), inside);
    }

    /// The same with a number as the second argument.
    fn call_with(&mut self, function: &str, range: Range<usize>, number: usize, inside: impl FnOnce(&mut Self)) {
        self.around(range, format!(" {function}(("), format!("),{number}) "), inside);
    }

    fn around(&mut self, range: Range<usize>, before: String, behind: String, inside: impl FnOnce(&mut Self)) {
        self.edits.push(Edit { at: range.start, taken: 0, put: before });
        inside(self);
        self.edits.push(Edit { at: range.end, taken: 0, put: behind });
    }

    /// Where the next token begins, from a place on, that is a certain one.
    fn at(&self, from: usize, is: &dyn Fn(&Token<'_>) -> bool) -> usize {
        self.next(from, is).map_or(from, |span| span.start_offset as usize)
    }

    /// Where it ends.
    fn after(&self, from: usize, is: &dyn Fn(&Token<'_>) -> bool) -> usize {
        self.next(from, is).map_or(from, |span| span.end_offset as usize)
    }

    fn next(&self, from: usize, is: &dyn Fn(&Token<'_>) -> bool) -> Option<&Span> {
        let first = self.tokens.partition_point(|(_, span)| (span.start_offset as usize) < from);
        self.tokens[first..].iter().find(|(token, _)| is(token)).map(|(_, span)| span)
    }
}

/// Where an expression begins. That of an attribute, an index or a call behind another one is the place of the other.
fn start(expression: &Expr<'_>) -> usize {
    let own = expression.span().start_offset as usize;
    match expression {
        Expr::GetAttr(inner) => own.min(start(&inner.expr)),
        Expr::GetItem(inner) => own.min(start(&inner.expr)),
        Expr::Slice(inner) => own.min(start(&inner.expr)),
        Expr::Call(inner) => own.min(start(&inner.expr)),
        _ => own,
    }
}

fn end(expression: &Expr<'_>) -> usize {
    expression.span().end_offset as usize
}

/// How much text a body writes at most, loops in it and values left out.
fn written(body: &[Stmt<'_>]) -> usize {
    let one = |statement: &Stmt<'_>| match statement {
        Stmt::EmitRaw(raw) => raw.raw.len(),
        Stmt::Include(_) => INCLUDED,
        Stmt::IfCond(cond) => written(&cond.true_body).max(written(&cond.false_body)),
        Stmt::ForLoop(each) => written(&each.else_body),
        Stmt::WithBlock(with) => written(&with.body),
        Stmt::SetBlock(set) => written(&set.body),
        Stmt::AutoEscape(escape) => written(&escape.body),
        Stmt::FilterBlock(block) => written(&block.body),
        Stmt::Block(block) => written(&block.body),
        Stmt::Template(_)
        | Stmt::EmitExpr(_)
        | Stmt::Set(_)
        | Stmt::Import(_)
        | Stmt::FromImport(_)
        | Stmt::Extends(_)
        | Stmt::Do(_) => 0,
    };
    body.iter().map(one).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compiled(text: &str) -> Metered<'_> {
        metered(text, &super::super::syntax())
    }

    #[test]
    fn operators_become_calls() {
        for (text, expected) in [
            ("{{ a ~ b }}", "{{  __render_joined(a , b) }}"),
            ("{{ (a) + b * 2 }}", "{{  __render_plus((a) ,  __render_times(b , 2)) }}"),
            ("{{ a == 'b' }}", "{{ __render_read(( a )) == 'b' }}"),
            ("{{ a not in b }}", "{{ __render_read(( a )) not in __render_read(( b)) }}"),
            ("{{ a.b['c'] }}", "{{ a.b['c'] }}"),
            ("{{ a.b[0][c] }}", "{{  __render_indexed(( __render_indexed((a.b))[0]))[ __render_read((c))] }}"),
            ("{{ a.b[1:] }}", "{{  __render_read((a.b))[1:] }}"),
            ("{% set a, b = c, d %}", "{% set a, b = __render_read(( c, d )) %}"),
            ("{{ {a: 1}|f(-b) }}", "{{ { __render_read((a)): 1}|f(-b) }}"),
            ("{{ a|f(b.c) and not d or e - 1 }}", "{{ a|f(b.c) and not d or e - 1 }}"),
        ] {
            let found = compiled(text).text.into_owned();
            let words = |text: &str| text.split_whitespace().collect::<String>();
            assert_eq!(words(&found), words(expected), "{found}");
        }
    }

    #[test]
    fn a_loop_says_how_much_each_turn_writes() {
        let text = "{% for a in b if c %}12345{% if a %}1{% else %}123{% endif %}{% endfor %}";
        assert!(compiled(text).text.contains("__render_turns(( b ),8)"), "{}", compiled(text).text);
    }

    #[test]
    fn places_lead_back_to_what_was_written() {
        let text = "{% set x = one ~ two[three] == {four ~ five: six} %}{{ seven ~ eight * nine }}";
        let metered = compiled(text);
        for name in ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"] {
            let at = metered.text.find(name).unwrap();
            let written = metered.written(&(at..at + name.len()));
            assert_eq!(&text[written], name, "{}", metered.text);
        }
        let call = metered.text.find("__render_times").unwrap();
        let end = call + metered.text[call..].find(')').unwrap() + 1;
        assert_eq!(&text[metered.written(&(call..end))], "eight * nine");
    }
}
