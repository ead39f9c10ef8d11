//! The two halves of the store of samples: the handle of the control side, and the mixer's.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crossbeam_queue::ArrayQueue;

use super::Sample;

/// Names a sample of a mixer. An id is not used again before the sample that it named is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SampleId {
    place: u16,
    /// How many samples had the place before.
    generation: u16,
}

impl SampleId {
    pub(crate) fn place(self) -> usize {
        usize::from(self.place)
    }
}

/// The mixer holds as many samples as it was made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{capacity} samples are loaded already, and none of them has been given up")]
pub struct LibraryFull {
    /// How many it was made for.
    pub capacity: usize,
}

#[derive(Debug)]
enum Message {
    Insert(SampleId, Sample),
    Remove(SampleId),
}

/// What the halves share. The queues have room for all that can be under way: one insertion, one
/// removal and one return for each place, since a place is given out again only after its return.
#[derive(Debug)]
struct Exchange {
    incoming: ArrayQueue<Message>,
    retired: ArrayQueue<(SampleId, Sample)>,
    /// Never touched by the mixer.
    places: Mutex<Places>,
    capacity: usize,
}

#[derive(Debug)]
struct Places {
    free: Vec<SampleId>,
    /// Ids that are in use and have not been removed.
    held: Vec<SampleId>,
}

/// The control side of a mixer's samples. Cheap to clone; not for the audio thread.
#[derive(Clone, Debug)]
pub struct SampleHandle {
    exchange: Arc<Exchange>,
}

impl SampleHandle {
    /// Gives a sample to the mixer. A note that is pushed afterwards can play it.
    ///
    /// # Errors
    ///
    /// [`LibraryFull`] when the mixer has as many as it was made for.
    pub fn insert(&self, sample: Sample) -> Result<SampleId, LibraryFull> {
        self.collect();
        let mut places = self.places();
        let full = LibraryFull { capacity: self.exchange.capacity };
        let id = places.free.pop().ok_or(full)?;
        if self.exchange.incoming.push(Message::Insert(id, sample)).is_err() {
            places.free.push(id);
            return Err(full);
        }
        places.held.push(id);
        Ok(id)
    }

    /// Gives a sample up. Voices that play it go on to their end; notes that come later find nothing.
    /// Whether it was there.
    pub fn remove(&self, id: SampleId) -> bool {
        let mut places = self.places();
        let Some(at) = places.held.iter().position(|held| *held == id) else { return false };
        places.held.swap_remove(at);
        self.exchange.incoming.push(Message::Remove(id)).is_ok()
    }

    /// Frees the samples that have come back from the mixer; how many there were. To be called now
    /// and then after removals; inserting does it too.
    pub fn collect(&self) -> usize {
        let mut places = self.places();
        let mut count = 0;
        while let Some((id, sample)) = self.exchange.retired.pop() {
            drop(sample);
            places.free.push(SampleId { generation: id.generation.wrapping_add(1), ..id });
            count += 1;
        }
        count
    }

    /// Whether both are handles of one mixer: what the one inserts the other can remove.
    #[must_use]
    pub fn is_of_the_mixer_of(&self, other: &SampleHandle) -> bool {
        Arc::ptr_eq(&self.exchange, &other.exchange)
    }

    fn places(&self) -> MutexGuard<'_, Places> {
        self.exchange.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug)]
struct Place {
    sample: Sample,
    generation: u16,
    leaving: bool,
}

/// The mixer's side.
pub(crate) struct Library {
    exchange: Arc<Exchange>,
    places: Vec<Option<Place>>,
    /// Places whose samples go back once nothing plays them.
    leaving: Vec<SampleId>,
}

