//! The family of recurrent event models: a stack of LSTM layers hears a handful of embedding rows a step and says
//! the fields of the next event in order, each given those before it, among the classes that may come.
//!
//! A model of this family is a vocabulary of events, a [`walk::Walk`] that says what is heard, what may come and what
//! music that is, and a codec between events and clips. The family gives the rest: sizes and tensors ([`config`]), the
//! forward pass that trains ([`network`], taught by [`lesson`]) and the one that plays ([`step`]), how the next event
//! is drawn, leaning toward what it earns or not (`proposal.rs`), pieces that listen and are scored ([`playing`]) or
//! grow side by side ([`particles`]), and learning more while the music plays ([`learner`]).

pub mod asked;
pub mod batches;
pub mod card;
pub mod config;
pub mod learner;
pub mod lesson;
pub mod network;
pub mod particles;
pub mod playing;
mod proposal;
pub mod step;
pub mod walk;

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use candle_core::Device;
    use lilt_inference::{
        Certain, Conditions, ModelError, Particles, Piece, Reward, Sampling, Step, StepReward, Tilt, Watch,
    };
    use lilt_score::{Beat, Clip, ClipError, Note, Pitch, Seed, Tone, Velocity};
    use rand::RngExt;

    use super::config::{Config, FieldNames};
    use super::particles::RecurrentParticles;
    use super::playing::Playing;
    use super::step::RecurrentStep;
    use super::walk::Walk;
    use crate::card::Weights;

    /// Random weights that f16 holds exactly, of any sizes.
    pub(crate) fn random_weights(config: &Config, seed: u64) -> BTreeMap<String, Weights> {
        let mut rng = Seed(seed).rng();
        let mut tensor = |(name, shape): (String, Vec<usize>)| {
            let count = shape.iter().product();
            let values =
                (0..count).map(|_| half::f16::from_f32(rng.random_range(-0.5..0.5)).to_f32()).collect();
            (name, Weights { shape, values })
        };
        config.tensors().into_iter().map(&mut tensor).collect()
    }

    pub(crate) fn config() -> Config {
        Config {
            rows: 12,
            groups: 2,
            embed: 8,
            hidden: 32,
            layers: 2,
            gate: 16,
            fields: vec![3, 4],
            names: FieldNames::Numbered,
        }
    }

    pub(crate) fn weights(seed: u64) -> BTreeMap<String, Weights> {
        random_weights(&config(), seed)
    }

    /// An event a beat; the second field may not be less than the first. The first class of the first field is a
    /// rest; the others are keys, struck as hard as the second field says.
    #[derive(Debug, Clone)]
    pub(crate) struct Counting {
        count: i64,
        before: [u8; 2],
    }

    const START: Counting = Counting { count: 0, before: [0; 2] };

    impl Counting {
        pub(crate) fn start() -> Counting {
            START
        }
    }

    fn note(beat: i64, event: &[u8]) -> Option<Note> {
        (event[0] > 0).then(|| Note {
            start: Beat::whole(beat),
            duration: Beat::ONE,
            tone: Tone::Pitch(Pitch::from_key(60 + event[0])),
            velocity: Velocity::new(f64::from(event[1] + 1) / 8.0),
        })
    }

    impl Walk for Counting {
        const TONE: usize = 0;
        const CERTAIN: Certain = Certain::StepAndBefore;

        fn rows(&self, rows: &mut Vec<u16>) {
            rows.extend([u16::from(self.before[0]), 3 + u16::from(self.before[1])]);
        }

        fn allowed(&self, said: &[u8], class: usize) -> bool {
            said.first().is_none_or(|&first| class >= usize::from(first))
        }

        fn hear(&mut self, event: &[u8]) {
            self.before = [event[0], event[1]];
            self.count += 1;
        }

        fn steps(length: Beat) -> i64 {
            length.ceil()
        }

        fn now(&self) -> i64 {
            self.count
        }

        fn clip<'a>(&self, events: impl Iterator<Item = &'a [u8]>, length: Beat) -> Result<Clip, ClipError> {
            Clip::new((0..).zip(events).filter_map(|(beat, event)| note(beat, event)).collect(), length)
        }

        fn sounding(&self, _: &[u8], _: Beat) -> impl Fn(&[u8]) -> Option<Note> {
            |event| note(self.count, event)
        }
    }

    fn step() -> RecurrentStep {
        RecurrentStep::new("test", config(), &weights(5), &Device::Cpu).unwrap()
    }

    fn particles(step: &RecurrentStep, count: u64, bars: u32) -> RecurrentParticles<'_, Counting> {
        let rngs = (0..count).map(|place| Seed(1).child_number(place).rng());
        let request = Sampling::new(bars, 1.0, 1, Conditions::default()).unwrap();
        RecurrentParticles::new(Playing::new(step, START), &request, rngs)
    }

    fn all(particles: &RecurrentParticles<'_, Counting>) -> Vec<Vec<Vec<u8>>> {
        (0..particles.count()).map(|piece| particles.events(piece).map(<[u8]>::to_vec).collect()).collect()
    }

    #[test]
    fn pieces_side_by_side_are_what_they_are_alone() {
        let step = step();
        let mut together = particles(&step, 5, 5);
        // It does not matter where they stop for a look.
        together.advance(Beat::whole(3).into(), &Watch::new()).unwrap();
        together.advance(Beat::whole(20).into(), &Watch::new()).unwrap();
        for (place, events) in (0..).zip(all(&together)) {
            let mut rng = Seed(1).child_number(place).rng();
            let mut alone = Playing::new(&step, START);
            let drawn: Vec<Vec<u8>> =
                (0..20).map(|_| alone.draw(1.0, || rng.random(), |_, _| true).unwrap()).collect();
            assert_eq!(events, drawn);
            assert!(events.iter().all(|event| event[1] >= event[0]));
        }
    }

    #[test]
    fn copies_part_again() {
        let step = step();
        let mut pieces = particles(&step, 3, 10);
        pieces.advance(Beat::whole(8).into(), &Watch::new()).unwrap();
        let before = all(&pieces);
        pieces.resample(&[2, 2, 0]);
        assert_eq!(all(&pieces), [before[2].clone(), before[2].clone(), before[0].clone()]);
        pieces.advance(Beat::whole(40).into(), &Watch::new()).unwrap();
        assert!(pieces.whole());
        let after = all(&pieces);
        assert_eq!(after[0][..8], after[1][..8]);
        assert_ne!(after[0], after[1]);
    }

    #[test]
    fn scores_are_the_chances_that_drawing_follows() {
        let step = step();
        let mut sum = 0.0;
        for first in 0..3u8 {
            for second in first..4 {
                sum += (-Playing::new(&step, START).score(&[first, second]).unwrap()).exp();
            }
        }
        assert!((sum - 1.0).abs() < 1e-6, "{sum}");
        assert!(Playing::new(&step, START).score(&[2, 1]).is_err());
        let drawn = Playing::new(&step, START).draw(1.0, || 0.5, |_, _| false);
        assert!(matches!(drawn, Err(ModelError::Computation { .. })));
    }

    #[test]
    fn a_cancelled_watch_stops_it() {
        let step = step();
        let watch = Watch::new();
        watch.cancel();
        assert_eq!(particles(&step, 2, 1).advance(Beat::ONE.into(), &watch), Err(ModelError::Cancelled));
    }

    /// What notes are worth by key and velocity, known to the steps or to the whole alone.
    struct Worth(bool, fn(&Note) -> f64);

    impl Reward for Worth {
        fn identity(&self) -> &str {
            "worth"
        }

        fn score(&self, pieces: &[Piece], _: &Watch) -> Result<Vec<f64>, ModelError> {
            Ok(Piece::clips(pieces)?.into_iter().map(|clip| clip.notes().iter().map(self.1).sum()).collect())
        }

        fn steps(&self) -> Option<&dyn StepReward> {
            self.0.then_some(self)
        }
    }

    impl StepReward for Worth {
        fn score(&self, steps: &[Step], _: &Watch) -> Result<Vec<f64>, ModelError> {
            Ok(steps.iter().map(|step| (self.1)(&step.note)).collect())
        }
    }

    /// A loud and high first note is liked, though how hard it is struck is drawn after its key.
    fn liked(note: &Note) -> f64 {
        if note.start > Beat::ZERO {
            return 0.0;
        }
        4.0 * note.velocity.value() + f64::from(note.tone.key()) - 61.0
    }

    /// What comes first in a bar, drawn from a tilt with 8 particles so many times, and the mean effective sample size.
    fn first_notes(worth: fn(&Note) -> f64, leaning: bool, draws: u64) -> (Vec<Option<Note>>, f64) {
        let step = step();
        let request = Sampling::new(1, 1.0, 1, Conditions::default()).unwrap();
        let tilt = Tilt::new(Arc::new(Worth(leaning, worth)), 1.0, 8, Beat::ONE).unwrap();
        let mut ess = 0.0;
        let draw = |number| {
            let rngs = (0..8).map(|place| Seed(number).child_number(place).rng());
            let mut pieces = RecurrentParticles::new(Playing::new(&step, START), &request, rngs);
            let drawn = tilt.draw(&mut pieces, Seed(number), &Watch::new()).unwrap();
            ess += drawn.ess.unwrap() / draws as f64;
            drawn.piece.clip().unwrap().notes().first().copied().filter(|note| note.start == Beat::ZERO)
        };
        ((0..draws).map(draw).collect(), ess)
    }

    #[test]
    fn what_is_drawn_leaning_is_what_the_tilt_says() {
        let step = step();
        let mut target: Vec<(Option<Note>, f64)> = Vec::new();
        for (first, second) in (0..3u8).flat_map(|first| (first..4).map(move |second| (first, second))) {
            let nats = Playing::new(&step, START).score(&[first, second]).unwrap();
            let sounds = note(0, &[first, second]);
            let weight = (sounds.as_ref().map_or(0.0, liked) - nats).exp();
            match target.iter_mut().find(|(known, _)| *known == sounds) {
                Some((_, sum)) => *sum += weight,
                None => target.push((sounds, weight)),
            }
        }
        let z: f64 = target.iter().map(|(_, weight)| weight).sum();
        let draws = 1500;
        let (drawn, leaning) = first_notes(liked, true, draws);
        let share = |sounds: &Option<Note>| {
            drawn.iter().filter(|drawn| *drawn == sounds).count() as f64 / draws as f64
        };
        let apart: f64 = target.iter().map(|(sounds, weight)| (share(sounds) - weight / z).abs()).sum();
        assert!(apart / 2.0 < 0.06, "{apart}");
        let (_, plain) = first_notes(liked, false, 200);
        assert!(leaning > plain + 0.1, "{leaning} and {plain}");
    }

    #[test]
    fn where_every_note_is_worth_the_same_nothing_leans() {
        assert_eq!(first_notes(|_| 0.0, true, 20).0, first_notes(|_| 0.0, false, 20).0);
    }
}
