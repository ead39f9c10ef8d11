//! What was heard shortly before somebody pressed like or nope, and the line that is written of it.

use std::collections::{HashMap, VecDeque};

use lilt_inference::Features;
use lilt_inference::taste::{Entry, Judgement};
use lilt_score::Input;
use lilt_script::Press;
use lilt_sequencer::{ContentId, Use};

use super::Author;
use crate::live::scribe::Scribe;
use crate::live::sight::Sight;

/// How long before a press what is meant was heard, in seconds: nobody reacts sooner, and few later.
const MEANT: [f64; 2] = [0.3, 2.5];
/// How often is looked at what sounds, in seconds.
const LOOK: f64 = 0.1;
/// How many bars are judged together: as many as a take has where the script does not say.
const PHRASE: i64 = 4;

/// A phrase of a content: its first bar.
type Phrase = (ContentId, i64);

/// What sounded of late.
#[derive(Default)]
pub(super) struct Tasting {
    /// What each look found, oldest first.
    heard: VecDeque<Sounded>,
    /// When was looked last, in seconds.
    looked: f64,
    /// What phrases are like.
    known: HashMap<Phrase, Likeness>,
    scribe: Scribe,
}

/// What sounded at a moment.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Sounded {
    seconds: f64,
    phrase: Phrase,
    like: Likeness,
}

/// What a phrase is like, and of two takes by turns the other.
type Likeness = (Features, Option<Features>);

/// What a press at a moment says: of the phrases that may be meant, each by its share of what was heard; or, where two
/// takes sound by turns, which of them is rather liked. `None` where nothing was heard.
fn meant(heard: &VecDeque<Sounded>, at: f64, likes: bool) -> Option<Judgement> {
    let window = at - MEANT[1]..=at - MEANT[0];
    let mut counts: Vec<(Phrase, f64, Likeness)> = Vec::new();
    for sounded in heard.iter().filter(|sounded| window.contains(&sounded.seconds)) {
        match counts.iter_mut().find(|(phrase, ..)| *phrase == sounded.phrase) {
            Some((_, count, _)) => *count += 1.0,
            None => counts.push((sounded.phrase, 1.0, sounded.like)),
        }
    }
    let (_, _, most) = counts.iter().max_by(|one, other| one.1.total_cmp(&other.1))?;
    if let (this, Some(that)) = *most {
        let (chosen, other) = if likes { (this, that) } else { (that, this) };
        return Some(Judgement::Choice { chosen, other });
    }
    let all: f64 = counts.iter().map(|(_, count, _)| count).sum();
    let heard = counts.into_iter().map(|(_, count, (features, _))| (count / all, features)).collect();
    Some(Judgement::Press { likes, heard })
}

impl Author {
    /// Looks at what models play now, where the script names a taste.
    pub(super) fn taste(&mut self) {
        let now = self.time.heard();
        if (now - self.tasting.looked).abs() < LOOK {
            return;
        }
        self.tasting.looked = now;
        if self.engine.tastes().is_empty() || !self.plays {
            self.tasting.known.clear();
            return;
        }
        self.tasting.heard.retain(|sounded| now - sounded.seconds < 2.0 * MEANT[1]);
        let beat = self.ground.beat_at(now);
        let sounding: Vec<Use> = self.uses.iter().filter(|used| !used.stale).copied().collect();
        for used in sounding {
            let bar = (beat - used.origin).floor_div(used.length);
            if !(used.from..=used.to).contains(&bar) {
                continue;
            }
            let length = self.planner.turns_of(used.content).unwrap_or(PHRASE);
            let phrase = (used.content, bar.div_euclid(length) * length);
            let known = self.tasting.known.get(&phrase).copied();
            if let Some(like) = known.or_else(|| self.like(phrase, bar)) {
                self.tasting.known.insert(phrase, like);
                self.tasting.heard.push_back(Sounded { seconds: now, phrase, like });
            }
        }
        let heard = &self.tasting.heard;
        self.tasting.known.retain(|phrase, _| heard.iter().any(|sounded| sounded.phrase == *phrase));
    }

