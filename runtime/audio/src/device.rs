//! Finding and opening a device of the system, and the errors of that.

use std::num::NonZero;
use std::sync::Arc;

use rodio::cpal::traits::{DeviceTrait, HostTrait};
use rodio::cpal::{self, BufferSize, Device, ErrorKind};
use rodio::{DeviceSinkBuilder, DeviceSinkError, MixerDeviceSink, SampleRate};

use crate::handle::Shared;
use crate::stream::Stream;

/// An open device.
pub(crate) type Opened = MixerDeviceSink;

/// Frames that the device is asked to take at a time: 11 ms at 48 kHz. A device has a ring of two
/// such buffers, so that what is sent is heard after three of them at most, and the block of 64 that
/// the limiter looks ahead: 33 ms, of the 60 ms in which an edit is to be heard. Twice as many frames
/// would take 65 ms. Half as many would leave the callback 5 ms to come late in, which a thread
/// without a priority of its own does not keep on a busy laptop.
const BUFFER_FRAMES: u32 = 512;

/// What is tried in turn: some cards take larger pieces only, and JACK only its own. What a device
/// prefers comes last, because it can be a third of a second.
const BUFFERS: [BufferSize; 4] = [
    BufferSize::Fixed(BUFFER_FRAMES),
    BufferSize::Fixed(2 * BUFFER_FRAMES),
    BufferSize::Fixed(4 * BUFFER_FRAMES),
    BufferSize::Default,
];

/// Why there is no sound.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AudioError {
    /// The system has no output device.
    #[error("there is no sound device: plug one in, or play with --audio none")]
    NoDevice,
    /// The system has no output device of this name.
    #[error("there is no sound device \"{name}\"; there {}", list(available))]
    NoSuchDevice {
        /// The name asked for.
        name: String,
        /// The names there are.
        available: Vec<String>,
    },
    /// The device, or the sound server in front of it, cannot be reached.
    #[error(
        "the sound device \"{name}\" cannot be reached ({reason}): is it plugged in, and is its sound server running?"
    )]
    Unavailable {
        /// The device.
        name: String,
        /// What the system says.
        reason: String,
    },
    /// Another program holds the device.
    #[error("the sound device \"{name}\" is in use by another program: close that, or choose another device")]
    Busy {
        /// The device.
        name: String,
    },
    /// The device was found, but did not start.
    #[error("the sound device \"{name}\" did not start: {reason}")]
    Failed {
        /// The device.
        name: String,
        /// What the system says.
        reason: String,
    },
    /// The device played, and has gone.
    #[error("the sound device \"{name}\" has gone: plug it in again, and it plays on")]
    Gone {
        /// The device.
        name: String,
    },
    /// The device, or the sound server in front of it, hangs.
    #[error("the sound device \"{name}\" does not answer: does its sound server hang?")]
    NoAnswer {
        /// The device.
        name: String,
    },
    /// Silence was asked for.
    #[error("as asked")]
    NotWanted,
    /// The system gave no thread to play from.
    #[error("the system has no thread for sound: {reason}")]
    NoThread {
        /// What the system says.
        reason: String,
    },
    /// The sample rate asked for is 0.
    #[error("a sample rate of 0 Hz makes no sound: ask for 48000")]
    NoSampleRate,
}

fn list(names: &[String]) -> String {
    match names {
        [] => "is none at all".to_owned(),
        [one] => format!("is only \"{one}\""),
        several => format!("are \"{}\"", several.join("\", \"")),
    }
}

/// The names of the output devices, as [`Speaker::new`](crate::Speaker::new) takes them.
///
/// # Errors
///
/// [`AudioError`] when the system cannot list its devices.
pub fn devices() -> Result<Vec<String>, AudioError> {
    quiet();
    let mut names: Vec<String> = output_devices()?.iter().map(name_of).collect();
    names.dedup();
    Ok(names)
}

/// Keeps what ALSA prints on this thread off the terminal: a missing card makes a
/// dozen lines, and the error that comes back says it in one.
fn quiet() {
    #[cfg(target_os = "linux")]
    // Where no handler can be had, ALSA goes on printing: ugly, and harmless.
    let _ = alsa::Output::local_error_handler();
}

