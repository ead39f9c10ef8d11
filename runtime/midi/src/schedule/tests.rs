use proptest::prelude::*;

use super::*;
use crate::{MemorySink, Sink};

const PORT: PortId = PortId(0);

fn channel(number: u8) -> Channel {
    Channel::new(number).expect("a channel")
}

fn on(key: u8) -> Message {
    Message::NoteOn { channel: channel(1), key, velocity: 90 }
}

fn off(key: u8) -> Message {
    Message::NoteOff { channel: channel(1), key }
}

fn bend(semitones: f64) -> Message {
    Message::PitchBend { channel: channel(1), semitones }
}

fn controller(controller: u8, value: u8) -> Message {
    Message::ControlChange { channel: channel(1), controller, value }
}

/// A schedule whose second 0 is `start`.
struct Bench {
    start: Instant,
    schedule: Schedule,
}

impl Bench {
    fn new() -> Bench {
        let mut schedule = Schedule::new();
        schedule.attach(PORT);
        Bench { start: Instant::now(), schedule }
    }

    fn at(&self, millis: u64) -> Instant {
        self.start + Duration::from_millis(millis)
    }

    fn put(&mut self, slot: u16, millis: u64, message: Message) {
        let seconds = millis as f64 / 1000.0;
        self.schedule.put(Scheduled { at: self.at(millis), seconds, slot, port: PORT, message });
    }

    /// What is sent at a moment, all of it.
    fn sent(&mut self, millis: u64) -> Vec<Message> {
        let now = self.at(millis);
        let batches = std::iter::from_fn(|| self.schedule.take(now));
        batches.flatten().map(|(_, message)| message).collect()
    }

    fn retract(&mut self, slot: u16, from: f64, millis: u64) {
        let now = self.at(millis);
        self.schedule.retract(slot, from, now);
    }
}

#[test]
fn what_waits_is_taken_back_from_a_second_on() {
    let mut bench = Bench::new();
    for (slot, millis, message) in [
        (1, 10, on(60)),
        (1, 20, off(60)),
        (1, 30, on(62)),
        (2, 30, on(70)),
        (1, 40, off(62)),
        (2, 50, off(70)),
    ] {
        bench.put(slot, millis, message);
    }
    assert_eq!(bench.sent(10), [on(60)]);
    bench.retract(1, 0.02, 10);
    bench.put(1, 25, off(60));
    bench.put(1, 30, on(64));
    bench.put(1, 45, off(64));
    assert_eq!(bench.sent(25), [off(60)]);
    assert_eq!(bench.sent(50), [on(70), on(64), off(64), off(70)]);
    assert!(bench.schedule.ledger.is_empty());
}

#[test]
fn what_was_sent_already_is_ended_when_it_is_taken_back() {
    let mut bench = Bench::new();
    for (slot, millis, message) in [
        (1, 10, on(60)),
        (1, 20, on(62)),
        (2, 20, on(70)),
        (1, 90, off(60)),
        (1, 90, off(62)),
        (2, 90, off(70)),
    ] {
        bench.put(slot, millis, message);
    }
    assert_eq!(bench.sent(40), [on(60), on(62), on(70)]);
    bench.retract(1, 0.02, 40);
    bench.put(1, 60, off(60));
    assert_eq!(bench.sent(49), []);
    assert_eq!(bench.sent(50), [off(62)]);
    assert_eq!(bench.sent(90), [off(60), off(70)]);
    assert_eq!(bench.sent(200), []);
}

#[test]
fn what_was_sent_and_taken_back_and_sent_again_is_one_note() {
    let mut bench = Bench::new();
    bench.put(1, 20, on(60));
    bench.put(1, 90, off(60));
    assert_eq!(bench.sent(24), [on(60)]);
    bench.retract(1, 0.02, 24);
    bench.put(1, 20, on(60));
    bench.put(1, 50, off(60));
    assert_eq!(bench.sent(49), []);
    assert_eq!(bench.sent(200), [off(60)]);
}

#[test]
fn messages_of_one_second_keep_their_order_whatever_their_instants() {
    let mut bench = Bench::new();
    let wobble = |micros: u64| bench.start + Duration::from_micros(100_000 + micros);
    let instants = [wobble(7), wobble(0), wobble(12)];
    for (at, message) in instants.into_iter().zip([off(60), bend(0.5), on(60)]) {
        bench.schedule.put(Scheduled { at, seconds: 0.1, slot: 1, port: PORT, message });
    }
    assert_eq!(bench.schedule.next(), Some(instants[0]));
    assert_eq!(bench.sent(101), [bend(0.5), on(60)]);
}

