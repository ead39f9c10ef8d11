//! The words of the command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Live coding for music and drawing, with neural models that follow your script.
#[derive(Parser)]
#[command(name = "lilt", version, about, subcommand_required = true, arg_required_else_help = true)]
pub struct CommandLine {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// What Lilt can be asked to do.
#[derive(Subcommand)]
pub enum Verb {
    /// Play a script, and follow it as it changes.
    Live(Live),
    /// Play a script into files, with no devices: the same bytes every time.
    Render(Render),
    /// Record what a running `lilt live` plays, or end that.
    Record(Record),
    /// Evaluate a script once with no devices; `print` goes to the terminal.
    Run(Run),
    /// Say whether scripts are right.
    Check(Check),
    /// Print the events of a mini-notation text.
    Pattern(Pattern),
    /// Play one sound: a recorded one, an instrument or a drum.
    Play(Play),
    /// Explain a name of the language, or list them all.
    Doc(Doc),
    /// List the examples, show one, or copy it here.
    Examples(Examples),
    /// Walk through the examples: each is played live while you change it.
    Tour(Tour),
    /// List the models, or describe one.
    Models(Models),
    /// Teach a model the music of a folder.
    Train(Train),
    /// Make a model of somebody else's weights.
    Import(Import),
    /// List the sound cards and MIDI ports.
    Devices,
    /// Measure how fast this machine plays.
    Bench(Bench),
    /// Be a language server on standard input and output.
    Lsp,
}

/// Where networks run.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Device {
    /// This machine's processor.
    Cpu,
    /// An NVIDIA card; needs a build with `--features cuda`.
    Cuda,
    /// An Apple card; needs a build with `--features metal`.
    Metal,
}

/// What a sample is in a file of sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SampleBits {
    /// Whole numbers of 16 bits, as on a CD.
    #[value(name = "16")]
    Sixteen,
    /// Whole numbers of 24 bits.
    #[value(name = "24")]
    TwentyFour,
    /// Floats of 32 bits, which nothing is too loud for.
    #[value(name = "float")]
    Float,
}

/// `lilt live`
#[derive(Args)]
pub struct Live {
    /// The script.
    pub file: PathBuf,
    /// Do not open the canvas.
    #[arg(long)]
    pub no_canvas: bool,
    /// Sound card, by a part of its name; `none` plays on a silent clock.
    #[arg(long, value_name = "NAME")]
    pub audio: Option<String>,
    /// Serve the page on this machine: a browser is the whole instrument, with the text, what sounds of it lit, and the
    /// lessons. The address is printed.
    #[arg(long)]
    pub web: bool,
    /// The port of the page; 0 takes any that is free.
    #[arg(long, value_name = "PORT", requires = "web")]
    pub web_port: Option<u16>,
    /// Open the page in the browser.
    #[arg(long, requires = "web")]
    pub open: bool,
    /// Send every slot's notes to this MIDI port too.
    #[arg(long, value_name = "NAME")]
    pub midi: Option<String>,
    /// Write down every event that is played, one JSON object a line.
    #[arg(long, value_name = "FILE")]
    pub events: Option<PathBuf>,
    /// Record the sound from the start: WAV, or FLAC where the name ends in .flac. A name that is taken gets a
    /// number.
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// Write down what is played on keys, turned and sent by other programs: `lilt render --with` plays it again.
    #[arg(long, value_name = "FILE")]
    pub journal: Option<PathBuf>,
    /// The port at which OSC comes in.
    #[arg(long, value_name = "PORT", default_value_t = 57_130, value_parser = clap::value_parser!(u16).range(1..))]
    pub osc_port: u16,
    /// OSC also comes from other machines, and goes to them.
    #[arg(long)]
    pub network: bool,
    /// Where networks run.
    #[arg(long, value_enum, default_value = "cpu")]
    pub device: Device,
    /// The canvas program, where it does not lie beside `lilt`.
    #[arg(long, value_name = "PROGRAM")]
    pub canvas: Option<PathBuf>,
    /// The canvas fills the screen.
    #[arg(long)]
    pub fullscreen: bool,
    /// The canvas opens on this monitor, from 1.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..))]
    pub monitor: Option<u8>,
    /// The canvas shows how many pictures it draws, and what they cost.
    #[arg(long)]
    pub stats: bool,
    /// A folder of sounds, beside `samples` next to the script; may be given more than once.
    #[arg(long, value_name = "FOLDER")]
    pub samples: Vec<PathBuf>,
}