/// The hosts to look at: the system's own, and JACK where it is built in and runs.
fn hosts() -> impl Iterator<Item = cpal::Host> {
    #[cfg(feature = "jack")]
    let jack = cpal::host_from_id(cpal::HostId::Jack).ok();
    #[cfg(not(feature = "jack"))]
    let jack = None;
    std::iter::once(cpal::default_host()).chain(jack)
}

fn output_devices() -> Result<Vec<Device>, AudioError> {
    let mut found = Vec::new();
    for host in hosts() {
        let devices = host.output_devices().map_err(|e| classify(host.id().name(), e.kind(), &e))?;
        found.extend(devices);
    }
    Ok(found)
}

pub(crate) fn name_of(device: &Device) -> String {
    device.description().map_or_else(|_| "unnamed".to_owned(), |d| d.name().to_owned())
}

/// Which of `names` is meant: the one that is written so; else the first that differs in case
/// only; else the first that has it somewhere in it, whatever the case.
fn choose(names: &[String], wanted: &str) -> Option<usize> {
    let wanted_low = wanted.to_lowercase();
    let low: Vec<String> = names.iter().map(|name| name.to_lowercase()).collect();
    let exact = names.iter().position(|name| name == wanted);
    let whole = || low.iter().position(|name| *name == wanted_low);
    let part = || low.iter().position(|name| !wanted_low.is_empty() && name.contains(&wanted_low));
    exact.or_else(whole).or_else(part)
}

/// The device that this name means, or the system's default one.
pub(crate) fn find(name: Option<&str>) -> Result<Device, AudioError> {
    quiet();
    let Some(name) = name else {
        return cpal::default_host().default_output_device().ok_or(AudioError::NoDevice);
    };
    let devices = output_devices()?;
    let mut names: Vec<String> = devices.iter().map(name_of).collect();
    match choose(&names, name) {
        Some(chosen) => Ok(devices[chosen].clone()),
        None => {
            names.dedup();
            Err(AudioError::NoSuchDevice { name: name.to_owned(), available: names })
        }
    }
}

/// Starts a device at `sample_rate` in stereo, or at the rate and in the channels that it has, where
/// it knows no other; rodio then resamples.
pub(crate) fn start(
    device: Device,
    sample_rate: SampleRate,
    shared: &Arc<Shared>,
    stream: &Arc<Stream>,
) -> Result<Opened, AudioError> {
    let name = name_of(&device);
    let two = NonZero::<u16>::MIN.saturating_add(1);
    let open = |ours: bool, buffer: BufferSize| {
        let (shared, stream) = (shared.clone(), stream.clone());
        let builder = DeviceSinkBuilder::from_device(device.clone())?;
        let builder = if ours { builder.with_channels(two).with_sample_rate(sample_rate) } else { builder };
        builder
            .with_buffer_size(buffer)
            .with_error_callback(move |error| stream_error(&shared, &stream, &error))
            .open_stream()
    };
    let mut refusal = AudioError::NoDevice;
    for ours in [true, false] {
        for buffer in BUFFERS {
            match open(ours, buffer) {
                Ok(mut sink) => {
                    sink.log_on_drop(false);
                    return Ok(sink);
                }
                // A device that does not even say what it is like cannot be reached at all.
                Err(error @ DeviceSinkError::DefaultSinkConfigError(_)) => {
                    return Err(from_rodio(&name, error));
                }
                Err(error) => refusal = from_rodio(&name, error),
            }
            if !matches!(refusal, AudioError::Failed { .. } | AudioError::Unavailable { .. }) {
                return Err(refusal);
            }
        }
    }
    Err(refusal)
}

/// What a running stream reports: the end of the device, or bad luck that passes. A stream that
/// ends without a word is noticed by its silence, see [`Stream::quiet_for`].
fn stream_error(shared: &Shared, stream: &Stream, error: &cpal::Error) {
    match error.kind() {
        ErrorKind::DeviceNotAvailable | ErrorKind::HostUnavailable | ErrorKind::StreamInvalidated => {
            stream.set_lost();
        }
        ErrorKind::DeviceChanged | ErrorKind::RealtimeDenied => {}
        _ => {
            shared.count_dropout();
        }
    }
}

