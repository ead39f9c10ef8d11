//! From the bytes of a sound file to a [`Sample`], within bounds, whatever the bytes are.

use std::fs::{self, File};
use std::io::{Cursor, ErrorKind, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use symphonia::core::codecs::audio::{AudioCodecId, AudioDecoderOptions};
use symphonia::core::codecs::registry::RegisterableAudioDecoder;
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, TrackType};
use symphonia::core::io::{MediaSource, MediaSourceStream};
use symphonia::core::meta::MetadataOptions;
use symphonia::default::codecs::PcmDecoder;

use crate::sniff::what_it_is;
use crate::{Sample, SampleError};

/// The longest sound that is taken, in seconds.
pub const MAX_SECONDS: u64 = 600;

/// The most that a sound may take in memory: ten minutes of stereo at 48 kHz are 230 MB.
pub const MAX_BYTES: u64 = 256_000_000;

/// How many packets in a row may be unreadable before the rest is given up.
const MAX_BAD_PACKETS: usize = 100;

/// Reads a sound file: WAV, AIFF, FLAC, Ogg Vorbis or MP3, known by its content and not by its name.
/// Of more than two channels the first two are kept. A file that ends too early gives what is there
/// ([`Sample::is_cut_short`]). It takes as long as disk and decoder take: call it on a thread that
/// no music waits for.
pub fn read(path: &Path) -> Result<Sample, SampleError> {
    let unreadable =
        |error: &std::io::Error| SampleError::Unreadable { file: path.to_owned(), reason: reason(error) };
    // A pipe would be waited for without end: look before opening.
    let metadata = fs::metadata(path).map_err(|error| unreadable(&error))?;
    if !metadata.is_file() {
        return Err(SampleError::NotAFile { file: path.to_owned() });
    }
    let file = File::open(path).map_err(|error| unreadable(&error))?;
    decode(Box::new(file), path)
}

/// Reads a sound file that is in memory already; `name` is what messages call it.
pub fn read_bytes(
    bytes: impl AsRef<[u8]> + Send + Sync + 'static,
    name: &Path,
) -> Result<Sample, SampleError> {
    decode(Box::new(Cursor::new(bytes)), name)
}

/// What an error of the system means to a musician.
pub(crate) fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "there is no such file".to_owned(),
        ErrorKind::PermissionDenied => "you may not read this file: change its permissions".to_owned(),
        _ => format!("cannot be read: {error}"),
    }
}

fn decode(mut source: Box<dyn MediaSource>, path: &Path) -> Result<Sample, SampleError> {
    let file = path.to_owned();
    let head = head(&mut *source)
        .map_err(|error| SampleError::Unreadable { file: file.clone(), reason: reason(&error) })?;
    if head.is_empty() {
        return Err(SampleError::Empty { file });
    }
    if let Some(what) = what_it_is(&head) {
        return Err(SampleError::NotSound { file, what: what.to_owned() });
    }
    // The decoders are not ours: should one panic on a file, the file is at fault
    // and the loader goes on. Nothing of what it held is used afterwards.
    catch_unwind(AssertUnwindSafe(|| frames(source, path))).unwrap_or_else(|_| {
        Err(SampleError::Damaged { file, reason: "no decoder gets along with it".into() })
    })
}

/// The first bytes, for a look at them; the source stands at its beginning again.
fn head(source: &mut dyn MediaSource) -> std::io::Result<Vec<u8>> {
    let mut head = Vec::new();
    source.take(512).read_to_end(&mut head)?;
    source.rewind()?;
    Ok(head)
}

