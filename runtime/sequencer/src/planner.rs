//! The planner: owns the patterns of the generations that play or wait, and writes what they
//! answer down as plain stretches, ahead of the playhead.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

use lilt_score::{Beat, QueryError};

use crate::content::Content;
use crate::ground::{Entry, Ground};
use crate::outline::{Entrance, Filling, Outline};
use crate::plan::{Item, Limit, Notice};
use crate::proposal::{Fault, GenerationId, PlanError, check_names};
use crate::stretch::{Answer, ContentId, Stretch, Stretches};
use crate::{Evidence, Generation, Part, Quantum, SlotSpec};

/// Good generations that are remembered to come back to.
const MOST_GOOD: usize = 8;
/// Generations that may wait to be heard of: only the newest of them will play.
const MOST_PREPARED: usize = 16;

/// A generation that passed its trial.
#[derive(Debug)]
struct Accepted {
    id: GenerationId,
    generation: Generation,
    entrance: Entrance,
    failed: Cell<bool>,
}

/// A generation ready to be played: its outline, and the first bars of each of its slots.
#[derive(Debug)]
pub struct Prepared {
    /// What the playhead must know of it.
    pub outline: Arc<Outline>,
    /// Its first bars, and those of what it takes over.
    pub stretches: Vec<Stretch>,
    /// Names of the slots whose take is still being made.
    pub late: Vec<String>,
    /// What was cut down to fit the plan.
    pub notices: Vec<Notice>,
    /// Not to be heard before this beat.
    pub not_before: Beat,
}

/// Owns patterns, and asks them. It stays with the script, on its thread; it reads no clock.
///
/// A generation is tried dry for its first two bars ([`Planner::prepare`]); after that
/// [`Planner::write`] gives bar after bar of each content that is in use.
#[derive(Debug, Default)]
pub struct Planner {
    pub(crate) contents: Vec<Content>,
    named: u64,
    accepted: u64,
    /// The generations that were prepared since the one that plays, and that one; the newest last.
    prepared: Vec<Rc<Accepted>>,
    playing: Option<Rc<Accepted>>,
    /// Generations that played before, oldest first.
    good: Vec<Rc<Accepted>>,
    faults: Vec<(ContentId, Fault)>,
    /// Contents that failed before their generation played, and not before which beat another may come
    /// back in its place.
    failed_early: Vec<(ContentId, Beat)>,
    /// Those whose generation plays by now.
    begun_failures: Vec<(ContentId, Beat)>,
    notices: Vec<Notice>,
}

impl Planner {
    /// A planner that knows nothing yet.
    pub fn new() -> Planner {
        Planner::default()
    }

    /// A planner in the place of one that is given up. It knows nothing yet, and names contents and
    /// generations other than that one did: what of its bars still plays is not mixed up with what comes.
    pub fn after(given_up: &Planner) -> Planner {
        // A generation that was being tried when it was given up may have been named already.
        Planner { named: given_up.named, accepted: given_up.accepted + 1, ..Planner::default() }
    }

    /// Tries the first two bars of every slot that is new, where they would be heard if the
    /// generation came at second `now`, to enter as `entrance` says. A late take is no failure.
    ///
    /// # Errors
    /// See [`PlanError`]; nothing has changed then.
    pub fn prepare(
        &mut self,
        generation: Generation,
        entrance: Entrance,
        ground: &Ground,
        now: f64,
    ) -> Result<Prepared, PlanError> {
        check_names(&generation)?;
        let id = GenerationId(self.accepted + 1);
        let accepted = Rc::new(Accepted { id, generation, entrance, failed: Cell::new(false) });
        let (known, named) = (self.contents.len(), self.named);
        match self.place(&accepted, ground, now, entrance.not_before()) {
            Ok(prepared) => {
                self.accepted += 1;
                if self.prepared.len() == MOST_PREPARED {
                    self.prepared.remove(0);
                }
                self.prepared.push(accepted);
                Ok(prepared)
            }
            Err(error) => {
                self.contents.truncate(known);
                self.named = named;
                Err(error)
            }
        }
    }

