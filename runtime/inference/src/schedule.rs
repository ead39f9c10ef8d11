//! Which take is made next: a bounded queue by deadline, with takes that start from other takes
//! waiting for those. Plain data, no threads.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Instant;

use crate::take::Job;

/// A place in the schedule; later requests have larger ones, and none is used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct JobId(u64);

/// When an answer is needed; what nobody set a deadline for comes last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Due {
    At(Instant),
    Whenever,
}

/// When a job's turn comes: the earliest deadline first; of those, what somebody can hear something of
/// already, by a draft, last; then in order of request.
type Turn = (Due, bool, JobId);

/// All pending jobs.
pub(crate) struct Schedule {
    entries: HashMap<JobId, Entry>,
    /// Jobs whose inputs are there, in the order in which they are made.
    queue: BTreeSet<Turn>,
    running: usize,
    next: u64,
    capacity: usize,
}

struct Entry {
    job: Arc<Job>,
    due: Due,
    phase: Phase,
    /// Pending jobs that it starts from.
    inputs: Vec<JobId>,
    /// Jobs that start from it; some may be cancelled since.
    dependents: Vec<JobId>,
    /// The job of its first draft, made or not.
    draft: Option<JobId>,
}

impl Entry {
    fn turn(&self, id: JobId) -> Turn {
        (self.due, self.draft.is_some(), id)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Waiting,
    Queued,
    Running,
}

impl Schedule {
    pub(crate) fn new(capacity: usize) -> Schedule {
        Schedule { entries: HashMap::new(), queue: BTreeSet::new(), running: 0, next: 0, capacity }
    }

    /// An id for a take that needs no work.
    pub(crate) fn reserve(&mut self) -> JobId {
        self.next += 1;
        JobId(self.next)
    }

    /// Adds a job that starts from the pending jobs `inputs`, and its first draft, or refuses when the
    /// queue is full.
    pub(crate) fn add(&mut self, job: Arc<Job>, draft: Option<Arc<Job>>, inputs: &[JobId]) -> Option<JobId> {
        if self.pending() >= self.capacity {
            return None;
        }
        let draft = draft.map(|draft| self.enter(draft, None, inputs));
        Some(self.enter(job, draft, inputs))
    }

    fn enter(&mut self, job: Arc<Job>, draft: Option<JobId>, inputs: &[JobId]) -> JobId {
        let id = self.reserve();
        let mut missing: Vec<JobId> =
            inputs.iter().copied().filter(|input| self.entries.contains_key(input)).collect();
        missing.sort();
        missing.dedup();
        for input in &missing {
            if let Some(entry) = self.entries.get_mut(input) {
                entry.dependents.push(id);
            }
        }
        let phase = if missing.is_empty() { Phase::Queued } else { Phase::Waiting };
        let (due, dependents) = (Due::Whenever, Vec::new());
        let entry = Entry { job, due, phase, inputs: missing, dependents, draft };
        if phase == Phase::Queued {
            self.queue.insert(entry.turn(id));
        }
        self.entries.insert(id, entry);
        id
    }

    /// Says when a job is needed. Its draft, and what it starts from, are needed as soon.
    pub(crate) fn set_due(&mut self, id: JobId, due: Due) {
        self.move_to(id, due);
        if let Some(draft) = self.entries.get(&id).and_then(|entry| entry.draft) {
            self.move_to(draft, due);
        }
        let mut urgent: Vec<JobId> = self.inputs(id);
        while let Some(input) = urgent.pop() {
            if self.entries.get(&input).is_some_and(|entry| entry.due > due) {
                self.move_to(input, due);
                urgent.extend(self.inputs(input));
            }
        }
    }

    fn inputs(&self, id: JobId) -> Vec<JobId> {
        self.entries.get(&id).map(|entry| entry.inputs.clone()).unwrap_or_default()
    }

    fn move_to(&mut self, id: JobId, due: Due) {
        let Some(entry) = self.entries.get_mut(&id) else { return };
        let before = entry.turn(id);
        entry.due = due;
        if entry.phase == Phase::Queued {
            self.queue.remove(&before);
            self.queue.insert(entry.turn(id));
        }
    }