impl Library {
    pub(crate) fn new(capacity: usize) -> Self {
        let capacity = capacity.clamp(1, usize::from(u16::MAX));
        let free = (0..capacity as u16).rev().map(|place| SampleId { place, generation: 0 }).collect();
        let places = Mutex::new(Places { free, held: Vec::new() });
        Library {
            exchange: Arc::new(Exchange {
                incoming: ArrayQueue::new(2 * capacity),
                retired: ArrayQueue::new(capacity),
                places,
                capacity,
            }),
            places: (0..capacity).map(|_| None).collect(),
            leaving: Vec::with_capacity(capacity),
        }
    }

    pub(crate) fn handle(&self) -> SampleHandle {
        SampleHandle { exchange: self.exchange.clone() }
    }

    /// Takes what has come, and sends back what nothing plays: `plays` tells whether a place is
    /// played. Allocates and frees nothing.
    pub(crate) fn exchange(&mut self, plays: impl Fn(usize) -> bool) {
        while let Some(message) = self.exchange.incoming.pop() {
            match message {
                Message::Insert(id, sample) => {
                    let place = Place { sample, generation: id.generation, leaving: false };
                    self.places[id.place()] = Some(place);
                }
                Message::Remove(id) => {
                    if let Some(place) = &mut self.places[id.place()] {
                        place.leaving = true;
                        self.leaving.push(id);
                    }
                }
            }
        }
        let (places, retired) = (&mut self.places, &self.exchange.retired);
        self.leaving.retain(|id| {
            if plays(id.place()) {
                return true;
            }
            if let Some(place) = places[id.place()].take()
                && let Err((id, sample)) = retired.push((*id, place.sample))
            {
                // Cannot be, see `Exchange`; and if it is, the sample stays where it was.
                places[id.place()] = Some(Place { sample, generation: id.generation, leaving: true });
                return true;
            }
            false
        });
    }

    /// The sample of a note that begins: none that has been given up.
    pub(crate) fn for_note(&self, id: SampleId) -> Option<&Sample> {
        let place = self.places.get(id.place())?.as_ref()?;
        (place.generation == id.generation && !place.leaving).then_some(&place.sample)
    }

    /// The sample of a voice that plays.
    #[inline]
    pub(crate) fn playing(&self, id: SampleId) -> Option<&Sample> {
        self.places.get(id.place())?.as_ref().map(|place| &place.sample)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> (Sample, std::sync::Weak<[f32]>) {
        let data: Arc<[f32]> = Arc::from(vec![0.5f32; 8]);
        let weak = Arc::downgrade(&data);
        (Sample::new(data, 1, 48_000).expect("it is one"), weak)
    }

    #[test]
    fn a_removed_sample_comes_back_when_nothing_plays_it() {
        let mut library = Library::new(2);
        let handle = library.handle();
        let (one, memory) = sample();
        let id = handle.insert(one).expect("there is room");
        library.exchange(|_| false);
        assert!(library.for_note(id).is_some());
        assert!(handle.remove(id) && !handle.remove(id));
        library.exchange(|place| place == id.place());
        assert!(library.for_note(id).is_none(), "no new notes");
        assert!(library.playing(id).is_some(), "but what plays goes on");
        assert_eq!(handle.collect(), 0);
        library.exchange(|_| false);
        assert!(library.playing(id).is_none());
        assert!(memory.upgrade().is_some(), "the mixer has freed nothing");
        assert_eq!(handle.collect(), 1);
        assert!(memory.upgrade().is_none());
    }

    #[test]
    fn ids_are_used_again_only_after_the_return_and_differ() {
        let mut library = Library::new(1);
        let handle = library.handle();
        let first = handle.insert(sample().0).expect("there is room");
        let full = handle.insert(sample().0).expect_err("there is room for one");
        assert_eq!(full.to_string(), "1 samples are loaded already, and none of them has been given up");
        assert!(handle.remove(first));
        assert!(handle.insert(sample().0).is_err(), "the mixer has not given it back");
        library.exchange(|_| false);
        let second = handle.insert(sample().0).expect("it is back");
        library.exchange(|_| false);
        assert_ne!(first, second);
        assert!(library.for_note(first).is_none() && library.for_note(second).is_some());
    }
}
