//! Ears: what comes in from outside, given to whom it concerns. The conductor plays it at once, the author lets
//! patterns and scripts follow it.

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crossbeam::channel::{Receiver, Sender, unbounded};
use lilt_midi::{Heard, Listener};
use lilt_osc::OscListener;
use lilt_score::{Gesture, Input};
use lilt_script::{KEYS, LINK, OSC, TRANSPORT};

use super::carabiner;
use super::caught::caught;
use super::link::{Link, OurTime};
use super::loudspeaker::Timekeeper;
use super::mailbox::Mailbox;
use super::order::Order;
use super::sight::Sight;
use super::terminal_keys::TerminalKeys;
use super::transport::Transport;

/// Inputs that may be on their way to the conductor at once: it takes them as they come, within a few microseconds
/// each. What a flood brings beyond that is left out.
const MOST_UNDER_WAY: usize = 1_024;

/// What is on its way to the conductor, one of [`MOST_UNDER_WAY`], until this is dropped.
pub struct UnderWay(Arc<AtomicUsize>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Whom what comes in concerns. Giving it something never waits; clones are of the same ears.
#[derive(Clone)]
pub struct Ears {
    time: Timekeeper,
    orders: Sender<Order>,
    mailbox: Mailbox,
    view: Sender<Sight>,
    under_way: Arc<AtomicUsize>,
    /// True while the script listens to the letters of the keyboard.
    plays_keys: Arc<AtomicBool>,
    /// Sources of which something was left out: how much, since all their keys were last said to be up.
    flooded: Arc<Mutex<HashMap<Arc<str>, u64>>>,
}

impl Ears {
    /// Ears that tell these.
    pub fn new(time: Timekeeper, orders: Sender<Order>, mailbox: Mailbox, view: Sender<Sight>) -> Ears {
        Ears {
            time,
            orders,
            mailbox,
            view,
            under_way: Arc::default(),
            plays_keys: Arc::default(),
            flooded: Arc::default(),
        }
    }

    /// Something came in, now.
    pub fn hear(&self, source: &Arc<str>, gesture: Gesture) {
        let seconds = self.time.heard();
        let input = |gesture| Input { seconds, source: Arc::clone(source), gesture };
        if self.under_way.load(Ordering::Acquire) >= MOST_UNDER_WAY {
            let mut flooded = self.flooded.lock().unwrap_or_else(PoisonError::into_inner);
            *flooded.entry(Arc::clone(source)).or_default() += 1;
            return;
        }
        let missed = {
            // An entry of a map, whole even if one panicked.
            let mut flooded = self.flooded.lock().unwrap_or_else(PoisonError::into_inner);
            if flooded.is_empty() { None } else { flooded.remove(source) }
        };
        if let Some(missed) = missed {
            // Among what was left out keys may have come up.
            self.give(input(Gesture::ReleaseAll));
            self.say(format!(
                "\"{source}\" sends more than anybody can play: {missed} messages were left out, and its keys let go"
            ));
        }
        self.give(input(gesture));
    }

    /// True while the script listens to the letters of the keyboard.
    pub fn plays_keys(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.plays_keys)
    }

    /// What letters of the keyboard play, where the script listens to them.
    pub fn hear_keys(&self, gestures: Vec<Gesture>) {
        if self.plays_keys.load(Ordering::Acquire) {
            let source: Arc<str> = KEYS.into();
            gestures.into_iter().for_each(|gesture| self.hear(&source, gesture));
        }
    }

    fn give(&self, input: Input) {
        self.under_way.fetch_add(1, Ordering::AcqRel);
        let under_way = UnderWay(Arc::clone(&self.under_way));
        // A conductor that is not there has ended.
        let _ended = self.orders.send(Order::Heard(input.clone(), under_way));
        if !matches!(input.gesture, Gesture::Clock(_)) {
            self.mailbox.heard(input);
        }
    }

    fn say(&self, line: String) {
        // What does not fit would be old anyway.
        let _left_out = self.view.try_send(Sight::Said(line));
    }

    /// Listens to what the script names, on a thread of its own; the author says what that is.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn listen(
        self,
        osc: OscDoor,
        keys: TerminalKeys,
        ours: Receiver<OurTime>,
    ) -> io::Result<Sender<Vec<Arc<str>>>> {
        let (wants, wanted) = unbounded();
        let told = self.clone();
        let tell = move |name: &Arc<str>, heard: Heard| {
            match heard {
            Heard::Gesture(gesture) => told.hear(name, gesture),
            Heard::Opened(port) => told.say(format!("listening to \"{port}\"")),
            Heard::Missing => told.say(format!(
                "\"{name}\" is not there: its keys are silent and its knobs rest until it comes (`lilt devices` lists what there is)"
            )),
            Heard::Refused(error) => told.say(error.to_string()),
        }
        };
        let listener = Listener::start(Arc::new(tell), |work| caught(work))?;
        let say = self.clone();
        let run = move || {
            if let Err(place) = caught(|| self.keep(&wanted, &listener, osc, &keys, &ours)) {
                say.say(format!("Lilt itself stumbled ({place}): what comes in is not heard any more"));
            }
        };
        std::thread::Builder::new().name("lilt ears".to_string()).spawn(run)?;
        Ok(wants)
    }

    fn keep(
        &self,
        wanted: &Receiver<Vec<Arc<str>>>,
        listener: &Listener,
        osc: OscDoor,
        keys: &TerminalKeys,
        ours: &Receiver<OurTime>,
    ) {
        let mut open = None;
        let mut sessions: [(&'static str, Option<Arc<AtomicBool>>); 2] = [(LINK, None), (TRANSPORT, None)];
        let mut hears_keys = false;
        for names in wanted {
            let hears_osc = names.iter().any(|name| &**name == OSC);
            if hears_osc && open.is_none() {
                let (ears, source) = (self.clone(), Arc::<str>::from(OSC));
                let hear = move |gesture| ears.hear(&source, gesture);
                match OscListener::start(osc.address(), hear, |work| caught(work)) {
                    Ok(listening) => {
                        self.say(format!("OSC is heard at {}", listening.address()));
                        open = Some(listening);
                    }
                    Err(error) => self.say(format!("{error}: what comes by OSC is not heard")),
                }
            }
            if !hears_osc {
                open = None;
            }
            for (source, session) in &mut sessions {
                let wants = names.iter().any(|name| **name == **source);
                if wants && session.is_none() {
                    *session = self.join(source, ours);
                }
                if let Some(session) = session.take_if(|_| !wants) {
                    session.store(false, Ordering::Release);
                }
            }
            let wants_keys = names.iter().any(|name| &**name == KEYS);
            if wants_keys && !hears_keys {
                let (ears, source) = (self.clone(), Arc::<str>::from(KEYS));
                match keys.listen(move |gesture| ears.hear(&source, gesture)) {
                    Ok(()) => self.say(
                        "the keys of this terminal play: A to L are white, the row above is black, Z and X move by an \
                         octave"
                            .to_string(),
                    ),
                    Err(error) => self.say(error.to_string()),
                }
            }
            self.plays_keys.store(wants_keys, Ordering::Release);
            if hears_keys && !wants_keys {
                keys.rest();
                self.hear(&KEYS.into(), Gesture::ReleaseAll);
            }
            hears_keys = wants_keys;
            let is_port = |name: &Arc<str>| ![OSC, KEYS, LINK, TRANSPORT].contains(&&**name);
            listener.want(names.into_iter().filter(is_port).collect());
        }
    }

    /// Follows a clock that is no MIDI port, on a thread of its own. Says how it is left; nothing where there is no thread.
    fn join(&self, source: &'static str, ours: &Receiver<OurTime>) -> Option<Arc<AtomicBool>> {
        let (ears, says, name) = (self.clone(), self.clone(), Arc::<str>::from(source));
        let hear = move |gesture| ears.hear(&name, gesture);
        let say = move |line| says.say(line);
        let wanted = Arc::new(AtomicBool::new(true));
        let until = Arc::clone(&wanted);
        let (stumbled, ours) = (self.clone(), ours.clone());
        let run = move || {
            let work = move || match source {
                LINK => {
                    let address = (std::net::Ipv4Addr::LOCALHOST, carabiner::PORT).into();
                    Link { address, hear, say, ours, wanted: until }.run();
                }
                _ => Transport { hear, say, wanted: until }.run(),
            };
            if let Err(place) = caught(work) {
                stumbled.say(format!("Lilt itself stumbled ({place}): {source} is not followed any more"));
            }
        };
        match std::thread::Builder::new().name("lilt clock".to_string()).spawn(run) {
            Ok(_) => Some(wanted),
            Err(error) => {
                self.say(format!("no thread for {source} ({error})"));
                None
            }
        }
    }
}

/// Where OSC comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OscDoor {
    /// The port.
    pub port: u16,
    /// True where other machines may send.
    pub open: bool,
}

impl OscDoor {
    fn address(self) -> std::net::SocketAddr {
        let of = if self.open { std::net::Ipv4Addr::UNSPECIFIED } else { std::net::Ipv4Addr::LOCALHOST };
        (of, self.port).into()
    }
}
