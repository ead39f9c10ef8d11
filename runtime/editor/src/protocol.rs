//! The messages between an editor's language server and the host that plays a script.
//!
//! One JSON object a line on a Unix socket, tagged by `type`, keys in camelCase. The client speaks first
//! (`hello`), the host answers `welcome` or `refused`. `editor-integration/PROTOCOL.md` describes the same
//! messages for people who write a client in another language.

use serde::{Deserialize, Deserializer, Serialize};
use sha2::{Digest, Sha256};

/// The protocol's version, sent in `hello` and `welcome`; a host refuses every other one.
pub const PROTOCOL: u32 = 1;

/// The longest line that either side reads, in bytes. A script of a megabyte fits with every character
/// escaped as `\u0000` (six bytes).
pub const MAX_LINE: usize = 8 << 20;

/// What a client tells the host.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ClientMessage {
    /// The first message of a connection.
    Hello {
        /// The [`PROTOCOL`] that the client speaks.
        protocol: u32,
    },
    /// The script's whole new text. The host evaluates it at once and commits it after the debounce.
    Change {
        /// The editor's number for this text; the answer carries it.
        version: i32,
        /// The whole text.
        text: String,
    },
    /// Commit the last change now, without waiting for a pause in the typing.
    Commit,
    /// Play the newest text at once, whatever its quantum says.
    CommitNow,
    /// Let everything that sounds fade out, and stay silent until the next change.
    Hush,
    /// Cut every voice and send every note off, at once.
    Panic,
    /// Forget what the script keeps in its table `state`: the next evaluation finds it empty.
    ClearState,
    /// What models played a moment ago is liked: the tastes that the script names learn it.
    Like,
    /// It is not liked.
    Nope,
    /// The last like or nope is taken back.
    UndoTaste,
    /// All likes and nopes are taken back.
    ForgetTaste,
    /// Begin to record the sound, into a new file beside the script; where one is being recorded, go on.
    Record,
    /// End the recording.
    StopRecording,
    /// From now on, tell what the text is, and each event of the plan shortly before it sounds:
    /// [`HostMessage::Text`], [`HostMessage::Planned`].
    Follow,
    /// End the host.
    Stop,
    /// The last message of a client that is done with the script for good: the host ends, unless another
    /// client is attached.
    Release,
    /// The last message of a connection. The host plays on.
    Detach,
}

/// What the host tells a client.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum HostMessage {
    /// The answer to `hello`.
    Welcome {
        /// The [`PROTOCOL`] that the host speaks.
        protocol: u32,
        /// The canonical path of the script that it plays.
        file: String,
    },
    /// A text was evaluated.
    Evaluated {
        /// The version of this client's text; nothing when the text came from elsewhere (the file on disk,
        /// another editor).
        version: Option<i32>,
        /// What is wrong with the text; empty when it was accepted.
        diagnostics: Vec<Diagnostic>,
        /// How long the evaluation took, in microseconds.
        micros: u64,
    },
    /// What is playing.
    Status(Box<Status>),
    /// What will sound in a moment, for clients that follow: what is taken back comes first, then what begins and
    /// ends.
    Planned {
        /// What is heard while this is written, in seconds since the performance began.
        #[serde(deserialize_with = "null_as_zero")]
        now: f64,
        /// Of these slots everything from a moment on is not to be, as it was told before.
        taken_back: Vec<TakenBack>,
        /// Notes that begin.
        begins: Vec<Begins>,
        /// Notes that end.
        ends: Vec<Ends>,
    },
    /// The newest text that was evaluated, for clients that follow: at once and whenever it is another.
    Text {
        /// Its [`text_mark`].
        mark: String,
        /// The text.
        text: String,
    },
    /// What the script printed.
    Printed {
        /// Whole lines, without their line ends.
        lines: Vec<String>,
    },
    /// A few letters of the script are to be others: the number of a knob that was learnt.
    Rewrite {
        /// The [`text_mark`] of the text that is meant; in another one nothing is to change.
        mark: String,
        /// The first byte of what gives way.
        from: usize,
        /// The byte after its last one.
        to: usize,
        /// What stands there instead.
        text: String,
    },
    /// The host did not accept the client's last message.
    Refused {
        /// Why, for a person.
        message: String,
    },
    /// The host ends because somebody asked it to; a client does not start another one by itself.
    Goodbye {
        /// Why, for a person.
        message: String,
    },
}

