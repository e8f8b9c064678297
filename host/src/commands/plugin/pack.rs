//! `render plugin pack`: what the sdk's macro does for Rust, for every other language. The description goes into the
//! component as a custom section, and nothing is written that the host would refuse.

mod module;

use wasm_encoder::{CustomSection, Encode, Section};
use wasmparser::{BinaryReader, BinaryReaderError, Encoding, Parser, Payload, Validator};

use render_files::By;
use render_pipeline::emit;
use render_pipeline::load;
use render_plugins::description::{self, Description, SECTION};
use render_plugins::limits::Limits;
use render_text::diagnostic::{Diagnostic, Failure};
use render_text::hex;

use crate::args::plugin::PackArgs;
use crate::terminal;

/// Puts a description into a component, or into a module, of which it makes a component first.
///
/// # Errors
/// A file that cannot be read or written, and whatever [`packed`] refuses.
pub(super) fn pack(arguments: &PackArgs) -> Result<(), Failure> {
    let limits = Limits::default();
    let component = load::bytes(&arguments.component, By::Person, limits.component_bytes)?;
    let text = load::bytes(&arguments.description, By::Person, limits.description_bytes)?;
    let named = arguments.component.display().to_string();
    let of_file = |error: Diagnostic| Diagnostic { message: format!("{named}: {}", error.message), ..error };
    let (packed, description) = packed(&component, &text, &limits).map_err(of_file)?;
    emit::file(&arguments.output, &packed)?;
    let Description { name, version, .. } = description;
    terminal::say(&format!("{name} {version}: {}, sha256 {}\n", arguments.output.display(), hex::sha256(&packed)))
}

/// The component with this description, in the place of one that it had.
///
/// # Errors
/// What is no valid component or module, and what the host would refuse of a plugin.
fn packed(component: &[u8], description: &[u8], limits: &Limits) -> Result<(Vec<u8>, Description), Diagnostic> {
    let component = if is_module(component) { module::wrapped(component)? } else { component.to_vec() };
    Validator::new().validate_all(&component).map_err(|error| not_valid(&error))?;
    not_compiled_in(&component).map_err(|error| not_valid(&error))??;
    let mut packed = without_description(&component).map_err(|error| not_valid(&error))?;
    let section = CustomSection { name: SECTION.into(), data: description.into() };
    packed.push(section.id());
    section.encode(&mut packed);
    let (description, _) = description::read(&packed, limits)?;
    super::described::keeps_its_promises(&description)?;
    Ok((packed, description))
}

fn is_module(bytes: &[u8]) -> bool {
    let version = Parser::new(0).parse_all(bytes).next();
    matches!(version, Some(Ok(Payload::Version { encoding: Encoding::Module, .. })))
}

pub(super) fn not_valid(error: &BinaryReaderError) -> Diagnostic {
    let (what, place) = (error.message(), error.offset());
    Diagnostic::error(format!("not a valid WebAssembly component: {what} (at byte {place})"))
        .hint("name the file as the build wrote it, whole and unchanged")
}

/// A section inside of a module, where the sdk's macro puts it, cannot be taken out: the module would be another one.
fn not_compiled_in(component: &[u8]) -> Result<Result<(), Diagnostic>, BinaryReaderError> {
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(component) {
        match payload? {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::CustomSection(section) if depth > 0 && section.name() == SECTION => {
                return Ok(Err(Diagnostic::error("its description is compiled in, as the sdk does it")
                    .hint("change the description that it is built with, and build it again")));
            }
            _ => {}
        }
    }
    Ok(Ok(()))
}

/// The component without its own description. What stands outside of sections is eight bytes at the start.
fn without_description(component: &[u8]) -> Result<Vec<u8>, BinaryReaderError> {
    let mut reader = BinaryReader::new(component, 0);
    let mut kept = reader.read_bytes(8)?.to_vec();
    while !reader.eof() {
        let start = reader.original_position();
        let id = reader.read_u8()?;
        let length = reader.read_var_u32()?;
        let content = reader.read_bytes(length as usize)?;
        if id != 0 || BinaryReader::new(content, 0).read_string()? != SECTION {
            kept.extend(component.get(start..reader.original_position()).unwrap_or_default());
        }
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DESCRIPTION: &str = r#"{"name": "acme", "version": "0.1.0", "about": "for tests",
        "schema": {"type": "object", "additionalProperties": false}, "permissions": {}}"#;
    const MODULE: &str = r#"(module
        (memory (export "memory") 1)
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) i32.const 0)
        (func (export "render:plugin/provider@1.0.0#transform") (param i32 i32) (result i32) i32.const 0))"#;

    fn packed_from(component: &[u8], description: &str) -> Result<Vec<u8>, String> {
        let packed = packed(component, description.as_bytes(), &Limits::default());
        packed.map(|(component, _)| component).map_err(|error| error.message)
    }

    fn refused(text: &str) -> String {
        packed_from(&wat::parse_str(text).unwrap(), DESCRIPTION).unwrap_err()
    }

    #[test]
    fn a_module_becomes_a_plugin() {
        let packed = packed_from(&wat::parse_str(MODULE).unwrap(), DESCRIPTION).unwrap();
        let (description, interface) = description::read(&packed, &Limits::default()).unwrap();
        assert_eq!((description.name.as_str(), interface.as_str()), ("acme", "render:plugin/provider@1.0.0"));
    }

    #[test]
    fn packing_again_changes_nothing_and_another_description_takes_the_place_of_the_first() {
        let once = packed_from(&wat::parse_str(MODULE).unwrap(), DESCRIPTION).unwrap();
        assert_eq!(packed_from(&once, DESCRIPTION).as_ref(), Ok(&once));
        let other = packed_from(&once, &DESCRIPTION.replace("acme", "other")).unwrap();
        assert_eq!(description::read(&other, &Limits::default()).unwrap().0.name, "other");
        assert_eq!(packed_from(&other, DESCRIPTION), Ok(once));
    }

    #[test]
    fn a_module_that_lacks_what_the_border_needs_is_refused_with_what_it_lacks() {
        let realloc = "it is a module that exports no `cabi_realloc`";
        assert_eq!(refused(&MODULE.replace("cabi_realloc", "realloc")), realloc);
        let transform = "it is a module that exports no `render:plugin/provider@1.0.0#transform`";
        assert_eq!(refused("(module)"), transform);
        let wasi = MODULE.replace("(module", r#"(module (import "wasi_snapshot_preview1" "fd_write" (func))"#);
        assert_eq!(
            refused(&wasi),
            "it is a module that imports `wasi_snapshot_preview1`, and a plugin may import nothing"
        );
        let types =
            refused(&MODULE.replace("(param i32 i32) (result i32)", "(param i32 i32)").replace("i32.const 0))", "))"));
        assert!(types.starts_with("not a valid WebAssembly component: "), "{types}");
    }

    #[test]
    fn what_the_host_would_refuse_is_not_written() {
        let module = wat::parse_str(MODULE).unwrap();
        let said = packed_from(&module, "{}").unwrap_err();
        assert!(said.starts_with("its description is not what the contract allows: missing field `name`"), "{said}");
        let said = packed_from(b"apiVersion: v1", DESCRIPTION).unwrap_err();
        assert!(said.starts_with("not a valid WebAssembly component: "), "{said}");
        let nested = format!("(component (core module (@custom \"{SECTION}\" \"{{}}\")))");
        assert_eq!(refused(&nested), "its description is compiled in, as the sdk does it");
    }
}
