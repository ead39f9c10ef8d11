//! The scheduling class of threads that must be in time.

use thread_priority::{ThreadPriority, ThreadPriorityValue};

/// What the system granted a thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Priority {
    /// It runs before every normal thread as soon as it is due.
    RealTime,
    /// It shares the cores with the rest, because of this: when all are busy, notes may
    /// be some milliseconds late.
    Normal(String),
}

/// Above the default of 0 and under what sound servers take (JACK 10, PipeWire 88 by
/// default): sound goes first, notes follow.
const LEVEL: u8 = 5;

/// Asks for real-time scheduling of this thread, for those that must be there when something is due.
/// Being refused is no error.
pub fn raise() -> Priority {
    match ThreadPriorityValue::try_from(LEVEL).and_then(ask) {
        Ok(()) => Priority::RealTime,
        Err(reason) => Priority::Normal(reason),
    }
}

#[cfg(unix)]
fn ask(level: ThreadPriorityValue) -> Result<(), String> {
    use thread_priority::{RealtimeThreadSchedulePolicy, ThreadSchedulePolicy};
    let policy = ThreadSchedulePolicy::Realtime(RealtimeThreadSchedulePolicy::Fifo);
    let thread = thread_priority::thread_native_id();
    thread_priority::set_thread_priority_and_policy(thread, ThreadPriority::Crossplatform(level), policy)
        .map_err(|error| format!("{error:?}"))
}

#[cfg(not(unix))]
fn ask(_level: ThreadPriorityValue) -> Result<(), String> {
    ThreadPriority::Max.set_for_current().map_err(|error| format!("{error:?}"))
}
