//! Luau's errors in plain words.

use mlua::{Error, Value};

use crate::diagnostic::{Diagnostic, Severity};
use crate::fault::Fault;
use crate::files::{Files, Place};
use crate::parse_errors;

/// What a failed run raised, as a diagnostic. `thrown` is the performer's line
/// that was running when it was raised, `main` the file that was evaluated.
pub(crate) fn raised(value: &Value, thrown: Option<Place>, files: &Files, main: &str) -> Diagnostic {
    let start = || Place { file: main.to_owned(), line: 1 };
    match value {
        Value::Error(error) => error_diagnostic(error, thrown, files, main),
        Value::String(text) => {
            let text = text.to_string_lossy();
            let (place, message) = files.split_place(&text);
            // Inside the standard library Luau's own place is of no use to the performer.
            let message = if place.is_none() { strip_foreign_place(message) } else { message };
            let place = place.or(thrown).unwrap_or_else(start);
            files.diagnostic(plain(message), &place, Severity::Error)
        }
        other => {
            let what = crate::options::described(other);
            let fault = Fault::new(format!("the script raised {what} as an error"))
                .help("write error(\"…\") with a text that says what is wrong");
            files.diagnostic(fault, &thrown.unwrap_or_else(start), Severity::Error)
        }
    }
}

/// The diagnostic of an error that came back through mlua.
pub(crate) fn error_diagnostic(
    error: &Error,
    thrown: Option<Place>,
    files: &Files,
    main: &str,
) -> Diagnostic {
    let place = || thrown.clone().unwrap_or_else(|| Place { file: main.to_owned(), line: 1 });
    let fault = match error {
        // Where Lua calls Rust that calls Lua, the innermost trace is nearest to the fault.
        Error::CallbackError { cause, traceback } => {
            let inner = traceback.lines().find_map(|frame| files.split_place(frame.trim()).0);
            return error_diagnostic(cause, inner.or(thrown), files, main);
        }
        Error::WithContext { cause, .. } => return error_diagnostic(cause, thrown, files, main),
        Error::ExternalError(error) => {
            if let Some(diagnostic) = error.downcast_ref::<Diagnostic>() {
                return diagnostic.clone();
            }
            match error.downcast_ref::<Fault>() {
                Some(fault) => fault.clone(),
                None => Fault::new(error.to_string()),
            }
        }
        Error::SyntaxError { message, .. } => return parse_errors::syntax(message, files, main),
        Error::RuntimeError(message) => {
            let (at, message) =
                files.split_place(message.split("\nstack traceback:").next().unwrap_or(message));
            return files.diagnostic(plain(message), &at.unwrap_or_else(place), Severity::Error);
        }
        Error::MemoryError(_) => out_of_memory(),
        Error::BadArgument { name: Some(name), .. } if name == "self" => {
            Fault::new("a method is called with a dot").help("write a colon, as in tune:transpose(12)")
        }
        Error::BadArgument { pos, cause, .. } => {
            let cause = match &**cause {
                Error::FromLuaConversionError { from, to, .. } => format!("expected a {to}, got a {from}"),
                other => other.to_string(),
            };
            Fault::new(format!("argument {pos}: {cause}"))
        }
        Error::FromLuaConversionError { from, to, .. } => {
            Fault::new(format!("expected a {to}, got a {from}"))
        }
        other => Fault::new(other.to_string()),
    };
    files.diagnostic(fault, &place(), Severity::Error)
}

/// What the performer reads when the memory is full.
pub(crate) fn out_of_memory() -> Fault {
    Fault::new("the script needs more memory than it may have")
        .help("look for a table or a text that grows without end")
}

/// The signs of arithmetic, by what Luau calls what they do.
const SIGNS: &[(&str, &[&str])] = &[
    ("add", &["+", "+="]),
    ("sub", &["-", "-="]),
    ("mul", &["*", "*="]),
    ("div", &["/", "/="]),
    ("idiv", &["//", "//="]),
    ("mod", &["%"]),
    ("pow", &["^"]),
    ("unm", &["-"]),
];

