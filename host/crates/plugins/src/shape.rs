//! What makes a component slow to compile, counted before it is compiled. The compiler's work grows faster than the
//! component does: instances of instances double with each level, and a function is one problem, however long it is.

use wasmparser::{ComponentInstance, Payload};

use render_text::diagnostic::Diagnostic;

/// Instances that components make of components. A build makes one for each interface; at two on each level these
/// come to some hundreds.
const INSTANCES: usize = 16;
/// Components in the component, at whatever depth: a build has one for each interface, and each level is copied into
/// the one around it.
const COMPONENTS: usize = 100;
/// Types: an interpreter has some hundreds.
const TYPES: usize = 10_000;
/// Functions: an interpreter has some ten thousands.
const FUNCTIONS: usize = 100_000;
/// Bytes of one function: the loop of an interpreter has a tenth.
const FUNCTION_BYTES: usize = 1 << 20;

/// What was counted.
#[derive(Debug, Default)]
pub(super) struct Shape {
    instances: usize,
    components: usize,
    types: usize,
    functions: usize,
    longest: usize,
}

impl Shape {
    /// Counts one part of a component, or of what is nested in it.
    pub(super) fn count(&mut self, payload: &Payload<'_>) {
        match payload {
            Payload::ComponentInstanceSection(section) => {
                let made = |instance: &Result<ComponentInstance<'_>, _>| {
                    matches!(instance, Ok(ComponentInstance::Instantiate { .. }))
                };
                self.instances += section.clone().into_iter().filter(made).count();
            }
            Payload::ComponentSection { .. } => self.components += 1,
            Payload::TypeSection(section) => self.types += section.count() as usize,
            Payload::CoreTypeSection(section) => self.types += section.count() as usize,
            Payload::ComponentTypeSection(section) => self.types += section.count() as usize,
            Payload::FunctionSection(section) => self.functions += section.count() as usize,
            Payload::CodeSectionEntry(body) => self.longest = self.longest.max(body.range().len()),
            _ => {}
        }
    }

    /// Refuses what no build of a plugin has.
    ///
    /// # Errors
    /// Names the first count that is too high.
    pub(super) fn check(&self) -> Result<(), Diagnostic> {
        let counts = [
            (self.instances, INSTANCES, "instances of components"),
            (self.components, COMPONENTS, "components in it"),
            (self.types, TYPES, "types"),
            (self.functions, FUNCTIONS, "functions"),
            (self.longest, FUNCTION_BYTES, "bytes in one function"),
        ];
        let Some((count, most, what)) = counts.into_iter().find(|(count, most, _)| count > most) else { return Ok(()) };
        Err(Diagnostic::error(format!("it has {count} {what}; the limit is {most}"))
            .hint("no build of a plugin has so many; it would take the compiler very long"))
    }
}
