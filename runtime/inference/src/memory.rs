//! Finished takes that nobody holds at the moment, the latest used first.

use std::sync::Arc;

use lru::LruCache;

use crate::TakeKey;
use crate::take::Job;

/// Keeps answered jobs up to a number of bytes; what was not asked for the longest goes first.
pub(crate) struct Memory {
    jobs: LruCache<TakeKey, (Arc<Job>, usize)>,
    bytes: usize,
    most_bytes: usize,
}

impl Memory {
    pub(crate) fn new(most_bytes: usize) -> Memory {
        Memory { jobs: LruCache::unbounded(), bytes: 0, most_bytes }
    }

    /// The job of `key`, now the latest used.
    pub(crate) fn recall(&mut self, key: &TakeKey) -> Option<Arc<Job>> {
        self.jobs.get(key).map(|(job, _)| job.clone())
    }

    /// Remembers an answered `job` that takes `bytes`. One that alone exceeds the bound is not kept.
    pub(crate) fn remember(&mut self, job: Arc<Job>, bytes: usize) {
        if let Some((_, (_, old))) = self.jobs.push(job.key, (job, bytes)) {
            self.bytes -= old;
        }
        self.bytes += bytes;
        while self.bytes > self.most_bytes {
            let Some((_, (_, oldest))) = self.jobs.pop_lru() else { break };
            self.bytes -= oldest;
        }
    }

    /// How many takes are remembered.
    pub(crate) fn len(&self) -> usize {
        self.jobs.len()
    }
}