    /// Places a generation: gives each slot its content, new or known, and asks new ones for two bars.
    fn place(
        &mut self,
        accepted: &Accepted,
        ground: &Ground,
        now: f64,
        not_before: Beat,
    ) -> Result<Prepared, PlanError> {
        let Accepted { id, generation, entrance, .. } = accepted;
        let quantum = |own: Quantum| entrance.quantum(own);
        let own = |spec: &SlotSpec| {
            ground.entry(
                quantum(spec.quantum.unwrap_or(generation.quantum)),
                generation.meter,
                now,
                not_before,
            )
        };
        let (mut slots, mut stretches, mut late) = (Vec::new(), Vec::new(), Vec::new());
        let mut notices = Vec::new();
        // Which content each slot gets: what is known is told of only when all have passed.
        let mut given: Vec<usize> = Vec::new();
        for spec in &generation.slots {
            let entry = own(spec);
            let bar = if spec.restart { 0 } else { entry.measure.bar_of(entry.boundary) };
            let (index, is_new) = self.content_for(spec, generation, entry, &given);
            given.push(index);
            let content = &mut self.contents[index];
            let mut limits = Vec::new();
            for bar in [bar, bar + 1] {
                let tried = try_out(content, bar, &mut limits);
                let stretch = match tried {
                    Ok(stretch) => stretch,
                    Err(error) if is_new => {
                        return Err(PlanError::Failed { slot: spec.name.clone(), line: spec.line, error });
                    }
                    // It plays already: the failure is told when its bar comes.
                    Err(_) => continue,
                };
                if !stretch.is_fresh() && late.last() != Some(&spec.name) {
                    late.push(spec.name.clone());
                }
                stretches.push(stretch);
            }
            notices.extend(notices_of(spec, limits));
            slots.push(Arc::new(filling(spec, content.id)));
        }
        for (index, spec) in given.into_iter().zip(&generation.slots) {
            self.contents[index].keep(spec);
        }
        let outline = Outline {
            id: *id,
            tempo: generation.tempo,
            tempo_moves: generation.tempo_moves.clone(),
            meter: generation.meter,
            quantum: generation.quantum,
            entrance: *entrance,
            staging: generation.staging,
            ensemble: Arc::clone(&generation.ensemble),
            slots,
        };
        Ok(Prepared { outline: Arc::new(outline), stretches, late, notices, not_before })
    }

    /// The content that sounds as `spec` says: one that the slot is known to play, that of a slot which the
    /// generation names otherwise, or a new one. True when it is new.
    fn content_for(
        &mut self,
        spec: &SlotSpec,
        generation: &Generation,
        entry: Entry,
        given: &[usize],
    ) -> (usize, bool) {
        let bar = entry.measure.bar();
        let of_name = |content: &Content| content.spec.name == spec.name;
        let renamed = |content: &Content| generation.slots.iter().all(|slot| slot.name != content.spec.name);
        let like = |of: &dyn Fn(&Content) -> bool| {
            let free = self.contents.iter().enumerate().filter(|(index, _)| !given.contains(index));
            free.rev()
                .find(|(_, content)| content.sounds_like(spec, bar) && of(content))
                .map(|(index, _)| index)
        };
        if let Some(known) = like(&of_name).or_else(|| like(&renamed)) {
            return (known, false);
        }
        // A slot that is filled with the same stream again goes on in it; a new one begins at the bar
        // line, so that its bars are those of all others.
        let of_slot = self.contents.iter().rev().filter(|content| content.spec.name == spec.name);
        let known = match spec.form {
            true => self.contents.iter().rev().find(|content| content.spec.form).map(|known| known.origin),
            false => of_slot.filter_map(|content| content.origin_of(spec.stream)).next(),
        };
        let at_bar = || match spec.restart {
            true => Beat::ZERO,
            false => bar * Beat::whole(entry.measure.bar_of(entry.boundary)),
        };
        let origin = known.unwrap_or_else(at_bar);
        self.named += 1;
        let id = ContentId(self.named);
        self.contents.push(Content::new(id, Rc::new(spec.clone()), bar, origin));
        (self.contents.len() - 1, true)
    }

