//! `lilt doc`: explains the names of the language.

use std::path::Path;

use lilt_script::reference;

use crate::command_line::{Doc, Stubs};
use crate::commands::{sound_fonts, sounds};
use crate::failure::Failure;
use crate::place;

/// Explains one name, or lists them all with a line each.
pub fn doc(words: Doc) -> Result<(), Failure> {
    let documentation = lilt_script::documentation();
    let made = match (words.reference, words.stubs) {
        (true, _) => Some(reference::page(&documentation)),
        (false, Some(Stubs::Luau)) => Some(reference::luau(&documentation)),
        (false, Some(Stubs::Lua)) => Some(reference::lua(&documentation)),
        (false, None) => None,
    };
    if let Some(made) = made {
        print!("{made}");
        return Ok(());
    }
    let Some(name) = words.name else {
        for entry in &documentation {
            println!("{:<44} {}", entry.signature, entry.summary);
        }
        return Ok(());
    };
    if name == "sounds" {
        println!("{}", sounds::page(&place::sounds(Path::new("set.lua"), &[])));
        return Ok(());
    }
    if let Some((file, None)) = sound_fonts::split(&name) {
        println!("{}", sound_fonts::page(file)?);
        return Ok(());
    }
    let page = lilt_script::subject(&name);
    if let Some(page) = &page {
        println!("{page}");
    }
    // As it stands in a script: `:fast`, `tempo()`.
    let name = name.trim_start_matches(':').split(['(', ' ']).next().unwrap_or(&name).to_string();
    let found: Vec<_> = documentation.iter().filter(|entry| entry.answers_to(&name)).collect();
    if found.is_empty() && page.is_none() {
        if let Some(told) = lilt_script::other_words(&name) {
            return Err(Failure::Use(told));
        }
        let whole = documentation.iter().map(|entry| entry.name.as_str());
        let own = |entry: &str| entry.split_once([':', '.']).map_or(0, |(owner, _)| owner.len() + 1);
        let names: Vec<&str> = whole.clone().chain(whole.map(|entry| &entry[own(entry)..])).collect();
        let near = lilt_score::nearest(&name, names.iter().copied());
        let near = near.map_or(String::new(), |near| format!(": did you mean `{near}`?"));
        return Err(Failure::Use(format!(
            "no name `{name}` in the language{near} (`lilt doc` lists them all)"
        )));
    }
    for entry in found {
        println!("{}\n\n  {}", entry.signature, entry.summary);
        for (parameter, text) in &entry.params {
            println!("  {parameter:<12} {text}");
        }
        println!("\n{}\n", indented(&entry.example));
    }
    Ok(())
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n")
}