/// `lilt render`
#[derive(Args)]
pub struct Render {
    /// The script.
    pub file: PathBuf,
    /// How many bars to play.
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub bars: u32,
    /// Seed to play with instead of the script's own.
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Play what came in from outside too, as a journal of `lilt live --journal` has it.
    #[arg(long, value_name = "JOURNAL")]
    pub with: Option<PathBuf>,
    /// Write the sound, 48 kHz stereo: WAV, or FLAC where the name ends in .flac.
    #[arg(long, value_name = "FILE")]
    pub wav: Option<PathBuf>,
    /// Write each slot and bus into a file of its own. What lies in the folder itself adds up to the mix before
    /// the master; what goes through a bus lies in a folder of the bus's name too.
    #[arg(long, value_name = "FOLDER")]
    pub stems: Option<PathBuf>,
    /// What samples are in these files: 24 for the sound and float for stems when left out; 16 is dithered.
    #[arg(long, value_enum, value_name = "BITS")]
    pub bits: Option<SampleBits>,
    /// Write a standard MIDI file.
    #[arg(long, value_name = "FILE")]
    pub midi: Option<PathBuf>,
    /// Write the events, one JSON object a line (`-` is standard output).
    #[arg(long, value_name = "FILE")]
    pub events: Option<PathBuf>,
    /// Write the canvas as it stands in the middle bar, as SVG.
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,
    /// The same as a picture.
    #[arg(long, value_name = "FILE")]
    pub png: Option<PathBuf>,
    /// Write the canvas as a film with the sound, by ffmpeg.
    #[arg(long, value_name = "FILE")]
    pub video: Option<PathBuf>,
    /// Write the pictures of the film into a folder, as 00001.png and so on.
    #[arg(long, value_name = "FOLDER")]
    pub frames: Option<PathBuf>,
    /// Pictures a second.
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=120))]
    pub rate: u32,
    /// Size of pictures, in pixels.
    #[arg(long, value_name = "WIDTHxHEIGHT", default_value = "1280x720", value_parser = picture_size)]
    pub size: (u32, u32),
    /// A folder of sounds, beside `samples` next to the script; may be given more than once.
    #[arg(long, value_name = "FOLDER")]
    pub samples: Vec<PathBuf>,
}

/// The size of a picture: even, since films are made of pairs of pixels.
fn picture_size(written: &str) -> Result<(u32, u32), String> {
    let side = |text: &str| text.parse().ok().filter(|side| (16..=8_192).contains(side) && side % 2 == 0);
    let sides = written.split_once('x').and_then(|(width, height)| Some((side(width)?, side(height)?)));
    sides.ok_or_else(|| "write two even numbers from 16 to 8192, as in 1920x1080".to_string())
}

/// `lilt record`
#[derive(Args)]
pub struct Record {
    /// The script that plays.
    pub file: PathBuf,
    /// End the recording.
    #[arg(long)]
    pub stop: bool,
}

/// `lilt run`
#[derive(Args)]
pub struct Run {
    /// The script.
    pub file: PathBuf,
}

/// `lilt check`
#[derive(Args)]
pub struct Check {
    /// The scripts.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Print what is wrong as JSON, one object a line.
    #[arg(long)]
    pub json: bool,
    /// A folder of sounds, beside `samples` next to the script; may be given more than once.
    #[arg(long, value_name = "FOLDER")]
    pub samples: Vec<PathBuf>,
}

/// `lilt pattern`
#[derive(Args)]
pub struct Pattern {
    /// The mini-notation, such as 'bd*2 [~ sd]'.
    pub text: String,
    /// How many cycles to print.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub cycles: u32,
}

/// `lilt play`
#[derive(Args)]
pub struct Play {
    /// Its name, such as `bd`, `breaks:2`, `pluck` or `gm.sf2:Trumpet`; `lilt doc sounds`, `lilt doc instruments` and `lilt doc gm.sf2` list them.
    pub name: String,
    /// Pitch, such as c4 or 60; as it was recorded when left out, c4 for an instrument.
    #[arg(long, value_name = "PITCH")]
    pub note: Option<String>,
    /// How fast a recorded sound is played; backwards when negative.
    #[arg(long, value_name = "X", allow_negative_numbers = true, default_value_t = 1.0)]
    pub speed: f64,
    /// The drum of that name of the kit that `drums` plays, and no recorded sound.
    #[arg(long)]
    pub kit: bool,
    /// Write the sound, 48 kHz stereo, instead of playing it.
    #[arg(long, value_name = "FILE")]
    pub wav: Option<PathBuf>,
    /// Sound card, by a part of its name.
    #[arg(long, value_name = "NAME")]
    pub audio: Option<String>,
    /// A folder of sounds, beside `samples` in the current one; may be given more than once.
    #[arg(long, value_name = "FOLDER")]
    pub samples: Vec<PathBuf>,
}