    /// What a content does over one of its bars, or `None` for a content that nobody plays any more.
    /// A pattern that fails is told by [`Planner::take_faults`], and its bar is late.
    pub fn write(&mut self, content: ContentId, bar: i64, drafts: bool) -> Option<Stretch> {
        let anew = self.contents.iter_mut().find(|known| known.id == content)?.take_moved(bar);
        let part = self.part(content, bar, false).known();
        let draft = match part.is_none() || drafts {
            true => self.part(content, bar, true).known(),
            false => None,
        };
        let controls = Stretches::controls(self, content, bar);
        Some(Stretch { content, bar, part, draft, controls, anew })
    }

    /// True when asking [`Planner::write`] again would bring nothing new: part and controls are known.
    pub fn knows(&mut self, content: ContentId, bar: i64) -> bool {
        let known = self.contents.iter().find(|known| known.id == content);
        known.is_none_or(|content| content.knows_part(bar) && content.knows_controls(bar))
    }

    /// Name of the slot that a content fills.
    pub fn slot_of(&self, content: ContentId) -> Option<&str> {
        self.contents.iter().find(|known| known.id == content).map(|known| known.spec.name.as_str())
    }

    /// How far the model behind a content had to bend, where it is tilted and its take is there.
    pub fn evidence(&self, content: ContentId) -> Option<Evidence> {
        self.contents.iter().find(|known| known.id == content)?.spec.evidence.look()
    }

    /// A take arrived: what was answered is asked again.
    pub fn arrived(&mut self) {
        self.contents.iter_mut().for_each(Content::forget);
    }

    /// What the patterns of a content follow, such as a knob, has moved: its bars are asked for again, and what they
    /// answer then is played from where the playhead stands.
    pub fn follow(&mut self, content: ContentId) {
        if let Some(content) = self.contents.iter_mut().find(|known| known.id == content) {
            content.follow();
        }
    }

    /// The same of all contents.
    pub(crate) fn follow_all(&mut self) {
        self.contents.iter_mut().for_each(Content::follow);
    }

    /// Forgets contents that are neither in use nor named by a generation that plays or may be about to, and of the others
    /// what they answered for bars that are over. `in_use` gives contents and the first bars wanted of them.
    pub fn retain(&mut self, in_use: &[(ContentId, i64)]) {
        let prepared = &self.prepared;
        self.contents.retain_mut(|content| {
            let wanted = in_use.iter().find(|(id, _)| *id == content.id);
            if let Some((_, bar)) = wanted {
                content.forget_before(*bar);
            }
            let named = prepared.iter().any(|prepared| names(prepared, content));
            wanted.is_some() || named
        });
    }

    /// The playhead reached the boundary of a generation: it plays.
    pub fn began(&mut self, id: GenerationId) {
        let Some(at) = self.prepared.iter().rposition(|accepted| accepted.id == id) else { return };
        self.prepared.drain(..at);
        let begins = Rc::clone(&self.prepared[0]);
        if self.good.last().is_some_and(|good| good.id == id) {
            self.good.pop();
        } else if let Some(playing) =
            self.playing.take().filter(|playing| playing.id != id && !playing.failed.get())
        {
            self.remember(playing);
        }
        self.playing = Some(begins);
        self.begun_failures.append(&mut self.failed_early);
    }

