//! Panics, caught at the edge of a thread: they are mistakes of Lilt's own, and no reason for silence.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, set_hook, take_hook};
use std::sync::Once;

/// Longest reason that is told, in characters: one line.
const LONGEST: usize = 200;

thread_local! {
    /// True while [`caught`] guards this thread.
    static GUARDED: Cell<bool> = const { Cell::new(false) };
    /// Where and why this thread panicked last while it was guarded: what comes through the script's VM has
    /// lost its reason on the way.
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Does `work`, which must leave nothing behind that a panic makes wrong.
///
/// # Errors
/// Where in Lilt it panicked and why, in one line. Nothing is printed: that might have to wait for a terminal.
pub fn caught<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    static LISTENING: Once = Once::new();
    // A process has one hook for the panics of all its threads: those that are not guarded here are
    // printed as ever.
    LISTENING.call_once(|| {
        let before = take_hook();
        set_hook(Box::new(move |panic| match GUARDED.get() {
            true => PLACE.set(place(panic)),
            false => before(panic),
        }));
    });
    let outer = GUARDED.replace(true);
    let done = catch_unwind(AssertUnwindSafe(work));
    GUARDED.set(outer);
    done.map_err(|panic| PLACE.take().unwrap_or_else(|| reason(panic.as_ref())))
}

fn place(panic: &PanicHookInfo<'_>) -> Option<String> {
    let reason = reason(panic.payload());
    panic.location().map(|place| format!("{}:{}: {reason}", place.file(), place.line()))
}

fn reason(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_string());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no reason".into());
    let line: String = text.lines().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((cut, _)) => format!("{}…", &line[..cut]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_told_in_one_line_with_its_place() {
        assert_eq!(caught(|| 7), Ok(7));
        let line = line!() + 1;
        let broken = caught::<()>(|| panic!("a note\nof {} beats", 0));
        assert_eq!(broken, Err(format!("runtime/app/live/caught.rs:{line}: a note of 0 beats")));
        let long = caught::<()>(|| panic!("{}", "é".repeat(1000))).map_err(|told| told.chars().count());
        assert!(long.is_err_and(|characters| characters < 300));
    }

    #[test]
    fn what_is_caught_within_leaves_the_outer_guard_standing() {
        let outer = caught::<()>(|| {
            let inner = caught::<()>(|| panic!("inner"));
            assert!(inner.is_err());
            panic!("outer");
        });
        assert!(outer.is_err_and(|told: String| told.ends_with("outer")));
    }
}