/// `lilt doc`
#[derive(Args)]
pub struct Doc {
    /// A name of the language, such as `play` or `clip:transpose`, or a subject: notation, drums, instruments, controls,
    /// looks, sounds, samples, buses, changes, chance; or a SoundFont, such as `gm.sf2`.
    pub name: Option<String>,
    /// Print the page of all words, in Markdown.
    #[arg(long, conflicts_with = "name")]
    pub reference: bool,
    /// Print definitions for a language server.
    #[arg(long, value_name = "SERVER", conflicts_with_all = ["name", "reference"])]
    pub stubs: Option<Stubs>,
}

/// Whose definitions `lilt doc --stubs` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Stubs {
    /// luau-lsp.
    Luau,
    /// The Lua language server.
    Lua,
}

/// `lilt examples`
#[derive(Args)]
pub struct Examples {
    /// What to do; lists them when left out.
    #[command(subcommand)]
    pub verb: Option<ExamplesVerb>,
}

/// What can be done with an example.
#[derive(Subcommand)]
pub enum ExamplesVerb {
    /// Print one.
    Show {
        /// Its number, its name or its title.
        name: String,
    },
    /// Put one, with what it needs, into a folder; nothing is written over.
    Copy {
        /// Its number, its name or its title.
        name: String,
        /// The folder; the present one when left out.
        folder: Option<PathBuf>,
    },
}

/// `lilt tour`
#[derive(Args)]
pub struct Tour {
    /// The number, the name or the title of the lesson to begin with.
    pub lesson: Option<String>,
    /// Where your own copies of the lessons go.
    #[arg(long, value_name = "FOLDER", default_value = "lilt-tour")]
    pub folder: PathBuf,
    /// Sound card, by a part of its name; `none` plays on a silent clock.
    #[arg(long, value_name = "NAME")]
    pub audio: Option<String>,
    /// Do not open the canvas, in lessons that draw.
    #[arg(long)]
    pub no_canvas: bool,
}

/// `lilt models`
#[derive(Args)]
pub struct Models {
    /// A model's name.
    pub name: Option<String>,
}

/// `lilt train`
#[derive(Args)]
pub struct Train {
    /// What kind of music: `folk` is tunes in one line, `drums` is drums, `melody` is tunes in 4/4 with their
    /// chords, `performance` is piano playing, `chorale` is three or four voices; `sketch` is drawings.
    pub recipe: String,
    /// Folder of MIDI or ABC files, or of drawings: Quick, Draw!'s, `NAME.ndjson`, which the canvas keeps, too, or SVG. A
    /// single file of these will do.
    #[arg(long, value_name = "FOLDER")]
    pub data: PathBuf,
    /// Where the model goes, in the folder of the script that is to play it: `set/mine` is `model "mine"`.
    #[arg(long, value_name = "NAME")]
    pub out: PathBuf,
    /// A model that knows music already, and learns this too.
    #[arg(long, value_name = "MODEL")]
    pub from: Option<String>,
    /// Most times that the music is gone through; it ends earlier when nothing more is learnt.
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub passes: u32,
    /// Another number, another model.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
}

/// `lilt import`
#[derive(Args)]
pub struct Import {
    /// What the file is.
    pub what: Foreign,
    /// The file, as it was released; it may be compressed with gzip.
    pub file: PathBuf,
    /// What the model is called; as the file calls itself where this is not said.
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Where it goes: the folder of the script that is to use it.
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    pub folder: PathBuf,
}

/// Weights of somebody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Foreign {
    /// A Sketch-RNN decoder, `NAME.gen.json`.
    SketchRnn,
}

/// `lilt bench`
#[derive(Args)]
pub struct Bench {
    /// Measure only works whose name has this in it, as in `tilt folk`.
    pub only: Option<String>,
    /// Print one JSON object a line.
    #[arg(long)]
    pub json: bool,
}