fn frames(source: Box<dyn MediaSource>, path: &Path) -> Result<Sample, SampleError> {
    let file = || path.to_owned();
    let damaged = |reason: String| SampleError::Damaged { file: file(), reason };
    let bytes = source.byte_len();
    let stream = MediaSourceStream::new(source, Default::default());
    // No hint: a name may lie.
    let mut format = symphonia::default::get_probe()
        .probe(&Hint::new(), stream, FormatOptions::default(), MetadataOptions::default())
        .map_err(|error| unknown(error, path))?;
    let track = format.default_track(TrackType::Audio).ok_or_else(|| SampleError::Silent { file: file() })?;
    let track_id = track.id;
    let parameters = track
        .codec_params
        .as_ref()
        .and_then(|parameters| parameters.audio())
        .ok_or_else(|| damaged("it does not say how it is coded".into()))?
        .clone();
    let promised = track.num_frames;
    // What was written to a pipe promises 4 GB of PCM: no more is there than the file is long.
    let bits = parameters.bits_per_coded_sample.filter(|_| is_pcm(parameters.codec));
    let room = bytes.zip(bits).map(|(bytes, bits)| bytes / u64::from(bits.max(8) / 8));
    let promised = promised.zip(room).map(|(promised, room)| promised.min(room)).or(promised);
    if let (Some(rate), Some(promised)) = (parameters.sample_rate, promised) {
        let channels = parameters.channels.as_ref().map_or(1, |channels| channels.count().clamp(1, 2));
        within_bounds(path, rate, channels, promised)?;
    }
    let mut decoder = symphonia::default::get_codecs()
        .make_audio_decoder(&parameters, &AudioDecoderOptions::default())
        .map_err(|error| unknown(error, path))?;

    let (mut rate, mut channels) = (0, 0);
    let mut out: Vec<f32> = Vec::new();
    let mut packet_frames: Vec<f32> = Vec::new();
    let mut bad_packets = 0;
    let mut cut_short = false;
    let mut trouble = None;
    loop {
        let packet = match format.next_packet() {
            Ok(Some(packet)) => packet,
            Ok(None) => break,
            // A second stream in the file begins: the sample is the first.
            Err(Error::ResetRequired) => break,
            Err(error) => {
                cut_short = true;
                trouble = Some(said(&error));
                break;
            }
        };
        if packet.track_id != track_id {
            continue;
        }
        let buffer = match decoder.decode(&packet) {
            Ok(buffer) => {
                bad_packets = 0;
                buffer
            }
            Err(error) => {
                cut_short = true;
                trouble = Some(said(&error));
                bad_packets += 1;
                if bad_packets > MAX_BAD_PACKETS || !matches!(error, Error::DecodeError(_)) {
                    break;
                }
                continue;
            }
        };
        let all = buffer.num_planes();
        if all == 0 || buffer.frames() == 0 {
            continue;
        }
        if channels == 0 {
            (rate, channels) = (buffer.spec().rate(), all.min(2));
        }
        buffer.copy_to_vec_interleaved(&mut packet_frames);
        for frame in packet_frames.chunks_exact(all) {
            out.extend((0..channels).map(|channel| frame[channel.min(all - 1)]));
        }
        within_bounds(path, rate, channels, (out.len() / channels) as u64)?;
    }
    let decoded = out.len() / channels.max(1);
    cut_short |= promised.is_some_and(|promised| (decoded as u64) < promised);
    match Sample::new(path.display().to_string(), rate, channels, out) {
        Some(sample) => Ok(sample.cut_short(cut_short)),
        None => Err(match trouble {
            Some(trouble) => damaged(trouble),
            None => SampleError::Silent { file: file() },
        }),
    }
}

/// Whether each sample is a number of its own width: integers, floats, a-law and µ-law.
fn is_pcm(codec: AudioCodecId) -> bool {
    PcmDecoder::supported_codecs().iter().any(|known| known.id == codec)
}

/// Whether `frames` frames are within length and memory.
fn within_bounds(path: &Path, rate: u32, channels: usize, frames: u64) -> Result<(), SampleError> {
    let file: PathBuf = path.to_owned();
    // A rate of 0 is refused with the frames; here it must not divide.
    let seconds = frames / u64::from(rate.max(1));
    if seconds > MAX_SECONDS || (seconds == MAX_SECONDS && !frames.is_multiple_of(u64::from(rate.max(1)))) {
        return Err(SampleError::TooLong { file, length: length(seconds) });
    }
    let bytes = frames.saturating_mul(4 * channels as u64);
    if bytes > MAX_BYTES {
        return Err(SampleError::TooLarge { file, megabytes: bytes.div_ceil(1_000_000) });
    }
    Ok(())
}

/// `about 1 hour 2 minutes`: a decoder without a header knows only that it is more than was read.
fn length(seconds: u64) -> String {
    let minutes = seconds / 60;
    match (minutes / 60, minutes % 60) {
        (0, 10) => "more than 10 minutes".to_owned(),
        (0, minutes) => format!("{minutes} minutes"),
        (1, 0) => "1 hour".to_owned(),
        (1, minutes) => format!("1 hour {minutes} minutes"),
        (hours, _) => format!("{hours} hours"),
    }
}

/// No reader or no decoder takes the file.
fn unknown(error: Error, path: &Path) -> SampleError {
    let file = path.to_owned();
    match error {
        Error::Unsupported(_) => SampleError::NotSound {
            file,
            what: "is no sound file that can be read here: use WAV, AIFF, FLAC, OGG or MP3".into(),
        },
        // Probing a file that is none of ours ends at its end.
        Error::IoError(error) if error.kind() == ErrorKind::UnexpectedEof => SampleError::NotSound {
            file,
            what: "is no sound file, or ends within its header: use WAV, AIFF, FLAC, OGG or MP3".into(),
        },
        error => SampleError::Damaged { file, reason: said(&error) },
    }
}

/// What the decoder says, without its own preface.
fn said(error: &Error) -> String {
    match error {
        Error::IoError(error) if error.kind() == ErrorKind::UnexpectedEof => "it ends too early".to_owned(),
        Error::IoError(error) => error.to_string(),
        Error::DecodeError(what) | Error::Unsupported(what) | Error::LimitError(what) => (*what).to_owned(),
        _ => "its parts contradict each other".to_owned(),
    }
}