#[test]
fn what_a_pause_made_late_is_not_sent_in_a_burst() {
    let mut bench = Bench::new();
    for (millis, message) in [
        (0, controller(7, 1)),
        (0, on(60)),
        // Missed:
        (10, controller(7, 10)),
        (10, bend(0.5)),
        (10, on(61)),
        (20, controller(74, 20)),
        (20, Message::Clock),
        (20, bend(-0.5)),
        (30, controller(7, 30)),
        (30, Message::Start),
        (40, on(62)),
        (45, off(60)),
        (46, Message::ProgramChange { channel: channel(1), program: 1 }),
        (47, Message::ProgramChange { channel: channel(1), program: 2 }),
        (48, Message::Stop),
        (49, off(61)),
        // Late, and still worth it:
        (950, controller(7, 95)),
        (960, on(63)),
        (990, off(62)),
        (990, on(62)),
        (1010, off(62)),
    ] {
        bench.put(1, millis, message);
    }
    assert_eq!(bench.sent(0), [controller(7, 1), on(60)]);
    assert_eq!(
        bench.sent(1000),
        [
            controller(74, 20),
            bend(-0.5),
            controller(7, 30),
            off(60),
            Message::ProgramChange { channel: channel(1), program: 2 },
            Message::Stop,
            controller(7, 95),
            on(63),
            on(62),
        ]
    );
    let row = Lateness { sent: 8, left_out: 2, by: Duration::from_millis(990) };
    assert_eq!(bench.schedule.lateness(bench.at(1249)), None);
    assert_eq!(bench.schedule.lateness(bench.at(1250)), Some(row));
    assert_eq!(bench.schedule.lateness(bench.at(9000)), None);
    assert_eq!(bench.sent(1010), [off(62)], "the note left out took its own end along");
}

#[test]
fn nothing_is_sent_to_a_port_that_is_not_there() {
    let mut bench = Bench::new();
    bench.put(1, 10, on(60));
    bench.schedule.detach(PORT);
    assert_eq!(bench.sent(10), []);
    bench.put(1, 10, on(61));
    assert_eq!(bench.sent(500), []);
    bench.schedule.attach(PORT);
    bench.put(1, 600, off(60));
    assert_eq!(bench.sent(600), []);
    assert_eq!(bench.schedule.lateness(bench.at(9000)), None);
}

/// One step of a performance; times are counted in grids from the playhead.
#[derive(Debug, Clone)]
enum Step {
    Advance { grids: u64 },
    Play { slot: u16, notes: Vec<Note> },
    Edit { slot: u16, from: i64, ends: u64, notes: Vec<Note> },
}

#[derive(Debug, Clone)]
struct Note {
    after: u64,
    length: u64,
    key: u8,
    bent: bool,
    wobble: u64,
}

/// Milliseconds of the grid: instants wobble far less.
const GRID: u64 = 5;
const SLOTS: usize = 3;

fn notes() -> impl Strategy<Value = Vec<Note>> {
    let note = (0..12u64, 0..8u64, 60..63u8, any::<bool>(), 0..200u64);
    let note = note.prop_map(|(after, length, key, bent, wobble)| Note { after, length, key, bent, wobble });
    prop::collection::vec(note, 0..5)
}

fn steps(earliest: i64, longest: u64) -> impl Strategy<Value = Vec<Step>> {
    let slot = 0..SLOTS as u16;
    let step = prop_oneof![
        (0..longest).prop_map(|grids| Step::Advance { grids }),
        (slot.clone(), notes()).prop_map(|(slot, notes)| Step::Play { slot, notes }),
        (slot, earliest..10, 0..6u64, notes()).prop_map(|(slot, from, ends, notes)| Step::Edit {
            slot,
            from,
            ends,
            notes
        }),
    ];
    prop::collection::vec(step, 0..40)
}

/// A note that was scheduled: when it begins and ends, in grids.
#[derive(Debug, Clone, Copy)]
struct Planned {
    slot: u16,
    on: u64,
    off: u64,
    key: u8,
}

/// Plays steps into a schedule, as the host would, and keeps what was finally meant.
struct Performance {
    start: Instant,
    schedule: Schedule,
    sink: MemorySink,
    now: u64,
    notes: Vec<Planned>,
    meant: Vec<Scheduled>,
}

impl Performance {
    fn new() -> Performance {
        let mut schedule = Schedule::new();
        schedule.attach(PORT);
        let (start, sink) = (Instant::now(), MemorySink::new());
        Performance { start, schedule, sink, now: 0, notes: Vec::new(), meant: Vec::new() }
    }