    /// The next job to make; it is running from now on.
    pub(crate) fn start_next(&mut self) -> Option<(JobId, Arc<Job>)> {
        let (_, _, id) = self.queue.pop_first()?;
        let entry = self.entries.get_mut(&id)?;
        entry.phase = Phase::Running;
        self.running += 1;
        Some((id, entry.job.clone()))
    }

    /// Takes a job and its draft off the schedule: nobody wants it. A running one is told to stop.
    pub(crate) fn cancel(&mut self, id: JobId) {
        let Some(entry) = self.entries.remove(&id) else { return };
        entry.job.watch.cancel();
        match entry.phase {
            Phase::Waiting => {}
            Phase::Queued => {
                self.queue.remove(&entry.turn(id));
            }
            Phase::Running => self.running -= 1,
        }
        if let Some(draft) = entry.draft {
            self.cancel(draft);
        }
    }

    /// A running job has its answer: those that start from it may go on.
    pub(crate) fn succeed(&mut self, id: JobId) {
        for dependent in self.end(id) {
            let Some(entry) = self.entries.get_mut(&dependent) else { continue };
            entry.inputs.retain(|input| *input != id);
            if entry.inputs.is_empty() && entry.phase == Phase::Waiting {
                entry.phase = Phase::Queued;
                self.queue.insert(entry.turn(dependent));
            }
        }
    }

    /// A running job failed. Returns the jobs that start from it, which are off the schedule too, each
    /// with the job that it waited for, in order of failure.
    pub(crate) fn fail(&mut self, id: JobId) -> Vec<(Arc<Job>, JobId, JobId)> {
        let mut lost = Vec::new();
        let mut failed = vec![id];
        while let Some(input) = failed.pop() {
            for dependent in self.end(input) {
                if let Some(entry) = self.entries.get(&dependent) {
                    lost.push((entry.job.clone(), dependent, input));
                    failed.push(dependent);
                }
            }
        }
        lost
    }

    /// Removes an entry, whose draft nobody wants any more, and gives back its dependents.
    fn end(&mut self, id: JobId) -> Vec<JobId> {
        let Some(entry) = self.entries.remove(&id) else { return Vec::new() };
        if entry.phase == Phase::Running {
            self.running -= 1;
        }
        if let Some(draft) = entry.draft {
            self.cancel(draft);
        }
        entry.dependents
    }

    /// Ends everything; gives back all jobs.
    pub(crate) fn clear(&mut self) -> Vec<Arc<Job>> {
        self.queue.clear();
        self.running = 0;
        let jobs: Vec<Arc<Job>> = self.entries.drain().map(|(_, entry)| entry.job).collect();
        jobs.iter().for_each(|job| job.watch.cancel());
        jobs
    }

    /// How many jobs are pending and not yet running; a draft is part of its take.
    pub(crate) fn pending(&self) -> usize {
        let pending = |entry: &&Entry| entry.phase != Phase::Running && !entry.job.is_draft;
        self.entries.values().filter(pending).count()
    }

