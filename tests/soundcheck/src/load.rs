//! Other programs on the same machine: threads that keep every core busy for a part of the time.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Busy and idle together. Shorter than a scheduler's turn, so that the load is felt everywhere.
const TURN: Duration = Duration::from_millis(10);

/// Keeps the cores busy until dropped.
pub struct Load {
    ended: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Load {
    /// One thread for each core, each busy for `share` of the time, `0..=1`.
    ///
    /// # Errors
    /// When the system does not say how many cores there are, or gives no thread.
    pub fn start(share: f64) -> std::io::Result<Load> {
        let cores = if share > 0.0 { thread::available_parallelism()?.get() } else { 0 };
        let mut load = Load { ended: Arc::default(), threads: Vec::new() };
        for core in 0..cores {
            let ended = Arc::clone(&load.ended);
            let busy = TURN.mul_f64(share.clamp(0.0, 1.0));
            let work = move || {
                let mut x = core as u64;
                while !ended.load(Ordering::Relaxed) {
                    let begin = Instant::now();
                    while begin.elapsed() < busy {
                        for _ in 0..1000 {
                            x = black_box(x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1));
                        }
                    }
                    thread::sleep(TURN.saturating_sub(busy));
                }
            };
            load.threads.push(thread::Builder::new().name(format!("load {core}")).spawn(work)?);
        }
        Ok(load)
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            // It only counts, and cannot panic.
            let _ended = thread.join();
        }
    }
}