    /// Everything fell silent.
    pub fn hush(&mut self) {
        // What was silenced does not come back by itself.
        self.playing = None;
        self.good.clear();
        self.begun_failures.clear();
        self.failed_early.clear();
        self.prepared.clear();
        self.contents.clear();
        self.faults.clear();
    }

    fn remember(&mut self, accepted: Rc<Accepted>) {
        if accepted.generation.slots.is_empty() {
            return;
        }
        if self.good.len() == MOST_GOOD {
            self.good.remove(0);
        }
        self.good.push(accepted);
    }

    /// Patterns that failed since the last call, each told once, with the content that failed.
    pub fn take_faults(&mut self) -> Vec<(ContentId, Fault)> {
        std::mem::take(&mut self.faults)
    }

    /// What was cut down to fit the plan since the last call, each told once.
    pub fn take_notices(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.notices)
    }

    /// Contents that failed while the bars ahead of a generation were written that has taken over since: for
    /// [`Planner::come_back`].
    pub fn take_begun_failures(&mut self) -> Vec<(ContentId, Beat)> {
        std::mem::take(&mut self.begun_failures)
    }

    /// The last good generation, to come back at `not_before` or after in the place of the one that
    /// plays and has failed. `None` where no other is known to be good, and where a newer one
    /// waits already: until then the slot plays down its ladder.
    pub fn come_back(
        &mut self,
        failed: ContentId,
        ground: &Ground,
        now: f64,
        not_before: Beat,
    ) -> Option<Prepared> {
        let content = self.contents.iter().position(|content| content.id == failed)?;
        let newest = self.prepared.last()?;
        if !names(newest, &self.contents[content]) {
            return None;
        }
        if self.playing.as_ref().is_none_or(|playing| playing.id != newest.id) {
            // It does not play yet; until then nothing has failed that is heard.
            self.failed_early.push((failed, not_before));
            return None;
        }
        let spec = Rc::clone(&self.contents[content].spec);
        let fails_too = |accepted: &Accepted| {
            let mut slots = accepted.generation.slots.iter();
            slots.any(|slot| slot.name == spec.name && slot.fingerprint == spec.fingerprint)
        };
        while self.good.last().is_some_and(|accepted| fails_too(accepted)) {
            self.good.pop();
        }
        let good = self.good.last().cloned()?;
        // It was good before; should it fail now, that is told when its bar comes.
        let prepared = self.place(&good, ground, now, not_before).ok()?;
        self.prepared.push(good);
        Some(prepared)
    }

    /// The newest generation once more, where it would be heard if it came at second `now`: for a playhead that
    /// may have lost it. `None` where there is none, or where it fails by now.
    pub fn again(&mut self, ground: &Ground, now: f64) -> Option<Prepared> {
        let newest = self.prepared.last().cloned()?;
        self.place(&newest, ground, now, newest.entrance.not_before()).ok()
    }

    /// Takes back the newest generation, which does not play yet: the one before it, to be sent in its place. `None` where
    /// it is not `id`, where it plays, or where none was before it.
    pub fn withdraw(&mut self, id: GenerationId, ground: &Ground, now: f64) -> Option<Prepared> {
        let plays = self.playing.as_ref().is_some_and(|playing| playing.id == id);
        if plays || self.prepared.len() < 2 || self.prepared.last()?.id != id {
            return None;
        }
        self.prepared.pop();
        self.again(ground, now)
    }

    fn fail(&mut self, index: usize, error: QueryError) {
        let content = &self.contents[index];
        if content.failed {
            return;
        }
        let (id, spec) = (content.id, Rc::clone(&content.spec));
        let of = self.prepared.iter().rev().find(|accepted| names(accepted, content));
        let generation = of.map_or(GenerationId::default(), |accepted| accepted.id);
        if let Some(of) = of {
            of.failed.set(true);
        }
        self.contents[index].failed = true;
        let fault = Fault { name: spec.name.clone(), line: spec.line, generation, error, comes_back: None };
        self.faults.push((id, fault));
    }
}

