//! A performance as pictures: what the canvas shows at each of its moments.

use lilt_canvas::{CodeView, Frame, SOUND_SAMPLES, SoundView};
use lilt_sequencer::{Show, Timed};

use crate::easel::Easel;
use crate::offline::Performed;
use crate::picture::{self, Moment};

/// Events so many seconds ahead of a moment are known to it, as they are on stage: looks go to what comes next.
const AHEAD: f64 = 0.25;
/// Beats before a moment in which a note that still sounds may have begun.
const LONGEST_NOTE: f64 = 64.0;

/// The pictures of a performance, asked for in time order.
pub struct Film<'a> {
    performed: &'a Performed,
    title: &'a str,
    easel: Easel,
    /// How many events have been taken in.
    taken: usize,
    /// What is heard, left and right in turn, and how many of each there are a second.
    heard: Option<(&'a [f32], f64)>,
}

impl<'a> Film<'a> {
    /// The pictures of what was performed, under a title.
    pub fn new(performed: &'a Performed, title: &'a str) -> Film<'a> {
        Film { performed, title, easel: Easel::default(), taken: 0, heard: None }
    }

    /// With what is heard of it: left and right in turn, `rate` frames a second.
    #[must_use]
    pub fn with_sound(mut self, samples: &'a [f32], rate: f64) -> Film<'a> {
        self.heard = Some((samples, rate));
        self
    }

    /// What the canvas shows so many seconds after the beginning; later than what was asked for before.
    pub fn at(&mut self, seconds: f64) -> Frame {
        let performed = self.performed;
        let waiting = performed.timed[self.taken..].iter();
        for event in waiting.take_while(|event| event.seconds <= seconds + AHEAD) {
            self.easel.take(event);
            self.taken += 1;
        }
        let beat = performed.beat_at(seconds);
        let near = near(&performed.timed, beat);
        let moment = Moment {
            title: self.title,
            beat,
            bar: performed.meter.bar(),
            bpm: performed.bpm_at(beat),
            generation: 1,
            staging: performed.staging,
            code: (performed.staging.show == Show::Code).then(|| self.code(near, beat)),
            sound: self.sound(seconds),
            // How a take was come by is of the moment: of a performance that is rendered all takes are there.
            runs: Vec::new(),
            diagnostic: None,
        };
        picture::frame(moment, &performed.slots, picture::notes(near, beat), &self.easel)
    }

    /// What is heard until a moment, where the script wants that to be seen.
    fn sound(&self, seconds: f64) -> Option<SoundView> {
        let (samples, rate) = self.heard?;
        let until = ((seconds * rate) as usize).min(samples.len() / 2);
        let from = until.saturating_sub(SOUND_SAMPLES);
        let both = |frame: &[f32]| frame.iter().sum::<f32>() / 2.0;
        let mono: Vec<f32> = samples[2 * from..2 * until].chunks(2).map(both).collect();
        picture::sound(self.performed.staging.show, &mono, rate)
    }

    /// The script, with what of it sounds.
    fn code(&self, near: &[Timed], beat: f64) -> CodeView {
        let Some((number, text)) = &self.performed.source else { return CodeView::default() };
        let sounding = |start: f64, end: f64| (start..end).contains(&beat);
        let notes = picture::notes(near, beat);
        let notes = notes.filter(|note| sounding(note.start.to_f64(), note.end.to_f64()));
        let mut lit: Vec<[u32; 2]> = notes
            .flat_map(|note| note.strike.context.places().to_vec())
            .filter(|place| place.text == *number)
            .map(|place| [place.from, place.to])
            .collect();
        lit.sort_unstable();
        lit.dedup();
        CodeView { text: text.clone(), lit, wrong: None }
    }
}

/// The events that a moment may show.
fn near(events: &[Timed], beat: f64) -> &[Timed] {
    let from = events.partition_point(|event| event.beat.to_f64() < beat - LONGEST_NOTE);
    let to = events.partition_point(|event| event.beat.to_f64() < beat + picture::AFTER);
    &events[from..to]
}
