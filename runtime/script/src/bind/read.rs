//! `abc` and `read`: music from texts and from files, and what it says beside its notes.

use std::collections::HashMap;
use std::rc::Rc;

use lilt_score::abc::{AbcError, Book, BookError, Tune, Voice, read_tune};
use lilt_score::smf::{NoTrack, Song, Track};
use lilt_score::{Clip, ClipError, MusicFile, Place, nearest};
use mlua::{Lua, Table, UserDataMethods, Value};

use crate::clip_value::ClipValue;
use crate::context::context;
use crate::fault::{Fault, listed};
use crate::options::{options, table, text, whole_in};
use crate::sheet::{Parts, Places, Sheet};
use crate::sources::Unread;

pub(super) const DOCS: &[&str] = &[
    "abc(text, options)
A clip of music in ABC, the notation of folk tunes: letters are notes, c is the octave above C, a number behind one makes it longer. Of a book of tunes it is the first, unless you say which. What stands before the first bar line is an upbeat. Its tempo, key and metre are kept and not applied: tempo(tune:tempo()) does that.
@param text ABC in double brackets: fields such as K:G (the key), M:6/8 (the metre) and L:1/8 (the length of a letter) in lines of their own, then the music; all fields may be left out
@param tune of a book, the number or the title of a tune
@param voice the name or the place of one voice; all voices together when left out
@example play(\"reel\", abc [[
K:G
|: G2 BG DGBG | \"Am\" A2 cA EAcA :|
]])",
    "read(file, options)
