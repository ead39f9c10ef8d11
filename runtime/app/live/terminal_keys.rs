//! Keys that are typed in the terminal of `lilt live`, while the script listens to them.

use std::io::{IsTerminal, Read};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam::channel::{Receiver, RecvTimeoutError, Sender, unbounded};
use lilt_score::Gesture;

use super::caught::caught;
use super::keyboard::Keyboard;

/// Why keys in the terminal are not heard.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoKeys {
    /// Standard input is a pipe or a file.
    #[error("keys of the computer are not heard: Lilt was not started in a terminal")]
    NoTerminal,
    /// The terminal belongs to another program, or refuses.
    #[error("keys of the computer are not heard: the terminal refuses ({0})")]
    Refused(String),
}

/// The keys of the terminal. While somebody listens, letters are not shown and need no Return; Ctrl-C still ends. When the
/// last of it is dropped the terminal is as it was.
#[derive(Clone, Default)]
pub struct TerminalKeys(Arc<Shared>);

#[derive(Default)]
struct Shared {
    /// How the terminal was, while it is otherwise.
    before: Mutex<Option<Before>>,
    /// Where letters go, once they are read.
    reading: Mutex<Option<Sender<char>>>,
    listens: AtomicBool,
}

#[cfg(unix)]
type Before = rustix::termios::Termios;
#[cfg(not(unix))]
type Before = ();

impl TerminalKeys {
    /// Hears keys from now on, and tells what they play to `hear`, which must not wait.
    ///
    /// # Errors
    /// When there is no terminal, or it refuses.
    pub fn listen(&self, hear: impl Fn(Gesture) + Send + 'static) -> Result<(), NoKeys> {
        if !std::io::stdin().is_terminal() {
            return Err(NoKeys::NoTerminal);
        }
        self.0.let_through()?;
        self.0.listens.store(true, Ordering::Release);
        let mut reading = lock(&self.0.reading);
        if reading.is_some() {
            return Ok(());
        }
        let refused = |error: std::io::Error| NoKeys::Refused(error.to_string());
        let (letters, typed) = unbounded();
        let shared = Arc::downgrade(&self.0);
        let told = letters.clone();
        // A read cannot be called off: the thread stays until the process ends, and what it reads is heard only while
        // somebody listens.
        let read = move || {
            let mut byte = [0];
            while let Ok(1) = std::io::stdin().lock().read(&mut byte) {
                let Some(shared) = shared.upgrade() else { return };
                if shared.listens.load(Ordering::Acquire) && told.send(char::from(byte[0])).is_err() {
                    return;
                }
            }
        };
        thread::Builder::new().name("lilt keys".to_string()).spawn(read).map_err(refused)?;
        let play = move || while caught(|| play(&typed, &hear)).is_err() {};
        thread::Builder::new().name("lilt piano".to_string()).spawn(play).map_err(refused)?;
        *reading = Some(letters);
        Ok(())
    }

    /// Hears keys no longer.
    pub fn rest(&self) {
        self.0.listens.store(false, Ordering::Release);
        self.0.put_back();
    }
}

/// Plays what is typed until nobody can type any more.
fn play(typed: &Receiver<char>, hear: &impl Fn(Gesture)) {
    let mut keyboard = Keyboard::default();
    loop {
        let wait = keyboard.next().map(|next| next.saturating_duration_since(Instant::now()));
        match typed.recv_timeout(wait.unwrap_or(Duration::from_secs(3_600))) {
            Ok(letter) => keyboard.typed(letter, Instant::now()).into_iter().for_each(hear),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        keyboard.ended(Instant::now()).into_iter().for_each(hear);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A single assignment, whole even if one panicked.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    /// The terminal passes on each letter as it is typed, and shows none.
    #[cfg(unix)]
    fn let_through(&self) -> Result<(), NoKeys> {
        use rustix::process::getpgrp;
        use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcgetpgrp, tcsetattr};
        let refused = |error: rustix::io::Errno| NoKeys::Refused(error.to_string());
        let mut before = lock(&self.before);
        if before.is_some() {
            return Ok(());
        }
        let terminal = std::io::stdin();
        // The system stops a program in the background that changes the terminal.
        if tcgetpgrp(&terminal).map_err(refused)? != getpgrp() {
            return Err(NoKeys::Refused("Lilt runs in the background".to_string()));
        }
        let stands = tcgetattr(&terminal).map_err(refused)?;
        let mut changed = stands.clone();
        changed.local_modes.remove(LocalModes::ICANON | LocalModes::ECHO);
        tcsetattr(&terminal, OptionalActions::Now, &changed).map_err(refused)?;
        *before = Some(stands);
        Ok(())
    }

    #[cfg(not(unix))]
    fn let_through(&self) -> Result<(), NoKeys> {
        Err(NoKeys::Refused("this system has no terminals that Lilt knows".to_string()))
    }

    fn put_back(&self) {
        #[cfg(unix)]
        if let Some(before) = lock(&self.before).take() {
            use rustix::termios::{OptionalActions, tcsetattr};
            // A terminal that is gone needs nothing back.
            let _gone = tcsetattr(std::io::stdin(), OptionalActions::Now, &before);
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.put_back();
    }
}
