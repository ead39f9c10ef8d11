//! How evenly MIDI leaves while every core is busy: notes through a JACK dummy server.
//!
//! `cargo run --release -p lilt-midi --features jack --example jitter [NOTES [BUSY [PERIOD]]]`
//! starts a real-time `jackd` of its own (package jackd2), schedules NOTES notes (2,000) at uneven
//! distances with BUSY (one a core) spinning threads of normal priority, and prints how
//! far each arrives from its moment. The delay of all notes is one that a musician sets
//! once; jitter is the distance from the median delay.

use std::env;
use std::error::Error;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use lilt_midi::{Channel, Message, MidiSender, Report, Scheduled};
use midir::os::unix::VirtualInput;
use midir::{Ignore, MidiInput};

const SERVER: &str = "JACK_DEFAULT_SERVER";
const PORT: &str = "jitter";

struct Jack(Child);

impl Drop for Jack {
    fn drop(&mut self) {
        // Asked to, the server frees its shared memory; killed, it would not. Failing
        // means that it ended by itself.
        let _ended = Command::new("kill").arg(self.0.id().to_string()).status();
        let _ended = self.0.wait();
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let numbers: Result<Vec<usize>, _> = env::args().skip(1).map(|word| word.parse()).collect();
    let numbers = numbers?;
    let notes = numbers.first().copied().unwrap_or(2000).max(1);
    let cores = thread::available_parallelism()?.get();
    let busy = numbers.get(1).copied().unwrap_or(cores);
    let period = numbers.get(2).copied().unwrap_or(64);
    if env::var("LILT_JITTER_SERVED").is_ok() {
        return measure(notes, busy, period);
    }
    let name = "lilt-jitter";
    let jack = Command::new("jackd")
        .args(["-n", name, "-R", "-P", "10", "-d", "dummy", "-r", "48000", "-p", &period.to_string()])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("jackd does not start, install jackd2: {error}"))?;
    let _jack = Jack(jack);
    let status = Command::new(env::current_exe()?)
        .args(env::args().skip(1))
        .env(SERVER, name)
        .env("LILT_JITTER_SERVED", "1")
        .status()?;
    if status.success() { Ok(()) } else { Err("the measurement failed".into()) }
}

fn measure(notes: usize, busy: usize, period: usize) -> Result<(), Box<dyn Error>> {
    let (heard, hears) = mpsc::channel();
    let patience = Instant::now() + Duration::from_secs(30);
    let mut input = loop {
        match MidiInput::new("listener") {
            Ok(input) => break input,
            Err(error) if Instant::now() > patience => return Err(error.into()),
            Err(_) => thread::sleep(Duration::from_millis(100)),
        }
    };
    input.ignore(Ignore::None);
    let listen = move |_stamp: u64, bytes: &[u8], _: &mut ()| {
        if let [status, key, _] = bytes
            && status & 0xF0 == 0x90
        {
            // The other end waits until the last note was heard.
            let _gone = heard.send((Instant::now(), *key));
        }
    };
    let _listening = input.create_virtual(PORT, listen, ()).map_err(|error| error.to_string())?;

    let sender = MidiSender::start()?;
    let port = sender.open(PORT)?;
    let mut opened = false;
    while !opened {
        for report in sender.reports() {
            println!("{report:?}");
            opened |= matches!(report, Report::Opened { .. });
        }
        thread::sleep(Duration::from_millis(10));
    }

    let ended = Arc::new(AtomicBool::new(false));
    let spinning: Vec<_> = (0..busy)
        .map(|_| {
            let ended = Arc::clone(&ended);
            thread::spawn(move || {
                let mut x = 1u64;
                while !ended.load(Ordering::Relaxed) {
                    x = std::hint::black_box(x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1));
                }
            })
        })
        .collect();

    // Distances of 7 to 13 ms, which fall everywhere in the period of the server.
    let channel = Channel::new(1).ok_or("no channel")?;
    let start = Instant::now();
    let mut at = start + Duration::from_millis(200);
    let mut moments = Vec::with_capacity(notes);
    for i in 0..notes {
        let key = (i % 100) as u8;
        at += Duration::from_micros(7000 + (i as u64 * 7919) % 6000);
        moments.push((at, key));
        // Half a second ahead, as the sequencer commits.
        while at > Instant::now() + Duration::from_millis(500) {
            thread::sleep(Duration::from_millis(20));
        }
        let end = at + Duration::from_millis(5);
        let (on, off) = (Message::NoteOn { channel, key, velocity: 80 }, Message::NoteOff { channel, key });
        for (at, message) in [(at, on), (end, off)] {
            let seconds = (at - start).as_secs_f64();
            sender.send(Scheduled { at, seconds, slot: 0, port, message })?;
        }
    }
    let mut delays = Vec::with_capacity(notes);
    for (at, key) in &moments {
        let (when, heard) = hears.recv_timeout(Duration::from_secs(10))?;
        if heard != *key {
            return Err(format!("key {heard} came where {key} was due").into());
        }
        delays.push(when.saturating_duration_since(*at).as_secs_f64() * 1e3);
    }
    ended.store(true, Ordering::Relaxed);
    for thread in spinning {
        thread.join().map_err(|_| "a spinning thread panicked")?;
    }

    delays.sort_by(f64::total_cmp);
    let median = delays[notes / 2];
    let mut jitter: Vec<f64> = delays.iter().map(|delay| (delay - median).abs()).collect();
    jitter.sort_by(f64::total_cmp);
    let part = |share: f64| jitter[((notes - 1) as f64 * share).round() as usize];
    println!(
        "{notes} notes, {busy} busy threads, period {period} frames: delay {median:.3} ms, \
         jitter p50 {:.3} ms, p99 {:.3} ms, max {:.3} ms",
        part(0.5),
        part(0.99),
        part(1.0)
    );
    for report in sender.reports() {
        println!("{report:?}");
    }
    Ok(())
}