    /// How many jobs are being made.
    pub(crate) fn running(&self) -> usize {
        self.running
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;
    use crate::{Call, Conditions, Description, Model, ModelError, Sampled, Sampling, TakeKey, Verb, Watch};

    struct Silent(Description);

    impl Model for Silent {
        fn description(&self) -> &Description {
            &self.0
        }

        fn sample(&self, _: &Sampling, _: &Watch) -> Result<Sampled, ModelError> {
            Err(self.unsupported("sample"))
        }

        fn draft(&self, _: &Verb) -> Option<Arc<dyn Model>> {
            Some(Arc::new(Silent(self.0.clone())))
        }
    }

    fn call(seed: u64) -> Call {
        let text = String::new;
        let description =
            Description { name: text(), identity: text(), about: text(), ..Description::default() };
        let conditions = Conditions::default();
        let sampling = Sampling::new(1, 1.0, seed, conditions).expect("arguments in range");
        Call { model: Arc::new(Silent(description)), verb: Verb::Sample(sampling) }
    }

    fn job(seed: u64) -> Arc<Job> {
        Arc::new(Job::new(TakeKey::of(&call(seed)), call(seed)))
    }

    fn draft_of(seed: u64) -> Option<Arc<Job>> {
        Job::draft(TakeKey::of(&call(seed)), &call(seed)).map(Arc::new)
    }

    #[test]
    fn a_job_with_two_inputs_waits_for_both() {
        let mut schedule = Schedule::new(8);
        let a = schedule.add(job(1), None, &[]).expect("room");
        let b = schedule.add(job(2), None, &[]).expect("room");
        let both = schedule.add(job(3), None, &[a, b, a]).expect("room");
        assert_eq!(schedule.start_next().map(|(id, _)| id), Some(a));
        assert_eq!(schedule.start_next().map(|(id, _)| id), Some(b));
        assert!(schedule.start_next().is_none());
        schedule.succeed(b);
        assert!(schedule.start_next().is_none());
        schedule.succeed(a);
        assert_eq!(schedule.start_next().map(|(id, _)| id), Some(both));
        assert_eq!((schedule.pending(), schedule.running()), (0, 1));
    }

    #[test]
    fn a_failure_takes_all_that_start_from_it() {
        let mut schedule = Schedule::new(8);
        let a = schedule.add(job(1), None, &[]).expect("room");
        let b = schedule.add(job(2), None, &[a]).expect("room");
        let c = schedule.add(job(3), None, &[b]).expect("room");
        let free = schedule.add(job(4), None, &[]).expect("room");
        schedule.start_next();
        let lost: Vec<(JobId, JobId)> = schedule.fail(a).into_iter().map(|(_, id, of)| (id, of)).collect();
        assert_eq!(lost, [(b, a), (c, b)]);
        assert_eq!(schedule.start_next().map(|(id, _)| id), Some(free));
        assert!(schedule.start_next().is_none());
    }

    /// Numbers of the jobs in the order in which they start, as far as they can.
    fn started(schedule: &mut Schedule) -> Vec<JobId> {
        std::iter::from_fn(|| schedule.start_next().map(|(id, _)| id)).collect()
    }

    #[test]
    fn drafts_come_before_what_is_due_with_them_and_can_be_heard_already() {
        let mut schedule = Schedule::new(8);
        let one = schedule.add(job(1), draft_of(1), &[]).expect("room");
        let other = schedule.add(job(2), draft_of(2), &[]).expect("room");
        let plain = schedule.add(job(3), None, &[]).expect("room");
        let later = schedule.add(job(4), draft_of(4), &[]).expect("room");
        let sooner = schedule.add(job(5), None, &[]).expect("room");
        let now = Instant::now();
        for (id, seconds) in [(one, 2), (other, 2), (plain, 2), (later, 3), (sooner, 1)] {
            schedule.set_due(id, Due::At(now + Duration::from_secs(seconds)));
        }
        let draft = |id: JobId| schedule.entries[&id].draft.expect("a draft");
        let expected = [sooner, draft(one), draft(other), plain, one, other, draft(later), later];
        assert_eq!(started(&mut schedule), expected);
    }

    #[test]
    fn a_draft_goes_with_its_take_and_takes_no_room() {
        let mut schedule = Schedule::new(2);
        let input = schedule.add(job(1), None, &[]).expect("room");
        let drafted = schedule.add(job(2), draft_of(2), &[input]).expect("room for a draft");
        assert_eq!(schedule.pending(), 2);
        assert!(schedule.add(job(3), None, &[]).is_none());
        assert_eq!(started(&mut schedule), [input], "both wait for what they start from");
        schedule.cancel(drafted);
        schedule.succeed(input);
        assert_eq!(started(&mut schedule), []);
        assert_eq!((schedule.pending(), schedule.running(), schedule.entries.len()), (0, 0, 0));
    }

    proptest! {
        #[test]
        fn jobs_start_by_deadline_then_by_request(
            jobs in prop::collection::vec((prop::option::of(0u64..5), any::<bool>()), 0..40)
        ) {
            let now = Instant::now();
            let mut schedule = Schedule::new(64);
            let mut expected = Vec::new();
            for (seed, (due, cancelled)) in jobs.into_iter().enumerate() {
                let id = schedule.add(job(seed as u64), None, &[]).expect("room");
                let due = due.map_or(Due::Whenever, |due| Due::At(now + Duration::from_secs(due)));
                schedule.set_due(id, due);
                if cancelled {
                    schedule.cancel(id);
                } else {
                    expected.push((due, id));
                }
            }
            expected.sort();
            prop_assert_eq!(started(&mut schedule), expected.into_iter().map(|(_, id)| id).collect::<Vec<_>>());
            prop_assert_eq!(schedule.pending(), 0);
        }
    }
}