    fn say(&mut self, slot: u16, grid: u64, wobble: u64, message: Message) {
        let at = self.start + Duration::from_millis(grid * GRID) + Duration::from_micros(wobble);
        let scheduled = Scheduled { at, seconds: seconds(grid), slot, port: PORT, message };
        self.schedule.put(scheduled);
        self.meant.push(scheduled);
    }

    fn play(&mut self, slot: u16, from: u64, notes: &[Note]) {
        for Note { after, length, key, bent, wobble } in notes {
            let (on_at, off_at) = (from + after, from + after + length);
            self.notes.push(Planned { slot, on: on_at, off: off_at, key: *key });
            self.say(slot, on_at, *wobble, bend(if *bent { 0.25 } else { 0.0 }));
            self.say(slot, on_at, *wobble, on(*key));
            self.say(slot, off_at, *wobble, off(*key));
        }
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Advance { grids } => {
                self.now += grids;
                self.drain();
            }
            Step::Play { slot, notes } => self.play(*slot, self.now + 1, notes),
            Step::Edit { slot, from, ends, notes } => {
                let (slot, from) = (*slot, (self.now as i64 + from).max(0) as u64);
                let now = self.start + Duration::from_millis(self.now * GRID);
                self.schedule.retract(slot, seconds(from), now);
                self.meant.retain(|one| one.slot != slot || one.seconds < seconds(from));
                self.notes.retain(|note| note.slot != slot || note.on < from);
                let next = from.max(self.now + 1);
                // Ends that were taken back before they were sent.
                for index in 0..self.notes.len() {
                    let note = self.notes[index];
                    if note.slot == slot && note.off >= from && note.off > self.now {
                        self.notes[index].off = next + ends;
                        self.say(slot, next + ends, 0, off(note.key));
                    }
                }
                self.play(slot, next, notes);
            }
        }
    }

    /// Sends what is due half a grid after the playhead, so that no wobble matters.
    fn drain(&mut self) {
        let now = self.start + Duration::from_micros((self.now * GRID * 2 + GRID) * 500);
        while let Some(messages) = self.schedule.take(now) {
            for (_, message) in messages {
                self.sink.send(message.encode().bytes()).expect("memory takes all");
            }
        }
    }

    /// Plays to the end of everything.
    fn finish(&mut self) {
        let last = self.notes.iter().map(|note| note.off).max().unwrap_or(0).max(self.now);
        // And of what was taken back too late.
        let last = last + DOUBT.as_millis() as u64 / GRID;
        while self.now <= last {
            self.now += 1;
            self.drain();
        }
    }

    fn bytes(&self) -> Vec<Vec<u8>> {
        self.sink.sent().into_iter().map(|(_, bytes)| bytes).collect()
    }
}

fn seconds(grid: u64) -> f64 {
    (grid * GRID) as f64 / 1000.0
}

/// What hangs, or was struck twice or ended twice, in the ears of one who follows.
fn complaint(bytes: &[Vec<u8>]) -> Option<String> {
    let mut sounding = BTreeSet::new();
    for message in bytes {
        let fine = match message[0] & 0xF0 {
            0x90 => sounding.insert(message[1]),
            0x80 => sounding.remove(&message[1]),
            _ => true,
        };
        if !fine {
            return Some(format!("{message:?} while {sounding:?} sound"));
        }
    }
    (!sounding.is_empty()).then(|| format!("{sounding:?} hang"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    /// Edits ahead of the playhead: heard is what was finally meant, as if nothing else had
    /// ever been said.
    #[test]
    fn what_is_taken_back_in_time_was_never_said(steps in steps(1, 8)) {
        let mut performance = Performance::new();
        for step in &steps {
            performance.step(step);
        }
        performance.finish();

        let mut plain = Performance { start: performance.start, ..Performance::new() };
        for scheduled in &performance.meant {
            plain.schedule.put(*scheduled);
        }
        plain.notes.clone_from(&performance.notes);
        plain.finish();
        prop_assert_eq!(performance.bytes(), plain.bytes());
        prop_assert_eq!(complaint(&performance.bytes()), None);
        prop_assert!(performance.schedule.ledger.is_empty());
        prop_assert_eq!(performance.schedule.next(), None);
    }

    /// Edits that come too late, and pauses: nothing hangs, nothing is struck twice.
    #[test]
    fn nothing_hangs_however_late_it_is(steps in steps(-20, 60)) {
        let mut performance = Performance::new();
        for step in &steps {
            performance.step(step);
        }
        performance.finish();
        prop_assert_eq!(complaint(&performance.bytes()), None);
        prop_assert!(performance.schedule.ledger.is_empty());
        prop_assert_eq!(performance.schedule.next(), None);
    }
}
