//! A core module as a component. The interface is one function from text to text, so the component around it is always
//! the same, and a language needs no tool for components to write a plugin: its compiler for WebAssembly is enough.

use wasm_encoder::{
    Alias, CanonicalFunctionSection, CanonicalOption, Component, ComponentAliasSection, ComponentExportKind,
    ComponentExportSection, ComponentInstanceSection, ComponentSectionId, ComponentTypeSection, ComponentValType,
    ExportKind, InstanceSection, ModuleArg, PrimitiveValType, RawSection,
};
use wasmparser::{BinaryReaderError, Parser, Payload};

use render_objects::manifest::list;
use render_plugins::description::INTERFACE;
use render_text::diagnostic::Diagnostic;

use super::not_valid;

/// The version of the interface that is meant where a module exports none.
const VERSION: &str = "1.0.0";
const TRANSFORM: &str = "#transform";
const REALLOC: &str = "cabi_realloc";
const MEMORY: &str = "memory";

/// A component around a module that exports its memory, `cabi_realloc` and
/// `render:plugin/provider@1.0.0#transform`, which are the canonical ABI's names.
///
/// # Errors
/// A module that imports anything, or exports less.
pub(super) fn wrapped(module: &[u8]) -> Result<Vec<u8>, Diagnostic> {
    let Border { imports, exports } = border(module).map_err(|error| not_valid(&error))?;
    if !imports.is_empty() {
        let names = list(imports.iter().map(|name| format!("`{name}`")));
        return Err(Diagnostic::error(format!("it is a module that imports {names}, and a plugin may import nothing"))
            .hint("build it without a system library: for `wasm32-freestanding`, or `wasm32-unknown-unknown`"));
    }
    let transform = exports.iter().find(|name| name.starts_with(INTERFACE) && name.ends_with(TRANSFORM));
    let wanted = format!("{INTERFACE}{VERSION}{TRANSFORM}");
    let transform = transform.ok_or_else(|| lacks(&wanted))?;
    for wanted in [MEMORY, REALLOC] {
        exports.iter().find(|name| **name == wanted).ok_or_else(|| lacks(wanted))?;
    }
    let after = format!("cabi_post_{transform}");
    Ok(component(module, transform, exports.contains(&after.as_str()).then_some(after.as_str())))
}

fn lacks(export: &str) -> Diagnostic {
    Diagnostic::error(format!("it is a module that exports no `{export}`")).hint(format!(
        "export `{INTERFACE}{VERSION}{TRANSFORM}`, `{REALLOC}` and `{MEMORY}`, as the canonical ABI has them, or name a component"
    ))
}

/// What a module takes, by the names of the modules, and what it gives.
#[derive(Default)]
struct Border<'a> {
    imports: Vec<&'a str>,
    exports: Vec<&'a str>,
}

fn border(module: &[u8]) -> Result<Border<'_>, BinaryReaderError> {
    let mut border = Border::default();
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    border.imports.push(import?.module);
                }
            }
            Payload::ExportSection(exports) => {
                for export in exports {
                    border.exports.push(export?.name);
                }
            }
            _ => {}
        }
    }
    border.imports.dedup();
    Ok(border)
}

/// The sections, in the order in which each needs what stands before it. The numbers are their places in it.
fn component(module: &[u8], transform: &str, after: Option<&str>) -> Vec<u8> {
    let mut component = Component::new();
    component.section(&RawSection { id: ComponentSectionId::CoreModule.into(), data: module });
    let mut instances = InstanceSection::new();
    instances.instantiate(0, std::iter::empty::<(&str, ModuleArg)>());
    component.section(&instances);
    let mut aliases = ComponentAliasSection::new();
    let mut alias = |name, kind| _ = aliases.alias(Alias::CoreInstanceExport { instance: 0, kind, name });
    alias(MEMORY, ExportKind::Memory);
    [REALLOC, transform].into_iter().chain(after).for_each(|name| alias(name, ExportKind::Func));
    component.section(&aliases);
    let string = ComponentValType::Primitive(PrimitiveValType::String);
    let mut types = ComponentTypeSection::new();
    types.function().params([("request", string)]).result(Some(string));
    component.section(&types);
    let mut lift = CanonicalFunctionSection::new();
    let options = [CanonicalOption::UTF8, CanonicalOption::Memory(0), CanonicalOption::Realloc(0)];
    let after = after.map(|_| CanonicalOption::PostReturn(2));
    lift.lift(1, 0, options.into_iter().chain(after).collect::<Vec<_>>());
    component.section(&lift);
    let mut provider = ComponentInstanceSection::new();
    provider.export_items([("transform", ComponentExportKind::Func, 0)]);
    component.section(&provider);
    let mut exports = ComponentExportSection::new();
    exports.export(transform.trim_end_matches(TRANSFORM), ComponentExportKind::Instance, 0, None);
    component.section(&exports);
    component.finish()
}