    /// What a phrase is like, in which a bar sounds; nothing of what no model plays.
    fn like(&mut self, (content, first): Phrase, bar: i64) -> Option<Likeness> {
        let turns = self.planner.turns_of(content);
        let mut of = |bars| {
            let (clip, length) = self.planner.clip_of(content, bars)?;
            Some(Features::of(&clip, length))
        };
        let Some(turns) = turns else {
            // Of a stream that is made bar by bar the next bars are not there yet.
            return Some((of(first..first + PHRASE).or_else(|| of(bar..bar + 1))?, None));
        };
        Some((of(first..first + turns)?, Some(of(first + turns..first + 2 * turns)?)))
    }

    /// Writes down what was said of what was heard.
    pub(super) fn judge(&mut self, inputs: &[Input]) {
        if inputs.is_empty() {
            return;
        }
        for taught in self.engine.tastes() {
            for (input, press) in inputs.iter().filter_map(|input| Some((input, taught.press(input)?))) {
                let said = |likes| meant(&self.tasting.heard, input.seconds, likes).map(Entry::Said);
                let (word, entry) = match press {
                    Press::Like => ("like", said(true)),
                    Press::Nope => ("nope", said(false)),
                    Press::Undo => ("taken back", Some(Entry::Undo)),
                    Press::Forget => ("all forgotten", Some(Entry::Forget)),
                };
                let Some(entry) = entry else {
                    self.say(format!("{word}: no model has played just before, so nothing is learnt"));
                    continue;
                };
                let folder = self.watched.script.parent().unwrap_or(std::path::Path::new("."));
                let path = folder.join(&taught.file);
                let view = self.outlets.view.clone();
                let say = move |line| {
                    // What does not fit is left out.
                    let _left_out = view.try_send(Sight::Said(line));
                };
                match self.tasting.scribe.add(path, entry.line(), say) {
                    true => self.say(format!("{word}: {}", taught.file)),
                    false => self.say(format!("{word}: {} cannot be written so fast", taught.file)),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn features(value: f64) -> Features {
        Features::new([value; lilt_inference::FEATURES]).unwrap()
    }

    /// Five seconds of one phrase, and five of the next; with `turns` they are two takes by turns.
    fn heard(turns: bool) -> VecDeque<Sounded> {
        let looks = (0..100).map(|look| {
            let at = usize::from(look >= 50);
            let like = (features(at as f64), turns.then(|| features(1.0 - at as f64)));
            Sounded { seconds: f64::from(look) * 0.1, phrase: (ContentId(1), 4 * at as i64), like }
        });
        looks.collect()
    }

    #[test]
    fn a_press_means_what_was_heard_shortly_before() {
        let heard = heard(false);
        let one = Judgement::Press { likes: true, heard: vec![(1.0, features(0.0))] };
        assert_eq!(meant(&heard, 4.05, true), Some(one));
        let Some(Judgement::Press { likes: false, heard: shares }) = meant(&heard, 6.45, false) else {
            panic!("a press")
        };
        let [(early, _), (late, _)] = shares[..] else { panic!("two phrases") };
        assert!((early - 0.45).abs() < 0.06 && (early + late - 1.0).abs() < 1e-9, "{early}");
        assert_eq!((meant(&heard, 20.0, true), meant(&heard, 0.2, true)), (None, None));
    }

    #[test]
    fn of_two_takes_by_turns_one_is_chosen() {
        let heard = heard(true);
        let rather =
            |chosen, other| Some(Judgement::Choice { chosen: features(chosen), other: features(other) });
        assert_eq!(meant(&heard, 4.0, true), rather(0.0, 1.0));
        assert_eq!(meant(&heard, 4.0, false), rather(1.0, 0.0));
        assert_eq!(meant(&heard, 9.0, true), rather(1.0, 0.0));
    }
}