fn from_rodio(name: &str, error: DeviceSinkError) -> AudioError {
    match &error {
        DeviceSinkError::NoDevice => AudioError::NoDevice,
        DeviceSinkError::PlayError(cause)
        | DeviceSinkError::DefaultSinkConfigError(cause)
        | DeviceSinkError::BuildError(cause)
        | DeviceSinkError::SupportedConfigsError(cause) => classify(name, cause.kind(), cause),
        DeviceSinkError::UnsupportedSampleFormat => {
            AudioError::Failed { name: name.to_owned(), reason: error.to_string() }
        }
    }
}

fn classify(name: &str, kind: ErrorKind, cause: &cpal::Error) -> AudioError {
    let name = name.to_owned();
    let reason = cause.to_string();
    match kind {
        ErrorKind::DeviceBusy => AudioError::Busy { name },
        ErrorKind::DeviceNotAvailable | ErrorKind::HostUnavailable | ErrorKind::BackendError => {
            AudioError::Unavailable { name, reason }
        }
        _ => AudioError::Failed { name, reason },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::handle::AudioHandle;
    use crate::timeline::Timeline;
    use std::time::Instant;

    #[test]
    fn messages_say_what_to_do() {
        let missing = |available: &[&str]| {
            AudioError::NoSuchDevice {
                name: "Scarlett".to_owned(),
                available: available.iter().map(|&s| s.to_owned()).collect(),
            }
            .to_string()
        };
        assert_eq!(missing(&[]), "there is no sound device \"Scarlett\"; there is none at all");
        assert_eq!(missing(&["hdmi"]), "there is no sound device \"Scarlett\"; there is only \"hdmi\"");
        assert_eq!(
            missing(&["hdmi", "usb"]),
            "there is no sound device \"Scarlett\"; there are \"hdmi\", \"usb\""
        );
    }

    #[test]
    fn causes_are_told_apart() {
        for (kind, expected) in [
            (ErrorKind::DeviceBusy, "Busy"),
            (ErrorKind::DeviceNotAvailable, "Unavailable"),
            (ErrorKind::BackendError, "Unavailable"),
            (ErrorKind::UnsupportedConfig, "Failed"),
        ] {
            let error = classify("default", kind, &kind.into());
            let debug = format!("{error:?}");
            assert!(debug.starts_with(expected), "{kind:?}: {debug}");
        }
    }

    #[test]
    fn only_what_ends_a_stream_counts_as_lost() {
        let timeline = Timeline::new(0, 48_000);
        let stream = Stream::new(&timeline, Instant::now());
        let config = lilt_synth::MixerConfig::default();
        let shared = Arc::new(Shared::new(&config, timeline, lilt_synth::Mixer::new(config).samples()));
        for kind in [ErrorKind::Xrun, ErrorKind::DeviceChanged, ErrorKind::RealtimeDenied] {
            stream_error(&shared, &stream, &kind.into());
            assert!(!stream.lost(), "{kind:?}");
        }
        stream_error(&shared, &stream, &ErrorKind::BackendError.into());
        assert!(!stream.lost(), "a fault that passes");
        assert_eq!(AudioHandle::new(shared.clone()).status().dropouts, 2);
        stream_error(&shared, &stream, &ErrorKind::DeviceNotAvailable.into());
        assert!(stream.lost());
    }

    #[test]
    fn a_part_of_a_name_is_enough() {
        let names =
            ["JACK Audio Connection Kit", "Default (JACK)", "jack", "HDA Intel", ""].map(str::to_owned);
        for (wanted, expected) in [
            ("jack", Some(2)),
            ("JACK", Some(2)),
            ("Jack audio", Some(0)),
            ("intel", Some(3)),
            ("HDA Intel", Some(3)),
            ("(jack)", Some(1)),
            ("Scarlett", None),
            ("", Some(4)),
        ] {
            assert_eq!(choose(&names, wanted), expected, "{wanted}");
        }
        assert_eq!(choose(&names[..4], ""), None);
    }
}