/// How bad a diagnostic is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Severity {
    /// The text was not accepted; the last good generation plays on.
    Error,
    /// The text plays, but not as it says (something was clamped or left out).
    Warning,
    /// Good to know.
    Info,
}

/// Something to tell the performer about a place in the script.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// The path of the file it is about: the script, or a module that the script requires.
    pub file: String,
    /// The line, counted from 1.
    pub line: u32,
    /// The first column, counted from 1 in characters (Unicode scalar values).
    pub column: u32,
    /// The column after the last one, counted as `column` is. When it is not larger than `column`, one
    /// character is meant.
    pub end_column: u32,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

/// How far down the ladder a slot is that plays a model's takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Rung {
    /// The take that the text asks for.
    Fresh,
    /// A first draft of that take, while the take itself is being made.
    Draft,
    /// The take before it, while the new one is being made.
    Stale,
    /// The last bar again and again.
    Loop,
    /// Nothing: no take has come yet.
    Rest,
}

impl Rung {
    /// The word that the protocol and the editors show.
    pub fn word(self) -> &'static str {
        match self {
            Rung::Fresh => "fresh",
            Rung::Draft => "draft",
            Rung::Stale => "stale",
            Rung::Loop => "loop",
            Rung::Rest => "rest",
        }
    }
}

/// What is playing now.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// The generation that plays, counted from 1; 0 before the first.
    pub generation: u64,
    /// Beats since the start.
    #[serde(deserialize_with = "null_as_zero")]
    pub beat: f64,
    /// The bar, counted from 1.
    pub bar: i64,
    /// The place in the bar in beats, counted from 1.
    #[serde(deserialize_with = "null_as_zero")]
    pub beat_in_bar: f64,
    /// Beats per minute.
    #[serde(deserialize_with = "null_as_zero")]
    pub tempo: f64,
    /// The metre, such as `"4/4"`.
    pub meter: String,
    /// Whether the playhead moves (it stands after `hush` and before the first generation).
    pub playing: bool,
    /// The slots in the order of the text.
    pub slots: Vec<SlotStatus>,
    /// What is being baked, and how far it has come.
    #[serde(default)]
    pub baking: Vec<BakeStatus>,
    /// Why the newest text does not play, if it does not.
    pub last_error: Option<Diagnostic>,
    /// The [`text_mark`] of the newest text that was evaluated, from wherever it came: an editor that attaches
    /// sees whether another text than its own plays. Nothing when the host does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// How often the sound card ran out of sound, or time went on without it. Nothing when the host does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dropouts: Option<u64>,
    /// The file into which the sound is being recorded. Nothing when it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recording: Option<String>,
    /// Where the sound goes, for a person, such as `"none (no sound card)"`.
    pub audio: String,
    /// The MIDI ports in use.
    pub midi: Vec<String>,
}

/// What one slot is doing.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SlotStatus {
    /// The slot's name in the script.
    pub name: String,
    /// The line of the script that fills it, counted from 1; nothing when it is not known or gone.
    pub line: Option<u32>,
    /// The ladder's rung; nothing when no model fills the slot.
    pub rung: Option<Rung>,
    /// What plays, in a few words, such as `"folk take 3f2a · pluck"`.
    pub playing: String,
    /// The model's name, if one fills the slot.
    pub model: Option<String>,
    /// The effective sample size of a tilted take, as a share of the particles, 0 to 1.
    pub ess: Option<f64>,
    /// The estimate of log Z of a tilted take, in nats.
    pub log_z: Option<f64>,
    /// How much its newest note surprised a model, in nats, where the script asked for that.
    pub surprise: Option<f64>,
    /// The costliest function of the script that the slot calls while it plays, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<SlotCost>,
    /// Where the notes were written that sound now: words of mini-notation, calls of models.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sounding: Vec<Written>,
    /// Whether the slot is muted, fading out or resting by itself.
    pub silent: bool,
    /// The loudness now, 0 to 1.
    #[serde(deserialize_with = "null_as_zero")]
    pub level: f64,
}

/// A piece of a text that was evaluated.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Written {
    /// The file's name: the script, or what it requires.
    pub file: String,
    /// The first digits of the [`text_mark`] of the text in which the bytes count: what sounds may have been
    /// written some edits ago.
    pub text: String,
    /// The first byte.
    pub from: u32,
    /// The first byte after it.
    pub to: u32,
}

