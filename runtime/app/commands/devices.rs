//! `lilt devices`: the sound cards and MIDI ports of this machine.

use crate::failure::Failure;

/// Lists what can be named after `--audio` and `--midi`, and in scripts after `midi` and `midi_in`.
pub fn devices() -> Result<(), Failure> {
    list("sound cards", lilt_audio::devices());
    list("MIDI ports to play on", lilt_midi::ports());
    list("MIDI ports to listen to", lilt_midi::input_ports());
    Ok(())
}

fn list<E: std::fmt::Display>(what: &str, found: Result<Vec<String>, E>) {
    match found {
        Ok(names) if names.is_empty() => println!("{what}: none"),
        Ok(names) => {
            println!("{what}:");
            for name in names {
                println!("  {name}");
            }
        }
        Err(error) => println!("{what}: {error}"),
    }
}