/// Luau's words for what went wrong while running, for a musician.
fn plain(message: &str) -> Fault {
    let quoted = |text: &str| text.split('\'').nth(1).map(str::to_owned);
    if let Some(rest) = message.strip_prefix("attempt to index ") {
        let what = rest.split(" with ").next().unwrap_or(rest);
        let fault = match quoted(rest) {
            Some(field) => Fault::new(format!("`{field}` is asked of {}", article(what))).name(field),
            None => Fault::new(format!("{} has nothing inside to look up", article(what))),
        };
        return fault.help(format!("what stands before it is {}", article(what)));
    }
    if let Some(rest) = message.strip_prefix("attempt to call missing method ") {
        let method = quoted(rest).unwrap_or_default();
        let fault = Fault::new(format!("there is no method `{method}` here"));
        let is_function = crate::documentation().iter().any(|doc| doc.name == method);
        let help = format!("write {method}(…) around what stands before it");
        return if is_function { fault.help(help) } else { fault }.name(method);
    }
    if let Some(rest) = message.strip_prefix("attempt to call ") {
        let what = rest.trim_start_matches("a ").trim_end_matches(" value");
        let fault = Fault::new(format!("{} is called as if it were a function", article(what)));
        return fault.help("look at the name before the bracket: it may be misspelt, or not set yet").call();
    }
    if let Some(rest) = message.strip_prefix("attempt to perform arithmetic ") {
        let (operation, what) = rest.split_once(" on ").unwrap_or(("", rest));
        let signs =
            SIGNS.iter().find(|(name, _)| operation == format!("({name})")).map_or(&[][..], |(_, s)| s);
        return Fault::new(format!("cannot calculate with {}", articles(what))).among(signs);
    }
    if let Some(what) = message.strip_prefix("attempt to compare ") {
        return Fault::new(format!(
            "cannot compare {}",
            articles(&what.replace(" < ", " and ").replace(" <= ", " and "))
        ))
        .among(&["<", "<=", ">", ">="]);
    }
    if let Some(what) = message.strip_prefix("attempt to concatenate ") {
        let what = articles(&what.replace(" with ", " and "));
        return Fault::new(format!("cannot join {what} with ..")).among(&["..", "..="]);
    }
    if let Some(what) = message.strip_prefix("attempt to get length of ") {
        return Fault::new(format!(
            "{} has no length",
            article(what.trim_start_matches("a ").trim_end_matches(" value"))
        ))
        .among(&["#"]);
    }
    if let Some(what) = message.strip_prefix("attempt to iterate over ") {
        let what = article(what.trim_start_matches("a ").trim_end_matches(" value"));
        return Fault::new(format!("a for loop cannot walk through {what}"))
            .help("give it a table")
            .among(&["in"]);
    }
    if message.starts_with("attempt to modify a readonly table") {
        return Fault::new("this table belongs to Lilt and cannot be changed")
            .help("make a table of your own");
    }
    if message.starts_with("stack overflow") || message.starts_with("C stack overflow") {
        return Fault::new("a function calls itself without end").help("give it a case in which it stops");
    }
    if message.starts_with("not enough memory") {
        return out_of_memory();
    }
    if let Some((number, rest)) = argument(message) {
        let name = quoted(rest).unwrap_or_default();
        let reason = rest.split_once('(').and_then(|(_, r)| r.strip_suffix(')')).unwrap_or(rest);
        return Fault::new(format!("`{name}`: argument {number}: {reason}")).name(name);
    }
    Fault::new(message)
}

fn argument(message: &str) -> Option<(&str, &str)> {
    let rest =
        message.strip_prefix("invalid argument #").or_else(|| message.strip_prefix("missing argument #"))?;
    rest.split_once(" to ")
}

/// `nil` stays, `number` becomes `a number`.
fn article(what: &str) -> String {
    match what.trim() {
        "nil" => "nil (nothing)".to_owned(),
        "userdata" => "a value of Lilt".to_owned(),
        what => format!("a {what}"),
    }
}

/// The same for `nil and number`.
fn articles(what: &str) -> String {
    what.split(" and ").map(article).collect::<Vec<_>>().join(" and ")
}

/// Takes a place in the standard library off the front of a message.
fn strip_foreign_place(message: &str) -> &str {
    let Some(rest) = message.strip_prefix(crate::files::STDLIB) else { return message };
    let mut parts = rest.splitn(3, ':');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(_), Some(line), Some(words)) if line.bytes().all(|b| b.is_ascii_digit()) => words.trim_start(),
        _ => message,
    }
}
