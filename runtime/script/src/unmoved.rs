//! Latencies of outputs that nothing goes to: they move nothing that is heard.

use std::collections::BTreeSet;

use lilt_sequencer::{Generation, Output};

use crate::fault::Fault;
use crate::tokens::{Kind, Token};

/// The name of the sound card among outputs.
const SOUND: &str = "sound";

/// The outputs that `latency` names and nothing goes to, each with its line.
pub(crate) fn unmoved(generation: &Generation, text: &str, tokens: &[Token]) -> Vec<(u32, Fault)> {
    let mut known: BTreeSet<String> = generation.ensemble.clocks.iter().map(ToString::to_string).collect();
    known.insert(SOUND.to_owned());
    known.extend(generation.slots.iter().filter_map(|slot| match &slot.output {
        Output::Midi { port, .. } => Some(port.clone()),
        Output::Osc(target) => Some(format!("{}:{}", target.host, target.port)),
        _ => None,
    }));
    let unknown = generation.ensemble.latencies.iter().filter(|(name, _)| !known.contains(&**name));
    let told = unknown.filter_map(|(name, _)| {
        // A name that is worked out stands nowhere in the text.
        let token = tokens.iter().find(|token| {
            token.kind == Kind::Text && token.text(text).trim_matches(['"', '\'']) == &**name
        })?;
        let fault = Fault::new(format!("nothing goes to \"{name}\": its latency moves nothing"));
        let fault = fault.at(token.at.clone());
        let help = match lilt_score::nearest(name, known.iter().map(String::as_str)) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => "name an output that a slot goes to, or \"sound\" for the sound card".to_owned(),
        };
        Some((token.line, fault.help(help)))
    });
    told.collect()
}
