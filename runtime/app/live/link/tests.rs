use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::thread;

use crossbeam::channel::unbounded;

use super::*;

const PATIENCE: Duration = Duration::from_secs(30);

/// A session at 120, as Carabiner tells it, that listens to one program: what it was told of the tempo goes to `told`.
fn session(listener: TcpListener, told: crossbeam::channel::Sender<String>) {
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let began = Instant::now();
        let mut bytes = [0; 4096];
        while let Ok(count) = stream.read(&mut bytes) {
            let text = String::from_utf8_lossy(&bytes[..count]).into_owned();
            if count == 0 {
                return;
            }
            for line in text.lines() {
                // Link's clock began 5 s earlier; beat 0 was at 1 s of it.
                let now = 5_000_000 + began.elapsed().as_micros() as i64;
                let beat = (now - 1_000_000) as f64 / 500_000.0;
                let answer = match line.split(' ').collect::<Vec<_>>()[..] {
                    ["status"] => {
                        format!("status {{ :peers 1 :bpm 120.000000 :start 1000000 :beat {beat} }}\n")
                    }
                    ["phase-at-time", when, bar] => {
                        let beat = (when.parse::<i64>().unwrap() - 1_000_000) as f64 / 500_000.0;
                        let phase = beat.rem_euclid(bar.parse().unwrap());
                        format!("phase-at-time {{ :when {when} :quantum {bar} :phase {phase} }}\n")
                    }
                    _ => {
                        told.send(line.to_string()).unwrap();
                        continue;
                    }
                };
                // In two pieces, as TCP may.
                let (one, other) = answer.split_at(answer.len() / 2);
                stream.write_all(one.as_bytes()).unwrap();
                stream.flush().unwrap();
                thread::sleep(Duration::from_millis(1));
                stream.write_all(other.as_bytes()).unwrap();
            }
        }
    });
}

#[test]
fn a_session_tells_where_it_is_and_is_told_what_the_performer_changes() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let (told, heard_there) = unbounded();
    session(listener, told);
    let (heard, hears) = unbounded();
    let (tempos, ours) = unbounded();
    let wanted = Arc::new(AtomicBool::new(true));
    let link = Link {
        address,
        hear: move |gesture| heard.send((gesture, Instant::now())).unwrap(),
        say: |_line| {},
        ours,
        wanted: Arc::clone(&wanted),
    };
    tempos.send(OurTime { bpm: 97.0, changed: false, bar: 3.0 }).unwrap();
    let running = thread::spawn(move || link.run());
    let mut beats = Vec::new();
    while beats.len() < 12 {
        let (gesture, at) = hears.recv_timeout(PATIENCE).unwrap();
        let Gesture::Clock(ClockMessage::Now { beat, bpm }) = gesture else { panic!("{gesture:?}") };
        assert_eq!(bpm, 120.0);
        beats.push((beat, at));
    }
    // A line that goes on with the bars of three beats, whenever it was asked.
    for pair in beats[2..].windows(2) {
        let passed = (pair[1].1 - pair[0].1).as_secs_f64() * 2.0;
        let told = pair[1].0 - pair[0].0;
        let apart = (told - passed).rem_euclid(3.0);
        assert!(apart.min(3.0 - apart) < 0.05, "{told} beats in the time of {passed}");
    }
    assert!(heard_there.is_empty(), "the first tempo is the session's");
    tempos.send(OurTime { bpm: 132.5, changed: true, bar: 3.0 }).unwrap();
    assert_eq!(heard_there.recv_timeout(PATIENCE).unwrap(), "bpm 132.5");
    wanted.store(false, Ordering::Release);
    running.join().unwrap();
    let last = hears.try_iter().last().map(|(gesture, _)| gesture);
    assert_eq!(last, Some(Gesture::Clock(ClockMessage::Gone)));
}

#[test]
fn what_is_no_carabiner_is_left_and_told_once() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let _hung_up = stream.write_all(&[b'x'; 10_000]);
        }
    });
    let (said, says) = unbounded();
    let wanted = Arc::new(AtomicBool::new(true));
    let link = Link {
        address,
        hear: |_gesture| {},
        say: move |line| said.send(line).unwrap(),
        ours: unbounded().1,
        wanted: Arc::clone(&wanted),
    };
    let running = thread::spawn(move || link.run());
    assert_eq!(says.recv_timeout(PATIENCE).unwrap(), "in a session of Ableton Link, through Carabiner");
    let line = says.recv_timeout(PATIENCE).unwrap();
    assert!(line.starts_with("Carabiner has gone ("), "{line}");
    wanted.store(false, Ordering::Release);
    running.join().unwrap();
}
