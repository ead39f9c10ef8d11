//! Finding and opening a device of the system, and the errors of that.

use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use rodio::cpal::traits::{DeviceTrait, HostTrait};
use rodio::cpal::{self, BufferSize, Device, ErrorKind};
use rodio::{DeviceSinkBuilder, DeviceSinkError, MixerDeviceSink, SampleRate};

use crate::handle::Shared;

/// Frames that the device is asked to take at a time: 21 ms at 48 kHz, which a busy laptop keeps
/// up with, and which a performer does not notice behind a plan of two bars.
const BUFFER_FRAMES: u32 = 1024;

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

/// The names of the output devices, as [`AudioOut::open`](crate::AudioOut::open) takes them.
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

fn name_of(device: &Device) -> String {
    device.description().map_or_else(|_| "unnamed".to_owned(), |d| d.name().to_owned())
}

/// The device of this name, or the system's default one.
pub(crate) fn find(name: Option<&str>) -> Result<Device, AudioError> {
    quiet();
    let Some(name) = name else {
        return cpal::default_host().default_output_device().ok_or(AudioError::NoDevice);
    };
    let devices = output_devices()?;
    match devices.iter().find(|d| name_of(d) == name) {
        Some(device) => Ok(device.clone()),
        None => Err(AudioError::NoSuchDevice {
            name: name.to_owned(),
            available: devices.iter().map(name_of).collect(),
        }),
    }
}

/// Starts a device at `sample_rate`, or at its own rate where it knows no other (rodio then
/// resamples), in stereo, or in the channels that it has.
pub(crate) fn start(
    device: Device,
    sample_rate: SampleRate,
    shared: &Arc<Shared>,
) -> Result<MixerDeviceSink, AudioError> {
    let name = name_of(&device);
    let report = || {
        let shared = shared.clone();
        move |error: cpal::Error| stream_error(&shared, &error)
    };
    let own = || DeviceSinkBuilder::from_device(device.clone());
    let two = NonZero::<u16>::MIN.saturating_add(1);
    let preferred = |buffer: BufferSize| {
        own()?
            .with_channels(two)
            .with_sample_rate(sample_rate)
            .with_buffer_size(buffer)
            .with_error_callback(report())
            .open_stream()
    };
    // JACK takes no buffer size but its own; some cards know neither the rate nor stereo.
    let mut sink = preferred(BufferSize::Fixed(BUFFER_FRAMES))
        .or_else(|_| preferred(BufferSize::Default))
        .or_else(|_| own()?.with_buffer_size(BufferSize::Default).with_error_callback(report()).open_stream())
        .map_err(|e| from_rodio(&name, e))?;
    sink.log_on_drop(false);
    Ok(sink)
}

/// What a running stream reports: the end of the device, or bad luck that passes. A stream that
/// ends without a word is noticed by its silence, see [`Shared::stalled`].
fn stream_error(shared: &Shared, error: &cpal::Error) {
    match error.kind() {
        ErrorKind::DeviceNotAvailable | ErrorKind::HostUnavailable | ErrorKind::StreamInvalidated => {
            shared.lost.store(true, Ordering::Relaxed);
        }
        ErrorKind::DeviceChanged | ErrorKind::RealtimeDenied => {}
        _ => {
            shared.dropouts.fetch_add(1, Ordering::Relaxed);
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
        let shared = Shared::new(&lilt_synth::MixerConfig::default());
        for kind in [ErrorKind::Xrun, ErrorKind::DeviceChanged, ErrorKind::RealtimeDenied] {
            stream_error(&shared, &kind.into());
            assert!(!shared.lost.load(Ordering::Relaxed), "{kind:?}");
        }
        stream_error(&shared, &ErrorKind::BackendError.into());
        assert!(!shared.lost.load(Ordering::Relaxed), "a fault that passes");
        assert_eq!(shared.dropouts.load(Ordering::Relaxed), 2);
        stream_error(&shared, &ErrorKind::DeviceNotAvailable.into());
        assert!(shared.lost.load(Ordering::Relaxed));
    }
}
