//! MIDI clock: 24 ticks a beat for ports that follow Lilt's tempo.

use std::collections::BTreeMap;
use std::sync::Arc;

use lilt_midi::Message;
use lilt_score::Beat;
use lilt_sequencer::View;

/// Ticks of a beat (MIDI 1.0, timing clock).
const TICKS: i64 = lilt_score::TICKS_A_BEAT;

/// A message of the clock, and when, in seconds since the performance began.
#[derive(Debug, Clone, PartialEq)]
pub struct Tick {
    /// When.
    pub seconds: f64,
    /// To which port.
    pub port: Arc<str>,
    /// A tick, a start or a stop.
    pub message: Message,
}

/// How far each port has been told. Ticks are counted from beat 0, so none is lost and none told twice, however the time
/// is cut into looks.
#[derive(Debug, Default)]
pub struct ClockOut {
    /// The next tick of each port, and whether it has been started.
    ports: BTreeMap<Arc<str>, (i64, bool)>,
}

impl ClockOut {
    /// What is to be sent for the time from second `now` to `until`. A port that joins is given ticks at once, and a start
    /// at the next bar line, so that it knows the tempo before it plays; where nothing plays any more it is stopped.
    pub fn due(&mut self, view: View<'_>, now: f64, until: f64) -> Vec<Tick> {
        let (_, outline) = view.playing();
        let (clocks, bar) = (&outline.ensemble.clocks, outline.meter.bar());
        if clocks.is_empty() && self.ports.is_empty() {
            return Vec::new();
        }
        let plays = view.slots().next().is_some();
        let mut ticks = Vec::new();
        let leaves = |port: &Arc<str>| Tick { seconds: now, port: Arc::clone(port), message: Message::Stop };
        self.ports.retain(|port, (_, started)| {
            let stays = clocks.contains(port);
            if *started && !(stays && plays) {
                ticks.push(leaves(port));
                *started = false;
            }
            stays
        });
        let first = (view.beat_at(now) * TICKS as f64).ceil() as i64;
        let last = (view.beat_at(until) * TICKS as f64).ceil() as i64;
        for port in clocks.iter() {
            let (next, started) = self.ports.entry(Arc::clone(port)).or_insert((first, false));
            // Where time was jumped over, what was missed is not made up for.
            *next = (*next).max(first);
            while *next < last {
                let beat = Beat::new(*next, TICKS);
                let seconds = view.seconds_at(beat);
                let tick = |message| Tick { seconds, port: Arc::clone(port), message };
                if !*started && plays && view.is_bar_line(beat, bar) {
                    ticks.push(tick(Message::Start));
                    *started = true;
                }
                ticks.push(tick(Message::Clock));
                *next += 1;
            }
        }
        ticks
    }
}

#[cfg(test)]
mod tests {
    use lilt_score::{Controls, Event, Pattern, Pitch, Span, Tone};
    use lilt_sequencer::{
        Ensemble, Entrance, EvidenceSource, Generation, Instrument, Output, Part, Planner, Sequencer,
        SlotSpec, Strip, Tempo, Wiring,
    };

    use super::*;

    fn generation(bpm: f64, clocks: &[&str]) -> Generation {
        let mut note = Controls::default();
        note.tone = Some(Tone::Pitch(Pitch::from_key(60)));
        let pattern = Pattern::new(move |query| {
            let starts = query.span.start.floor()..query.span.end.ceil();
            let wholes = starts.map(|beat| Span::new(Beat::whole(beat), Beat::whole(beat + 1)));
            wholes.map(|whole| Event::new(whole, whole, note.clone())).collect()
        });
        let slot = SlotSpec {
            name: "lead".into(),
            part: Part::Notes(pattern),
            output: Output::Synth(Instrument::Pluck),
            strip: Strip::new(),
            wiring: Wiring::default(),
            quantum: None,
            restart: false,
            silent: false,
            solo: false,
            hands: None,
            turns: None,
            line: 1,
            model: None,
            evidence: EvidenceSource::default(),
            stream: None,
            form: false,
            fingerprint: 1,
        };
        Generation {
            tempo: Tempo::new(bpm).expect("a tempo"),
            ensemble: Arc::new(Ensemble {
                clocks: clocks.iter().map(|name| (*name).into()).collect(),
                ..Ensemble::default()
            }),
            slots: vec![slot],
            ..Generation::silence()
        }
    }

    struct Stage {
        planner: Planner,
        sequencer: Sequencer,
        clock: ClockOut,
        ticks: Vec<Tick>,
    }

    impl Stage {
        fn enter(&mut self, generation: Generation, now: f64) {
            let ground = self.sequencer.ground();
            let prepared = self.planner.prepare(generation, Entrance::Now, &ground, now).expect("plays");
            self.sequencer.enter(prepared.outline, prepared.stretches, now, prepared.not_before);
        }

        fn pass(&mut self, from: f64, to: f64, step: f64) {
            let mut now = from;
            while now < to {
                for used in self.sequencer.in_use(now + 3.0) {
                    for bar in used.from..=used.to {
                        if let Some(stretch) = self.planner.write(used.content, bar, false) {
                            self.sequencer.insert(stretch, now);
                        }
                    }
                }
                self.sequencer.fill(now, 0.1);
                self.ticks.extend(self.clock.due(self.sequencer.view(), now, now + 0.05));
                now += step;
            }
        }
    }

    #[test]
    fn ticks_are_even_start_on_a_bar_line_and_none_is_lost_over_changes_of_tempo() {
        for step in [0.005, 0.013, 0.049] {
            let mut stage = Stage {
                planner: Planner::new(),
                sequencer: Sequencer::new(),
                clock: ClockOut::default(),
                ticks: Vec::new(),
            };
            stage.enter(generation(120.0, &["Drums"]), 0.0);
            stage.pass(0.0, 3.0, step);
            stage.enter(generation(180.0, &["Drums"]), 3.0);
            stage.pass(3.0, 6.0, step);
            let starts: Vec<f64> = stage
                .ticks
                .iter()
                .filter(|tick| tick.message == Message::Start)
                .map(|tick| tick.seconds)
                .collect();
            assert_eq!(starts.len(), 1, "{starts:?}");
            let clocks: Vec<f64> = stage
                .ticks
                .iter()
                .filter(|tick| tick.message == Message::Clock)
                .map(|tick| tick.seconds)
                .collect();
            let apart: Vec<f64> = clocks.windows(2).map(|pair| pair[1] - pair[0]).collect();
            assert!(apart[..100].iter().all(|apart| (apart - 0.5 / 24.0).abs() < 1e-9), "{step}");
            assert!(apart[apart.len() - 60..].iter().all(|apart| (apart - 1.0 / 3.0 / 24.0).abs() < 1e-9));
            // What was sent before the tempo changed was right by at most what changes in 50 ms.
            assert!(apart.iter().all(|apart| (0.0..0.03).contains(apart)), "{apart:?}");
            stage.enter(generation(180.0, &[]), 6.0);
            stage.pass(6.0, 7.0, step);
            assert_eq!(stage.ticks.last().map(|tick| tick.message), Some(Message::Stop));
        }
    }
}
