//! `stream`: music without end, made while it plays.

use lilt_inference::{Defaults, Length, Medium, Sampling, Setting};
use lilt_sequencer::{EvidenceSource, Instrument};
use mlua::{IntoLua, Lua, Value};

use crate::bind::draw::Drawings;
use crate::bind::model::{DEFAULTS, ModelValue};
use crate::context::context;
use crate::fault::Fault;
use crate::fingerprint::Fingerprint;
use crate::music::Music;
use crate::stream::Stream;

pub(super) const DOCS: &[&str] = &["model:stream(options)
Music without end: a pattern that the model makes a few bars ahead of what you hear, each part going on from the sixteen bars or more before it. It is no loop: each part is made anew. A model may still repeat a phrase, as tunes do, and the same seed gives the same stream. It begins where its slot begins to play it, and edits of anything else leave it going. Of a model of drawings, a drawing in each bar that goes on where the one before has left the pen, which never ends.
@param bars how many bars are made at a time, 1 to 16; 2 when left out
@param points of drawings, in place of bars: the most points of one, 1 to 4096; 256 when left out
@param temperature 0 to 4; 1 when left out
@param seed another number, another stream; from the script's seed when left out
@example play(\"lead\", model(\"folk\"):stream { seed = 3, temperature = 0.9 })"];

/// How many bars are made at a time when the script does not say.
const BARS: u32 = 2;

/// Most bars that are made at a time: what is made is committed to, and slow models must keep up.
const MOST_BARS: u32 = 16;

/// The stream of `this` that the script's options describe.
pub(super) fn stream(lua: &Lua, this: &ModelValue, written: &Value) -> mlua::Result<Value> {
    let verb = "stream";
    this.must(verb, this.model.continues().is_some())?;
    // A stream is made in whole bars, not in notes.
    let own = this.model.description().call_options.iter().filter(|option| option.name != "notes");
    let own: Vec<_> = own.cloned().collect();
    let sampling = this.sampling(lua, verb, written, &own, 0, Defaults { bars: Some(BARS), ..DEFAULTS })?;
    if sampling.bars() > MOST_BARS {
        let fault =
            Fault::new(format!("`bars` is {}: a stream is made 1 to {MOST_BARS} at a time", sampling.bars()));
        return Err(fault.name("bars").into());
    }
    let sampling = if own.iter().any(|option| option.name == ENDS) { endless(&sampling)? } else { sampling };
    let context = context(lua)?;
    let origin = context.origin(lua, verb)?;
    let print = print(this, &sampling);
    let stream = Stream::of(&context, &this.model, sampling, print.value());
    let opening = this.request(lua, verb, stream.opening()?)?;
    if this.medium() == Medium::Drawing {
        return Drawings::new(stream.drawings(opening, origin), print).into_lua(lua);
    }
    let pattern = std::rc::Rc::clone(&stream).music(opening, origin);
    let mut music = Music::new(pattern, print, Instrument::Pluck);
    music.stream = Some(music.print);
    music.model = Some(std::rc::Rc::clone(&this.name));
    music.evidence = EvidenceSource::new(move || stream.evidence());
    music.into_lua(lua)
}

/// The option of a model of drawings that says when a drawing ends.
const ENDS: &str = "ends";

/// The same for a pen that goes on and on, unless the script says when it ends: a drawing that ends leaves nothing to
/// be gone on from.
fn endless(sampling: &Sampling) -> Result<Sampling, Fault> {
    let mut conditions = sampling.conditions().clone();
    if conditions.settings.word(ENDS).is_none() {
        conditions.settings = conditions.settings.with(ENDS, Setting::Word("never".to_owned()));
    }
    Sampling::of(sampling.length(), sampling.temperature(), sampling.seed(), conditions).map_err(Fault::from)
}

/// Identity of a stream: the model, its conditions and all options.
fn print(this: &ModelValue, sampling: &Sampling) -> Fingerprint {
    let (Length::Bars(count) | Length::Points(count)) = sampling.length();
    let print = Fingerprint::of("stream").number(this.print()).number(count.into());
    let print = print.real(sampling.temperature()).number(sampling.seed());
    print.text(&format!("{:?}", sampling.conditions().settings))
}