/// Of a slot everything from a moment on is taken back.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TakenBack {
    /// The slot's number, the same for as long as the host runs.
    pub slot: u16,
    /// From when on, in seconds since the performance began.
    #[serde(deserialize_with = "null_as_zero")]
    pub from: f64,
}

/// A note that begins.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Begins {
    /// The note's number.
    pub note: u64,
    /// The number of its slot.
    pub slot: u16,
    /// When, in seconds since the performance began.
    #[serde(deserialize_with = "null_as_zero")]
    pub at: f64,
    /// Where it was written.
    pub written: Vec<Written>,
}

/// A note that ends.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Ends {
    /// The note's number.
    pub note: u64,
    /// The number of its slot.
    pub slot: u16,
    /// When, in seconds since the performance began.
    #[serde(deserialize_with = "null_as_zero")]
    pub at: f64,
}

/// What a function of the script costs while a slot plays.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SlotCost {
    /// What the function is for, such as `gain`.
    pub what: String,
    /// The line on which it stands, counted from 1.
    pub line: u32,
    /// How long one call takes, in milliseconds.
    #[serde(deserialize_with = "null_as_zero")]
    pub milliseconds_per_call: f64,
    /// The share of the music's time that its calls take, 0 to 1.
    #[serde(deserialize_with = "null_as_zero")]
    pub share: f64,
    /// Whether that is more than there is: the slot cannot keep up.
    pub over: bool,
}

impl SlotCost {
    /// A share of the time from which a cost is worth showing.
    pub const WORTH_SHOWING: f64 = 0.1;

    /// The words that the editors show, such as `gain takes 4.0 ms a call, 31% of its time`; nothing below
    /// [`SlotCost::WORTH_SHOWING`].
    pub fn words(&self) -> Option<String> {
        let SlotCost { what, milliseconds_per_call, share, .. } = self;
        let words =
            format!("{what} takes {milliseconds_per_call:.1} ms a call, {:.0}% of its time", share * 100.0);
        (*share >= SlotCost::WORTH_SHOWING).then_some(words)
    }
}

/// A tilt that is being learnt.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BakeStatus {
    /// The model's name.
    pub model: String,
    /// How much is done, 0 to 1.
    #[serde(deserialize_with = "null_as_zero")]
    pub progress: f64,
}

impl Status {
    /// Whether `other` says something new beside what moves all the time, the playhead, the loudness, the
    /// newest notes, what functions cost and the progress of bakes: such a status is
    /// passed on at once.
    pub fn differs_in_substance(&self, other: &Status) -> bool {
        let still = |status: &Status| {
            let mut status = status.clone();
            (status.beat, status.bar, status.beat_in_bar) = (0.0, 0, 0.0);
            for slot in &mut status.slots {
                (slot.level, slot.surprise) = (0.0, None);
                slot.sounding.clear();
                if let Some(cost) = &mut slot.cost {
                    (cost.milliseconds_per_call, cost.share) = (0.0, 0.0);
                }
            }
            for bake in &mut status.baking {
                bake.progress = 0.0;
            }
            status
        };
        still(self) != still(other)
    }
}

/// Bytes of the hash in a text's mark; written with two digits each.
const MARK_BYTES: usize = 12;

/// What stands for a script's text in [`Status::text`]: the first 24 hexadecimal digits of its SHA-256.
pub fn text_mark(text: &str) -> String {
    Sha256::digest(text.as_bytes())[..MARK_BYTES].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// JSON has no NaN and no infinity: they are written as `null`, which is read as nothing moving.
fn null_as_zero<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    Ok(Option::<f64>::deserialize(deserializer)?.unwrap_or(0.0))
}

/// One message as a line of JSON, its line end included.
pub fn to_line(message: &impl Serialize) -> Result<String, serde_json::Error> {
    let mut line = serde_json::to_string(message)?;
    line.push('\n');
    Ok(line)
}

/// The message in a line from a client; the error is a sentence for the client.
pub fn client_message(line: &str) -> Result<ClientMessage, String> {
    serde_json::from_str(line).map_err(|error| format!("this is not a message of Lilt's protocol: {error}"))
}

/// The message in a line from the host; the error is a sentence for the log.
pub fn host_message(line: &str) -> Result<HostMessage, String> {
    serde_json::from_str(line).map_err(|error| format!("this is not a message of Lilt's host: {error}"))
}

#[cfg(test)]
mod tests;
