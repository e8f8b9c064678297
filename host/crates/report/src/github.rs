//! Findings for GitHub Actions: workflow commands, of which each becomes an annotation beside the line.
//! Their syntax is documented under "Workflow commands for GitHub Actions".

use super::finding::{Document, Finding, Level, Location, Related};
use super::plain::places;

/// One line for each finding.
pub(super) fn text(document: &Document) -> String {
    document.findings.iter().map(line).collect()
}

fn line(finding: &Finding) -> String {
    let command = if finding.severity == Level::Error { "error" } else { "warning" };
    let mut properties = finding.location.as_ref().map_or_else(Vec::new, place);
    properties.extend(finding.code.as_ref().map(|code| format!("title={}", property(code))));
    let space = if properties.is_empty() { "" } else { " " };
    format!("::{command}{space}{}::{}\n", properties.join(","), data(&message(finding)))
}

fn place(location: &Location) -> Vec<String> {
    let Location { file, line, column, end_line, end_column } = location;
    // A range over several lines has no columns: GitHub refuses them there.
    let mut properties =
        vec![format!("file={}", property(file)), format!("line={line}"), format!("endLine={end_line}")];
    if line == end_line {
        properties.extend([format!("col={column}"), format!("endColumn={}", end_column.max(&(column + 1)))]);
    }
    properties
}

fn message(finding: &Finding) -> String {
    let related = |Related { message, location }: &Related| {
        format!("{}:{}:{}: {message}", location.file, location.line, location.column)
    };
    let help = finding.help.as_ref().map(|help| format!("help: {help}"));
    let lines = std::iter::once(finding.message.clone()).chain(finding.related.iter().map(related)).chain(help);
    let lines = lines.chain(places(&finding.environments));
    lines.collect::<Vec<_>>().join("\n")
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
