//! Recorded sounds: from files and folders to frames in memory. No device, no script.
//!
//! - [`decode::read`] makes a [`Sample`] of a file, or a [`SampleError`] that a musician understands.
//! - A [`Bank`] knows which names there are and which file `breaks:2` is; it opens no sound.
//! - A [`Library`] holds a bank's sounds in memory. Whoever plays asks [`Library::get`], which answers at once:
//!   loaded, loading, or failed and why. A thread of its own reads; [`Library::wakes`] tells when to ask again,
//!   [`Library::arrived`] what came, errors included.
//! - [`Sample::slices`], [`Sample::speed_to_last`] and [`onsets`] are what `chop`, `slice`, `fit` and `loopAt` need.
//! - A [`SoundFont`] lists the instruments of an .sf2 file by name; the library reads one as a [`FontInstrument`].
//!
//! ```no_run
//! use lilt_samples::{Bank, DEFAULT_BUDGET, Library, SoundName, State};
//!
//! let bank = Bank::beside("sets/friday".as_ref(), ["/music/Dirt-Samples".into()]);
//! let mut library = Library::new(bank, DEFAULT_BUDGET)?;
//! match library.get(&SoundName::parse("breaks:2")?) {
//!     State::Loaded(sample) => println!("{} s at {} Hz", sample.seconds(), sample.rate()),
//!     State::Loading => println!("silent until library.wakes() says that something came"),
//!     State::Failed(error) => println!("{error}"),
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod bank;
pub mod decode;
mod error;
mod font_instrument;
mod fonts;
mod library;
mod listing;
mod loader;
mod name;
mod onsets;
mod sample;
mod sniff;
mod sound;
mod sound_font;
mod starter;
mod strudel;

pub use bank::{Bank, Root};
pub use decode::{MAX_BYTES, MAX_SECONDS};
pub use error::SampleError;
pub use font_instrument::{FontEnvelope, FontFilter, FontInstrument, FontVibrato, Region};
pub use fonts::Fonts;
pub use library::{Arrival, DEFAULT_BUDGET, Instruments, Library, QUEUE, State};
pub use lilt_score::GENERAL_MIDI;
pub use listing::MAX_SOUNDS;
pub use loader::Guard;
pub use name::SoundName;
pub use onsets::onsets;
pub use sample::Sample;
pub use sound::{FontSource, Sound, Source};
pub use sound_font::{DRUM_BANK, Preset, PresetQuery, SoundFont, SoundFontError};
