//! What holds for every sequence of proposals, fills and hushes.

use std::collections::HashMap;

use crate::stage::*;
use lilt_score::{Beat, Control, Pattern, QueryError};
use lilt_sequencer::*;
use proptest::prelude::*;

const NAMES: [&str; 4] = ["lead", "bass", "drums", "pad"];

#[derive(Debug, Clone)]
pub struct Voice {
    name: usize,
    step: (i64, i64),
    offset: (i64, i64),
    length: (i64, i64),
    silent: bool,
    solo: bool,
    fault: Option<i64>,
    late: bool,
    port: bool,
    gain: f64,
}

impl Voice {
    /// The same, neither late nor failing.
    pub fn punctual(self) -> Voice {
        Voice { late: false, fault: None, ..self }
    }

    fn spec(&self) -> SlotSpec {
        let beat = |(n, d)| Beat::new(n, d);
        let mut notes = steps(beat(self.step), beat(self.offset), beat(self.length), 60);
        if let Some(from) = self.fault {
            notes = fails_from(notes, Beat::whole(from));
        }
        if self.late {
            // Late in every other group of five beats, so that it climbs and falls.
            let inner = notes;
            notes = Pattern::try_new(move |query| match query.span.start.floor() / 5 % 2 {
                0 => inner.query(query),
                _ => Err(QueryError::Late),
            });
        }
        let port = Output::Midi { port: "Synth A".into(), channel: 2 };
        let fingerprint = format!("{self:?}")
            .bytes()
            .fold(7u64, |hash, byte| hash.wrapping_mul(1_000_003).wrapping_add(u64::from(byte)));
        let output = if self.port { port } else { Output::Synth(Instrument::Keys) };
        let strip = Strip::new().with(Control::GAIN, Pattern::steady(self.gain));
        let (silent, solo) = (self.silent, self.solo);
        SlotSpec { output, strip, silent, solo, ..slot(NAMES[self.name], fingerprint, notes) }
    }
}

prop_compose! {
    pub fn voice()(
        name in 0..NAMES.len(), step in (1..9i64, 1..7i64), offset in (0..5i64, 1..5i64),
        length in (1..40i64, 1..9i64), silent in prop::bool::weighted(0.1), solo in prop::bool::weighted(0.1),
        fault in prop::option::weighted(0.2, 0..60i64), late in prop::bool::weighted(0.2),
        port in any::<bool>(), gain in -0.5..3.0f64,
    ) -> Voice {
        Voice { name, step, offset, length, silent, solo, fault, late, port, gain }
    }
}

#[derive(Debug, Clone)]
enum Step {
    Propose { voices: Vec<Voice>, bpm: f64, quantum: Quantum },
    Fill { seconds: f64, horizon: f64 },
    Hush,
    Skip { seconds: f64 },
    Look,
}

fn step() -> impl Strategy<Value = Step> {
    let quantum = prop_oneof![Just(Quantum::Beat), Just(Quantum::Bar), Just(Quantum::Bars(2))];
    prop_oneof![
        4 => (prop::collection::vec(voice(), 0..4), 40.0..300.0f64, quantum)
            .prop_map(|(voices, bpm, quantum)| Step::Propose { voices, bpm, quantum }),
        8 => (0.0..3.0f64, 0.0..0.5f64).prop_map(|(seconds, horizon)| Step::Fill { seconds, horizon }),
        1 => Just(Step::Hush),
        1 => (0.0..9.0f64).prop_map(|seconds| Step::Skip { seconds }),
        1 => Just(Step::Look),
    ]
}

pub fn declared(voices: &[Voice], bpm: f64, quantum: Quantum) -> Generation {
    let mut slots: Vec<SlotSpec> = Vec::new();
    for voice in voices {
        let spec = voice.spec();
        if slots.iter().all(|slot| slot.name != spec.name) {
            slots.push(spec);
        }
    }
    Generation { quantum, ..at_tempo(bpm, slots) }
}

/// Plays the steps; a fill is cut into `cuts` equal parts.
fn perform(steps: &[Step], cuts: u32) -> Vec<Timed> {
    let mut sequencer = Performance::new();
    let mut now = 0.0;
    let mut events = Vec::new();
    for step in steps {
        match step {
            Step::Propose { voices, bpm, quantum } => {
                // A pattern that fails within two bars is refused, which is an outcome too.
                let _refused = sequencer.propose(declared(voices, *bpm, *quantum), now).err();
            }
            Step::Fill { seconds, horizon } => {
                for cut in 1..cuts {
                    let part = now + seconds * f64::from(cut) / f64::from(cuts);
                    events.extend(sequencer.fill(part + horizon).events);
                }
                now += seconds;
                events.extend(sequencer.fill(now + horizon).events);
            }
            Step::Hush => events.extend(sequencer.hush(now)),
            Step::Skip { seconds } => {
                now += seconds;
                events.extend(sequencer.skip(now));
            }
            Step::Look => {
                sequencer.plan(now, Beat::whole(8), Beat::whole(16));
                sequencer.arrived();
            }
        }
    }
    events.extend(sequencer.hush(now));
    events
}

