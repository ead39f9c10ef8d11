//! Any text as mini-notation.
#![no_main]

#[path = "../bodies/notation.rs"]
mod notation;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    notation::check(text);
});