A clip of the music in a file that lies in the script's folder or in a folder below it. Saving the file is heard like saving the script. Drums of MIDI files play on the kit. Tempo, key and metre are kept and not applied: tempo(song:tempo()) does that.
@param file its name: ABC (.abc), or MIDI (.mid .midi .smf .kar .rmi), as in \"tunes/reel.abc\"
@param tune of a book in ABC, the number or the title of a tune; the first when left out
@param voice of a tune in ABC, the name or the place of one voice
@param track of a MIDI file, the name or the place of one track, or \"drums\"; all tracks together when left out
@param channel of a MIDI file, all that is on this channel, 1 to 16; the drums are on 10
@example play(\"tune\", read \"tune.abc\")
play(\"bass\", read(\"song.mid\", { track = \"Bass\" })):on \"bass\"",
    "clip:title()
Of a clip that read or abc gave: its title; nothing where it has none.
@example print(read(\"tune.abc\"):title())",
    "clip:key()
Of a clip that read or abc gave: its key, as key takes it; nothing where the file tells none.
@example key(read(\"tune.abc\"):key())",
    "clip:meter()
Of a clip that read or abc gave: its metre at the start, as meter takes it; nothing where the file tells none.
@example meter(read(\"tune.abc\"):meter())",
    "clip:tempo()
Of a clip that read or abc gave: its tempo at the start, in quarter notes a minute; nothing where the file tells none.
@example tempo(read(\"song.mid\"):tempo())",
    "clip:chords()
Of a clip that read or abc gave: the chords above its notes, such as \"Am\", as a clip in which they sound; nothing where it has none.
@example local tune = read \"tune.abc\" play(\"tune\", tune) play(\"pad\", tune:chords()):on \"pad\"",
    "clip:symbols()
Of a clip that read or abc gave: the chords above its notes as a list of tables: chord (as it is written), start and duration in beats.
@example for _, symbol in read(\"tune.abc\"):symbols() do print(symbol.chord, symbol.start) end",
    "clip:tracks()
Of a clip that was read from a MIDI file: what the file's tracks are asked for by, as a list: their names, or places where names are missing or twice.
@example for i, name in read(\"song.mid\"):tracks() do play(name, read(\"song.mid\", { track = i })) end",
    "clip:voices()
Of a clip that was read from ABC: what its voices are asked for by, as a list.
@example print(#read(\"tune.abc\"):voices())",
    "clip:tunes()
Of a clip that was read from ABC: the titles of all tunes of the book, as a list.
@example print(read(\"tune.abc\"):tunes()[1])",
];

/// Most files of music that one evaluation reads.
const MOST_FILES: usize = 256;

/// Most bytes of all files of music that one evaluation reads.
const MOST_BYTES: u64 = 64 << 20;

/// Longest ABC in a script, in bytes.
const LONGEST_TEXT: usize = 1 << 20;

pub(super) fn install(lua: &Lua, base: &Table) -> mlua::Result<()> {
    base.raw_set(
        "abc",
        lua.create_function(|lua, (written, options): (Value, Value)| abc(lua, &written, &options))?,
    )?;
    base.raw_set(
        "read",
        lua.create_function(|lua, (file, options): (Value, Value)| read(lua, &file, &options))?,
    )
}

/// Where a tune was found, for what is wrong with it.
#[derive(Clone, Copy)]
enum Found<'a> {
    /// In a text of the script.
    Text(&'a str),
    /// In the file of this name.
    File(&'a str),
}

impl Found<'_> {
    fn named(self) -> String {
        match self {
            Found::Text(_) => "this text".to_owned(),
            Found::File(file) => format!("`{file}`"),
        }
    }

    /// A fault of the whole.
    fn fault(self, told: &str) -> Fault {
        match self {
            Found::Text(_) => Fault::new(told).name("abc"),
            Found::File(file) => Fault::new(format!("{file}: {told}")).text(file),
        }
    }

    /// What cannot be read, on its line where that can be shown.
    fn unreadable(self, error: &AbcError) -> Fault {
        match self {
            Found::Text(text) => Fault::new(error.on_its_line()).within(text, line(text, error.line)),
            Found::File(_) => self.fault(&error.to_string()),
        }
    }

    fn too_long(self, error: &ClipError, help: &str) -> Fault {
        self.fault(&error.to_string()).help(help)
    }
}

/// The bytes of a line, counted from 1, without the space around it.
fn line(text: &str, number: usize) -> std::ops::Range<usize> {
    let from = text.split_inclusive('\n').take(number.saturating_sub(1)).map(str::len).sum::<usize>();
    let line = text[from..].lines().next().unwrap_or_default();
    let start = from + line.len() - line.trim_start().len();
    start..start + line.trim().len()
}

fn abc(lua: &Lua, written: &Value, written_options: &Value) -> mlua::Result<ClipValue> {
    let written = text("abc", written)?;
    let [tune, voice] = options("abc", table("abc", written_options)?, ["tune", "voice"])?;
    if written.len() > LONGEST_TEXT {
        let fault =
            Fault::new(format!("`abc` takes a text of {LONGEST_TEXT} bytes, and this has {}", written.len()));
        return Err(fault.name("abc").help("put it into a file beside the script, and read that").into());
    }
    let found = Found::Text(&written);
    if written.trim().is_empty() {
        return Err(found.fault("this ABC has no notes").help("write letters, as in abc \"C E G c\"").into());
    }
    let book = Book::read(&written);
    if book.tunes.is_empty() && tune.is_nil() {
        // Music alone, as one writes it in a script.
        let tune = read_tune(&written).map_err(|error| found.unreadable(&error))?;
        return Ok(tune_clip(&tune, &book, found, &voice, |tune| lines(lua, &written, tune))?);
    }
    Ok(tune_clip(chosen(&book, found, &tune)?, &book, found, &voice, |tune| lines(lua, &written, tune))?)
}

/// Where the notes of a tune stand in the text of the script: each on its line.
fn lines(lua: &Lua, written: &str, tune: &Tune) -> Places {
    let Some(literal) = context(lua).ok().and_then(|context| context.literal(lua, "abc", written)) else {
        return Places::default();
    };
    let mut known: HashMap<usize, Place> = HashMap::new();
    let mut place = |number| *known.entry(number).or_insert_with(|| literal.place(&line(written, number)));
    let notes =
        tune.placed_notes().map(|placed| ((placed.note.start, placed.note.tone.key()), place(placed.line)));
    Places { word: None, notes: notes.collect() }
}

/// Where all of a file is written: the word that reads it.
fn word(lua: &Lua) -> Places {
    let place = context(lua).ok().and_then(|context| {
        let origin = context.origin(lua, "read").ok()?;
        origin.files.borrow().word(&origin.place, "read")
    });
    Places { word: place, notes: HashMap::new() }
}

/// The tune of a book that is asked for.
fn chosen<'a>(book: &'a Book, found: Found<'_>, asked: &Value) -> Result<&'a Tune, Fault> {
    let result = match asked {
        Value::Nil => book.first(),
        Value::Integer(_) | Value::Number(_) => {
            book.number(whole_in("tune", asked, 0, i64::from(u32::MAX))? as u32)
        }
        _ => book.find(&text("tune", asked)?),
    };
    result.map_err(|error| {
        let fault = match &error {
            BookError::NoTunes => return found.fault(&error.to_string()),
            BookError::Unreadable(error) => return found.unreadable(error),
            BookError::NoNumber { asked, numbers } => {
                let told = format!("there is no tune {asked} in {}", found.named());
                Fault::new(told).help(format!("its numbers are {numbers}")).name("tune")
            }
            BookError::NoTitle { asked, instead } => {
                Fault::new(format!("there is no tune `{asked}` in {}", found.named())).help(instead.clone())
            }
        };
        match asked {
            Value::String(asked) => fault.text(asked.to_string_lossy()).of("tune"),
            _ => fault,
        }
    })
}

fn tune_clip(
    tune: &Tune,
    book: &Book,
    found: Found<'_>,
    asked: &Value,
    places: impl FnOnce(&Tune) -> Places,
) -> Result<ClipValue, Fault> {
    let sheet = Sheet { places: places(tune), ..Sheet::of_tune(tune, book) };
    let clip = match part(asked, "voice", &sheet, found)? {
        None => tune.clip(),
        Some(place) => {
            tune.voices.get(place).map_or_else(|| tune.clip(), |voice: &Voice| tune.clip_of(voice))
        }
    };
    let clip =
        clip.map_err(|error| found.too_long(&error, "ask for one of its voices, or split the tune"))?;
    Ok(ClipValue::read(clip, sheet))
}

/// The place, from 0, of the voice that is asked for by name or place.
fn part(asked: &Value, what: &str, sheet: &Sheet, found: Found<'_>) -> Result<Option<usize>, Fault> {
    let (Parts::Voices(names) | Parts::Tracks(names)) = &sheet.parts;
    let missing = |asked: &str| Fault::new(format!("there is no {what} `{asked}` in {}", found.named()));
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    let there = || format!("there is {}", listed(&quoted.iter().map(String::as_str).collect::<Vec<_>>()));
    match asked {
        Value::Nil => Ok(None),
        Value::Integer(_) | Value::Number(_) => {
            let place = whole_in(what, asked, 1, i64::from(u16::MAX))? as usize;
            match place <= names.len() {
                true => Ok(Some(place - 1)),
                false => Err(missing(&place.to_string()).help(there()).name(what)),
            }
        }
        _ => {
            let asked = text(what, asked)?;
            let same = |name: &String| name.to_lowercase() == asked.trim().to_lowercase();
            names.iter().position(same).map(Some).ok_or_else(|| {
                let near = nearest(&asked, names.iter().map(String::as_str));
                let help = near.map_or_else(there, |near| format!("did you mean `{near}`?"));
                missing(&asked).help(help).text(asked.as_str()).of(what)
            })
        }
    }
}

fn read(lua: &Lua, file: &Value, written: &Value) -> mlua::Result<ClipValue> {
    let name = text("read", file)?;
    reachable(&name)?;
    let written = table("read", written)?;
    let music = file_of_music(lua, &name)?;
    let found = Found::File(&name);
    match &*music {
        MusicFile::Abc(book) => {
            let [tune, voice] = options("read", written, ["tune", "voice"])?;
            Ok(tune_clip(chosen(book, found, &tune)?, book, found, &voice, |_| word(lua))?)
        }
        MusicFile::Midi(song) => {
            let [track, channel] = options("read", written, ["track", "channel"])?;
            if song.damage.is_loss() {
                context(lua)?.notice(lua, "read", found.fault(&song.damage.to_string()))?;
            }
            let tracks = tracks(song, found, &track, &channel)?;
            let clip = song
                .clip_of(tracks.iter().copied())
                .map_err(|error| found.too_long(&error, "read one of its tracks, as in { track = 1 }"))?;
            Ok(ClipValue::read(clip, Sheet { places: word(lua), ..Sheet::of_song(song, &tracks) }))
        }
    }
}

/// The tracks that are asked for; all when nothing is.
fn tracks<'a>(
    song: &'a Song,
    found: Found<'_>,
    track: &Value,
    channel: &Value,
) -> Result<Vec<&'a Track>, Fault> {
    let named = match (track, channel) {
        (Value::Nil, Value::Nil) if song.tracks.is_empty() => Err(NoTrack::Silent),
        (Value::Nil, Value::Nil) => Ok(song.tracks.iter().collect()),
        (Value::Nil, channel) => song.on_channel(whole_in("channel", channel, 1, 16)? as u8),
        (Value::Integer(_) | Value::Number(_), Value::Nil) => {
            let sheet = Sheet::of_song(song, &[]);
            let place = part(track, "track", &sheet, found)?;
            Ok(place.and_then(|place| song.tracks.get(place)).into_iter().collect())
        }
        (track, Value::Nil) => song.find(&text("track", track)?),
        (_, _) => {
            let fault = Fault::new("a track and a channel are asked for at once").name("channel");
            return Err(fault.help("leave one of them out"));
        }
    };
    named.map_err(|error| match error {
        NoTrack::Silent => found.fault(&error.to_string()),
        NoTrack::Name { asked, instead } => {
            Fault::new(format!("there is no track `{asked}` in {}", found.named())).help(instead).text(asked)
        }
        NoTrack::Channel { asked, channels } => {
            let fault = Fault::new(format!("nothing plays on channel {asked} of {}", found.named()));
            fault.help(format!("it has notes on {channels}")).name("channel")
        }
    })
}

/// Checks that a name leads to a file of music in the script's folder or below it.
fn reachable(name: &str) -> Result<(), Fault> {
    let plain = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && !part.chars().any(|c| c.is_control() || matches!(c, '\\' | ':'))
    };
    if name.len() > 1_024 || !name.split('/').all(plain) {
        let fault = Fault::new(format!("`{name}` is no file that read reaches")).text(name);
        let help = "read reaches files in the script's own folder and in folders below it, as in read \"tunes/reel.abc\"";
        return Err(fault.help(help));
    }
    if MusicFile::is_named_so(name) {
        return Ok(());
    }
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()).unwrap_or_default();
    Err(match ending.as_str() {
        "musicxml" | "mxl" | "mscz" | "mscx" | "xml" | "sib" | "ly" => {
            let fault = Fault::new(format!("`{name}` is a score of a notation program")).text(name);
            fault.help("export it as MIDI or as ABC from there")
        }
        _ => {
            let fault = Fault::new(format!("`{name}` is no file of music that can be read")).text(name);
            fault.help("read takes ABC (.abc) and MIDI (.mid .midi .smf .kar .rmi)")
        }
    })
}

/// What the file of this name holds.
fn file_of_music(lua: &Lua, name: &str) -> Result<Rc<MusicFile>, Fault> {
    let context = context(lua)?;
    let names = {
        let mut session = context.session("read")?;
        session.watch(name);
        session.required.iter().filter(|name| MusicFile::is_named_so(name)).cloned().collect::<Vec<_>>()
    };
    if names.len() > MOST_FILES {
        let fault = Fault::new(format!("a script reads {MOST_FILES} files of music at most"));
        return Err(fault.name("read").help("read fewer of them"));
    }
    // Disks and long files are no fault of the script's: its clock stands still.
    let bytes = context.paused(|| context.sources.music(name)).map_err(|unread| match unread {
        Unread::Missing { others } => {
            let fault = Fault::new(format!("there is no file `{name}` beside the script")).text(name);
            let elsewhere =
                others.iter().find(|other| other.ends_with(&format!("/{name}"))).map(String::as_str);
            match elsewhere.or_else(|| nearest(name, others.iter().map(String::as_str))) {
                Some(near) => fault.help(format!("did you mean `{near}`?")),
                None if others.is_empty() => {
                    fault.help("put it into the script's folder, or into one below it")
                }
                None => {
                    let others: Vec<String> =
                        others.iter().take(12).map(|name| format!("`{name}`")).collect();
                    let others: Vec<&str> = others.iter().map(String::as_str).collect();
                    fault.help(format!("there is {}", listed(&others)))
                }
            }
        }
        Unread::Refused(reason) => Fault::new(format!("{name}: {reason}")).text(name),
    })?;
    let music = context.paused(|| context.music_files.borrow_mut().read(name, bytes));
    let all = context.music_files.borrow().bytes(&names);
    if all > MOST_BYTES {
        let fault =
            Fault::new(format!("a script reads {} MiB of music at most", MOST_BYTES >> 20)).text(name);
        return Err(fault.help("read fewer files, or smaller ones"));
    }
    music.map_err(|error| Fault::new(format!("{name}: {error}")).text(name))
}

/// What a clip that was read tells.
fn sheet<'a>(clip: &'a ClipValue, what: &str) -> Result<&'a Sheet, Fault> {
    clip.sheet().ok_or_else(|| {
        let fault = Fault::new(format!("`{what}` is of clips that were read from ABC or MIDI")).name(what);
        fault.help("ask it of what read or abc gave, before it is changed")
    })
}

/// What kind of parts a sheet has, where they are of the other kind.
fn other_parts(what: &str, parts: &str, instead: &str) -> mlua::Error {
    Fault::new(format!("this music has {parts}, no {what}"))
        .name(what)
        .help(format!("write :{instead}()"))
        .into()
}

pub(super) fn add_methods<M: UserDataMethods<ClipValue>>(methods: &mut M) {
    methods.add_method("title", |_, this, ()| Ok(sheet(this, "title")?.title.clone()));
    methods.add_method("key", |_, this, ()| Ok(sheet(this, "key")?.key.map(|key| key.to_string())));
    methods.add_method("meter", |_, this, ()| Ok(sheet(this, "meter")?.meter.map(|meter| meter.to_string())));
    methods.add_method("tempo", |_, this, ()| Ok(sheet(this, "tempo")?.tempo));
    methods.add_method("chords", |lua, this, ()| {
        let clip: Clip = this.wait(&*context(lua)?)?;
        let chords = sheet(this, "chords")?.chords(&clip).transpose().map_err(Fault::from)?;
        Ok(chords.map(ClipValue::ready))
    });
    methods.add_method("symbols", |lua, this, ()| {
        let symbols = &sheet(this, "symbols")?.symbols;
        let told = symbols.iter().map(|(span, symbol)| {
            let told = lua.create_table()?;
            told.raw_set("chord", symbol.as_str())?;
            told.raw_set("start", span.start.to_f64())?;
            told.raw_set("duration", span.length().to_f64())?;
            Ok(told)
        });
        lua.create_sequence_from(told.collect::<mlua::Result<Vec<_>>>()?)
    });
    methods.add_method("tracks", |_, this, ()| match &sheet(this, "tracks")?.parts {
        Parts::Tracks(names) => Ok(names.clone()),
        Parts::Voices(_) => Err(other_parts("tracks", "voices", "voices")),
    });
    methods.add_method("voices", |_, this, ()| match &sheet(this, "voices")?.parts {
        Parts::Voices(names) => Ok(names.clone()),
        Parts::Tracks(_) => Err(other_parts("voices", "tracks", "tracks")),
    });
    methods.add_method("tunes", |_, this, ()| match &sheet(this, "tunes")? {
        Sheet { parts: Parts::Voices(_), tunes, .. } => Ok(tunes.clone()),
        _ => Err(other_parts("tunes", "tracks", "tracks")),
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_found_without_the_space_around_them() {
        let text = "K:G\n  GAB \r\n\nx";
        for (number, found) in [(1, "K:G"), (2, "GAB"), (3, ""), (4, "x"), (9, "")] {
            assert_eq!(&text[line(text, number)], found, "{number}");
        }
    }

    #[test]
    fn no_name_leads_out_of_the_folder() {
        for name in ["a.abc", "tunes/a.abc", "my tunes/b.MID", "é.kar"] {
            assert_eq!(reachable(name), Ok(()), "{name}");
        }
        for name in [
            "",
            "/etc/a.abc",
            "../a.abc",
            "a/../b.abc",
            "a//b.abc",
            ".hidden.abc",
            "C:\\a.mid",
            "a.abc/",
            "a\0.abc",
            "a.wav",
        ] {
            assert!(reachable(name).is_err(), "{name}");
        }
    }
}
