//! Turns what can go wrong below the script into a diagnostic about the script.

use lilt_editor::protocol;
use lilt_score::QueryError;
use lilt_script::{Diagnostic, Severity};
use lilt_sequencer::{Notice, PlanError};

/// A pattern that failed while it was planned or played, as a diagnostic.
/// A failure that came from a performer's function names its own place.
pub fn of_query(error: QueryError, file: &str, line: u32) -> Diagnostic {
    match error {
        QueryError::Failed(source) => match source.downcast::<Diagnostic>() {
            Ok(diagnostic) => *diagnostic,
            Err(other) => Diagnostic::at_line(file, line, other.to_string()),
        },
        late @ QueryError::Late => Diagnostic::at_line(file, line, late.to_string()),
    }
}

/// A generation that cannot be planned, as a diagnostic.
pub fn of_plan(error: PlanError, file: &str) -> Diagnostic {
    let line = error.line().unwrap_or(1);
    match error {
        PlanError::Failed { error, .. } => of_query(error, file, line),
        other => Diagnostic::at_line(file, line, other.to_string()),
    }
}

/// What a slot got only in part while it played, as a warning about its line.
pub fn of_notice(notice: &Notice, file: &str) -> Diagnostic {
    let told = Diagnostic::at_line(file, notice.line, notice.to_string());
    Diagnostic { severity: Severity::Warning, ..told }
}

/// The same diagnostic in the words of the editors' protocol.
pub fn for_editor(diagnostic: &Diagnostic) -> protocol::Diagnostic {
    protocol::Diagnostic {
        severity: match diagnostic.severity {
            Severity::Error => protocol::Severity::Error,
            Severity::Warning => protocol::Severity::Warning,
        },
        file: diagnostic.file.clone(),
        line: diagnostic.line,
        column: diagnostic.column,
        end_column: diagnostic.end_column,
        message: diagnostic.message.clone(),
        help: diagnostic.help.clone(),
    }
}
