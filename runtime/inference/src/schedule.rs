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

/// All pending jobs.
pub(crate) struct Schedule {
    entries: HashMap<JobId, Entry>,
    /// Jobs whose inputs are there, earliest deadline first, then in order of request.
    queue: BTreeSet<(Due, JobId)>,
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

    /// Adds a job that starts from the pending jobs `inputs`, or refuses when the queue is full.
    pub(crate) fn add(&mut self, job: Arc<Job>, inputs: &[JobId]) -> Option<JobId> {
        if self.pending() >= self.capacity {
            return None;
        }
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
        if phase == Phase::Queued {
            self.queue.insert((Due::Whenever, id));
        }
        let entry = Entry { job, due: Due::Whenever, phase, inputs: missing, dependents: Vec::new() };
        self.entries.insert(id, entry);
        Some(id)
    }

    /// Says when a job is needed. What it starts from is needed as soon.
    pub(crate) fn set_due(&mut self, id: JobId, due: Due) {
        self.move_to(id, due);
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
        let before = std::mem::replace(&mut entry.due, due);
        if entry.phase == Phase::Queued {
            self.queue.remove(&(before, id));
            self.queue.insert((due, id));
        }
    }

    /// The next job to make; it is running from now on.
    pub(crate) fn start_next(&mut self) -> Option<(JobId, Arc<Job>)> {
        let (_, id) = self.queue.pop_first()?;
        let entry = self.entries.get_mut(&id)?;
        entry.phase = Phase::Running;
        self.running += 1;
        Some((id, entry.job.clone()))
    }

    /// Takes a job off the schedule: nobody wants it. A running one is told to stop.
    pub(crate) fn cancel(&mut self, id: JobId) {
        let Some(entry) = self.entries.remove(&id) else { return };
        entry.job.watch.cancel();
        match entry.phase {
            Phase::Waiting => {}
            Phase::Queued => {
                self.queue.remove(&(entry.due, id));
            }
            Phase::Running => self.running -= 1,
        }
    }

    /// A running job has its answer: those that start from it may go on.
    pub(crate) fn succeed(&mut self, id: JobId) {
        for dependent in self.end(id) {
            let Some(entry) = self.entries.get_mut(&dependent) else { continue };
            entry.inputs.retain(|input| *input != id);
            if entry.inputs.is_empty() && entry.phase == Phase::Waiting {
                entry.phase = Phase::Queued;
                self.queue.insert((entry.due, dependent));
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

    /// Removes an entry and gives back its dependents.
    fn end(&mut self, id: JobId) -> Vec<JobId> {
        let Some(entry) = self.entries.remove(&id) else { return Vec::new() };
        if entry.phase == Phase::Running {
            self.running -= 1;
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

    /// How many jobs are pending and not yet running.
    pub(crate) fn pending(&self) -> usize {
        self.entries.len() - self.running
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
    }

    fn job(seed: u64) -> Arc<Job> {
        let text = String::new;
        let description =
            Description { name: text(), identity: text(), about: text(), ..Description::default() };
        let conditions = Conditions::default();
        let sampling = Sampling::new(1, 1.0, seed, conditions).expect("arguments in range");
        let call = Call { model: Arc::new(Silent(description)), verb: Verb::Sample(sampling) };
        Arc::new(Job::new(TakeKey::of(&call), call))
    }

    #[test]
    fn a_job_with_two_inputs_waits_for_both() {
        let mut schedule = Schedule::new(8);
        let a = schedule.add(job(1), &[]).expect("room");
        let b = schedule.add(job(2), &[]).expect("room");
        let both = schedule.add(job(3), &[a, b, a]).expect("room");
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
        let a = schedule.add(job(1), &[]).expect("room");
        let b = schedule.add(job(2), &[a]).expect("room");
        let c = schedule.add(job(3), &[b]).expect("room");
        let free = schedule.add(job(4), &[]).expect("room");
        schedule.start_next();
        let lost: Vec<(JobId, JobId)> = schedule.fail(a).into_iter().map(|(_, id, of)| (id, of)).collect();
        assert_eq!(lost, [(b, a), (c, b)]);
        assert_eq!(schedule.start_next().map(|(id, _)| id), Some(free));
        assert!(schedule.start_next().is_none());
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
                let id = schedule.add(job(seed as u64), &[]).expect("room");
                let due = due.map_or(Due::Whenever, |due| Due::At(now + Duration::from_secs(due)));
                schedule.set_due(id, due);
                if cancelled {
                    schedule.cancel(id);
                } else {
                    expected.push((due, id));
                }
            }
            expected.sort();
            let started: Vec<JobId> = std::iter::from_fn(|| schedule.start_next().map(|(id, _)| id)).collect();
            prop_assert_eq!(started, expected.into_iter().map(|(_, id)| id).collect::<Vec<_>>());
            prop_assert_eq!(schedule.pending(), 0);
        }
    }
}
