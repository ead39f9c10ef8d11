//! Any text as a script.
#![no_main]

#[path = "../bodies/script.rs"]
mod script;

use std::cell::RefCell;

use libfuzzer_sys::fuzz_target;
use script::Stage;

thread_local! {
    /// An engine takes longer to make than a text to evaluate.
    static STAGE: RefCell<Stage> = RefCell::new(Stage::new());
}

fuzz_target!(|text: &str| {
    STAGE.with_borrow_mut(|stage| stage.check(text));
});
