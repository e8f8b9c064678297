//! Plugins for tests, without a toolchain: a component that answers the same text to every request, or
//! runs a few lines of core WebAssembly.

use std::fmt::Write;

/// A component that answers `answer`, whatever it is asked.
pub(crate) fn answering(description: &str, answer: &str) -> Vec<u8> {
    let core = format!(
        "(data (i32.const 65536) {})\n(func (export \"transform\") (param i32 i32) (result i32)\n\
         (i32.store (i32.const 0) (i32.const 65536)) (i32.store (i32.const 4) (i32.const {}))\n(i32.const 0))",
        quoted(answer),
        answer.len()
    );
    running(description, &core)
}

/// A component around the core code of `transform`: it gets address and length of the request, and
/// returns the address of two words, the address and the length of its answer. The first page of memory
/// is free, the second is for data, and requests are put behind them.
pub(crate) fn running(description: &str, core: &str) -> Vec<u8> {
    whole(description, core, "")
}

/// A component that answers nothing, and something else in it.
pub(crate) fn beside(description: &str, something: &str) -> Vec<u8> {
    let core = "(func (export \"transform\") (param i32 i32) (result i32) (i32.const 0))";
    whole(description, core, something)
}

fn whole(description: &str, core: &str, something: &str) -> Vec<u8> {
    let text = format!(
        r#"(component
          (core module $plugin
            (memory (export "memory") 64)
            (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1048576))
            {core})
          (core instance $i (instantiate $plugin))
          (func $transform (param "request" string) (result string)
            (canon lift (core func $i "transform") (memory $i "memory") (realloc (func $i "realloc"))))
          (instance $provider (export "transform" (func $transform)))
          (export "render:plugin/provider@1.0.0" (instance $provider))
          {something}
          (@custom "render:description" {}))"#,
        quoted(description)
    );
    wat::parse_str(text).expect("the fixture is valid WebAssembly text")
}

/// A description with a name and permissions; the section may hold anything.
pub(crate) fn description(name: &str, permissions: &str) -> String {
    format!(
        r#"{{"name":"{name}","version":"0.1.0","about":"for tests","schema":{{"type":"object"}},"permissions":{permissions}}}"#
    )
}

/// A text as a string of WebAssembly text.
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for byte in text.bytes() {
        write!(quoted, "\\{byte:02x}").expect("a string takes everything");
    }
    quoted + "\""
}