impl Stretches for Planner {
    fn part(&mut self, content: ContentId, bar: i64, drafts: bool) -> Answer {
        let Some(index) = self.contents.iter().position(|known| known.id == content) else {
            return Answer::Late;
        };
        let content = &mut self.contents[index];
        match content.part(bar, drafts) {
            Ok(plan) => {
                let mut limits = Vec::new();
                content.tell_dropped(&plan, &mut limits);
                self.notices.extend(notices_of(&content.spec, limits));
                Answer::Known(plan)
            }
            // A draft that fails is one rung that does not hold: the take itself will tell.
            Err(QueryError::Late) => Answer::Late,
            Err(_) if drafts => Answer::Late,
            Err(error) => {
                self.fail(index, error);
                Answer::Failed
            }
        }
    }

    fn controls(&mut self, content: ContentId, bar: i64) -> Option<Arc<[Item]>> {
        let index = self.contents.iter().position(|known| known.id == content)?;
        let content = &mut self.contents[index];
        let mut limits = Vec::new();
        let answer = content.controls(bar, &mut limits);
        self.notices.extend(notices_of(&content.spec, limits));
        match answer {
            Ok(items) => Some(items),
            Err(error) => {
                self.fail(index, error);
                None
            }
        }
    }

    fn interrupts(&self) -> bool {
        !self.faults.is_empty()
    }
}

/// Looks at what a planner's patterns answer without telling of failures: for what is shown ahead.
pub(crate) struct Peek<'a>(pub(crate) &'a mut Planner);

impl Stretches for Peek<'_> {
    fn part(&mut self, content: ContentId, bar: i64, drafts: bool) -> Answer {
        let known = self.0.contents.iter_mut().find(|known| known.id == content);
        known.and_then(|content| content.part(bar, drafts).ok()).map_or(Answer::Late, Answer::Known)
    }

    fn controls(&mut self, _: ContentId, _: i64) -> Option<Arc<[Item]>> {
        None
    }
}

/// A bar of a content, with what limits it meets.
fn try_out(content: &mut Content, bar: i64, limits: &mut Vec<Limit>) -> Result<Stretch, QueryError> {
    let late = |answer: Result<Arc<crate::plan::PartPlan>, QueryError>| match answer {
        Ok(plan) => Ok(Some(plan)),
        Err(QueryError::Late) => Ok(None),
        Err(failed) => Err(failed),
    };
    let part = late(content.part(bar, false))?;
    if let Some(plan) = &part {
        content.tell_dropped(plan, limits);
    }
    let draft = if part.is_none() { content.part(bar, true).ok() } else { None };
    let controls = Some(content.controls(bar, limits)?);
    Ok(Stretch { content: content.id, bar, part, draft, controls, anew: false })
}

fn names(accepted: &Accepted, content: &Content) -> bool {
    let bar = accepted.generation.meter.bar();
    let mut slots = accepted.generation.slots.iter();
    slots.any(|spec| spec.name == content.spec.name && content.is_of(spec, bar))
}

fn filling(spec: &SlotSpec, content: ContentId) -> Filling {
    Filling {
        name: spec.name.as_str().into(),
        content,
        output: Arc::new(spec.output.clone()),
        wiring: spec.wiring.clone(),
        silent: spec.silent,
        solo: spec.solo,
        draws: matches!(spec.part, Part::Drawing { .. }),
        endless: spec.stream.is_some(),
        line: spec.line,
        model: spec.model.clone(),
        quantum: spec.quantum,
        restart: spec.restart,
        hands: spec.hands.clone(),
    }
}

fn notices_of(spec: &SlotSpec, limits: Vec<Limit>) -> impl Iterator<Item = Notice> {
    let (name, line) = (spec.name.clone(), spec.line);
    limits.into_iter().map(move |limit| Notice { name: name.clone(), line, limit })
}