/// Everything but the ids.
fn sounds(events: &[Timed], slot: SlotId) -> Vec<String> {
    let of_slot = events.iter().filter(|event| event.slot == slot);
    of_slot.map(|event| format!("{:?} {} {:?}", event.seconds, event.beat, event.action)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn every_note_ends_once_and_time_never_runs_back(steps in prop::collection::vec(step(), 1..30)) {
        let events = perform(&steps, 1);
        let mut sounding: HashMap<NoteId, f64> = HashMap::new();
        let mut known = std::collections::HashSet::new();
        let mut routed = std::collections::HashSet::new();
        let mut last = (f64::NEG_INFINITY, Beat::ZERO);
        for event in &events {
            prop_assert!(event.seconds.is_finite() && (event.seconds, event.beat) >= last, "{event:?}");
            last = (event.seconds, event.beat);
            match &event.action {
                Action::NoteOn { id, duration, .. } => {
                    prop_assert!(known.insert(*id), "{id:?} is used twice");
                    prop_assert!(*duration > Beat::ZERO);
                    prop_assert!(routed.contains(&event.slot), "a note before its route");
                    sounding.insert(*id, event.seconds);
                }
                Action::NoteOff { id, .. } => {
                    let began = sounding.remove(id);
                    prop_assert!(began.is_some_and(|began| began < event.seconds), "{id:?} ends unstruck");
                }
                Action::Control { value, control, .. } => {
                    prop_assert!(control.range().contains(value));
                }
                Action::Route { .. } => { routed.insert(event.slot); }
                Action::FadeOut { seconds } => prop_assert!((0.0..=1.0).contains(seconds)),
                Action::Stroke { .. } | Action::Look { .. } | Action::Send { .. } | Action::Duck { .. } => {}
            }
        }
        prop_assert!(sounding.is_empty(), "still sounding at the end: {sounding:?}");
    }

    #[test]
    fn the_size_of_a_fill_makes_no_difference(
        first in prop::collection::vec(voice(), 1..4),
        bpm in 40.0..300.0f64,
        cuts in prop::collection::vec(0.001..4.0f64, 1..20),
    ) {
        let play = |cuts: &[f64]| {
            let mut sequencer = Performance::new();
            let proposed = sequencer.propose(declared(&first, bpm, Quantum::Bar), 0.0).is_ok();
            let mut now = 0.0;
            let mut events = Vec::new();
            for cut in cuts {
                now += cut;
                events.extend(sequencer.fill(now).events);
            }
            events.extend(sequencer.fill_to(Beat::whole(400)).events);
            (proposed, events)
        };
        let (whole, parts) = (play(&[]), play(&cuts));
        prop_assert_eq!(whole, parts);
    }

    #[test]
    fn cutting_fills_in_live_play_makes_no_difference(
        voices in prop::collection::vec(prop::collection::vec(voice(), 0..4), 1..6), cuts in 2..9u32,
    ) {
        let steps: Vec<Step> = voices
            .into_iter()
            .flat_map(|voices| {
                let propose = Step::Propose { voices, bpm: 113.0, quantum: Quantum::Bar };
                [propose, Step::Fill { seconds: 2.7, horizon: 0.2 }]
            })
            .collect();
        prop_assert_eq!(perform(&steps, 1), perform(&steps, cuts));
    }

    #[test]
    fn an_unrelated_slot_is_left_alone(
        lead in voice(), others in prop::collection::vec(voice(), 1..8), at in prop::collection::vec(0.1..4.0f64, 8),
    ) {
        let lead = Voice { name: 0, fault: None, silent: false, solo: true, ..lead };
        let play = |edits: &[Voice]| {
            let mut sequencer = Performance::new();
            let mut now = 0.0;
            let mut events = Vec::new();
            let mut voices = vec![lead.clone()];
            sequencer.propose(declared(&voices, 120.0, Quantum::Bar), now).map_err(|e| e.to_string())?;
            for (step, seconds) in at.iter().enumerate() {
                if let Some(edit) = edits.get(step) {
                    voices.truncate(1);
                    voices.push(Voice { name: 1 + edit.name % 3, fault: None, ..edit.clone() });
                    let generation = declared(&voices, 120.0, Quantum::Bar);
                    let proposal = sequencer.propose(generation, now).map_err(|e| e.to_string())?;
                    if proposal.entered.boundary > Beat::ZERO && proposal.entered.kept != ["lead"] {
                        return Err(format!("kept {:?}", proposal.entered.kept));
                    }
                }
                now += seconds;
                events.extend(sequencer.fill(now + 0.1).events);
            }
            let lead = sequencer.view().slots().find(|slot| slot.name == "lead").map(|slot| slot.id);
            lead.map(|lead| sounds(&events, lead)).ok_or_else(|| "no lead".to_string())
        };
        prop_assert_eq!(play(&[]), play(&others));
    }
}
