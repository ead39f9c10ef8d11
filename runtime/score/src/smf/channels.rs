//! Which slot goes on which of the sixteen channels of a MIDI file.

use std::fmt;

use super::DRUM_CHANNEL;

/// Where a slot belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// On this channel, `1..=16`, as on the port to which it is sent; other numbers count as the nearest.
    Port(u8),
    /// With the drums.
    Drums,
    /// On a channel of its own.
    Own,
}

/// The channels of the slots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allotment {
    /// One a slot, `1..=16`, in the order of the slots.
    pub channels: Vec<u8>,
    /// Slots that had to share, if any.
    pub shared: Option<SharedChannels>,
}

/// There were more slots than channels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedChannels {
    /// Slots that are on a channel with another's instrument.
    pub slots: Vec<String>,
    /// Channels that were free for slots that ask for none.
    pub channels: usize,
}

/// ``more slots than the 15 free channels of a MIDI file: `x` and `y` share another slot's channel, …``
impl fmt::Display for SharedChannels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<String> = self.slots.iter().map(|slot| format!("`{slot}`")).collect();
        let (names, verb) = match names.split_last() {
            Some((last, [])) => (last.clone(), "shares"),
            Some((last, others)) => (format!("{} and {last}", others.join(", ")), "share"),
            None => (String::new(), "share"),
        };
        let channels = match self.channels {
            0 => "no channel of the MIDI file is free".to_owned(),
            1 => "there are more slots than the 1 free channel of a MIDI file".to_owned(),
            count => format!("there are more slots than the {count} free channels of a MIDI file"),
        };
        write!(
            f,
            "{channels}: {names} {verb} another slot's channel, and so its instrument, gain and pan; render fewer slots at a time to keep them apart"
        )
    }
}

/// Gives every slot its channel. Those bound to a port's keep it, drums are on [`DRUM_CHANNEL`], and the others get what
/// is left, each its own as long as there are any, then the same again in turn.
pub fn allot<'a>(slots: impl IntoIterator<Item = (&'a str, Wish)>) -> Allotment {
    let slots: Vec<(&str, Wish)> = slots.into_iter().collect();
    let bound = |channel: &u8| {
        slots.iter().any(|(_, wish)| matches!(wish, Wish::Port(port) if port.clamp(&1, &16) == channel))
    };
    let melodic = || (1..=16).filter(|channel| *channel != DRUM_CHANNEL);
    let free: Vec<u8> = melodic().filter(|channel| !bound(channel)).collect();
    let last_resort: Vec<u8> = if free.is_empty() { melodic().collect() } else { free.clone() };
    let mut in_turn = last_resort.iter().copied().cycle();
    let mut own = 0;
    let mut shared = Vec::new();
    let channels = slots
        .iter()
        .map(|(name, wish)| match wish {
            Wish::Port(channel) => (*channel).clamp(1, 16),
            Wish::Drums => DRUM_CHANNEL,
            Wish::Own => {
                own += 1;
                if own > free.len() {
                    shared.push((*name).to_owned());
                }
                in_turn.next().unwrap_or(1)
            }
        })
        .collect();
    let shared = (!shared.is_empty()).then_some(SharedChannels { slots: shared, channels: free.len() });
    Allotment { channels, shared }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_slot_has_its_channel() {
        let own = |count: usize| vec![Wish::Own; count];
        for (wishes, channels) in [
            (own(3), vec![1, 2, 3]),
            (own(15), (1..=16).filter(|channel| *channel != 10).collect()),
            (vec![Wish::Drums, Wish::Own, Wish::Drums], vec![10, 1, 10]),
            // A port's channel is nobody else's, wherever its slot stands.
            (vec![Wish::Port(1), Wish::Own], vec![1, 2]),
            (vec![Wish::Own, Wish::Port(1), Wish::Own], vec![2, 1, 3]),
            (vec![Wish::Port(3), Wish::Port(3)], vec![3, 3]),
            (vec![Wish::Port(0), Wish::Port(200)], vec![1, 16]),
        ] {
            let allotment = allot(wishes.iter().map(|wish| ("x", *wish)));
            assert_eq!(allotment, Allotment { channels, shared: None }, "{wishes:?}");
        }
    }

    #[test]
    fn too_few_channels_are_told() {
        let names: Vec<String> = (1..=17).map(|slot| format!("s{slot}")).collect();
        let told = |wish: &dyn Fn(usize) -> Wish, count: usize| {
            let slots =
                names.iter().take(count).enumerate().map(|(index, name)| (name.as_str(), wish(index)));
            allot(slots).shared.map(|shared| shared.to_string())
        };
        assert_eq!(told(&|_| Wish::Own, 15), None);
        assert_eq!(
            told(&|_| Wish::Own, 17),
            Some("there are more slots than the 15 free channels of a MIDI file: `s16` and `s17` share another slot's channel, and so its instrument, gain and pan; render fewer slots at a time to keep them apart".to_owned())
        );
        let ports = |index: usize| if index < 16 { Wish::Port(index as u8 + 1) } else { Wish::Own };
        assert_eq!(
            told(&ports, 17),
            Some("no channel of the MIDI file is free: `s17` shares another slot's channel, and so its instrument, gain and pan; render fewer slots at a time to keep them apart".to_owned())
        );
    }
}
