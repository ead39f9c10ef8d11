//! Both ends through real sockets of this machine.

use std::net::{Ipv4Addr, UdpSocket};
use std::time::{Duration, Instant, SystemTime};

use crossbeam::channel::unbounded;
use lilt_osc::{Argument, OscError, OscListener, OscReport, OscSender, Outgoing};
use lilt_score::{Dial, Gesture};
use rosc::{OscMessage, OscPacket, OscType};

/// Longest wait for what must come; nothing is judged by how soon it does.
const PATIENCE: Duration = Duration::from_secs(20);

fn unguarded(work: &mut dyn FnMut()) -> Result<(), String> {
    work();
    Ok(())
}

fn outgoing(port: u16, seconds: f64, at: Instant) -> Outgoing {
    let arguments = vec![Argument::Text("s".into()), Argument::Text("bd".into()), Argument::Number(0.5)];
    Outgoing { at, seconds, slot: 3, host: "127.0.0.1".into(), port, path: "/dirt/play".into(), arguments }
}

#[test]
fn what_is_sent_to_the_port_is_heard() {
    let (tell, heard) = unbounded();
    let hear = move |gesture| tell.send(gesture).unwrap();
    let listener = OscListener::start((Ipv4Addr::LOCALHOST, 0).into(), hear, unguarded).unwrap();
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let message = OscMessage { addr: "/fader/1".into(), args: vec![OscType::Float(0.25)] };
    socket.send_to(b"no osc", listener.address()).unwrap();
    let bytes = rosc::encoder::encode(&OscPacket::Message(message)).unwrap();
    socket.send_to(&bytes, listener.address()).unwrap();
    let dial = Dial::Address("/fader/1".into(), 0);
    assert_eq!(heard.recv_timeout(PATIENCE).unwrap(), Gesture::Turn { dial, value: 0.25 });
    let taken = OscListener::start(listener.address(), |_| {}, unguarded);
    assert!(matches!(taken, Err(OscError::Port { .. })), "{taken:?}");
}

#[test]
fn messages_leave_before_their_moment_and_say_when_that_is() {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let port = socket.local_addr().unwrap().port();
    let sender = OscSender::start(false, unguarded).unwrap();
    let (now, today) = (Instant::now(), SystemTime::now());
    let moments: Vec<Duration> = (1..=20).map(|i| Duration::from_millis(60 + 7 * i)).collect();
    for moment in &moments {
        assert!(sender.send(outgoing(port, moment.as_secs_f64(), now + *moment)));
    }
    // The last five are taken back.
    assert!(sender.retract(3, moments[15].as_secs_f64() - 1e-6));
    let mut buffer = [0; 1_024];
    for moment in &moments[..15] {
        let length = socket.recv(&mut buffer).unwrap();
        let Ok((_, OscPacket::Bundle(bundle))) = rosc::decoder::decode_udp(&buffer[..length]) else {
            panic!("no bundle");
        };
        let told: SystemTime = bundle.timetag.into();
        let meant = today + *moment;
        let error = told.duration_since(meant).unwrap_or_else(|early| early.duration());
        // Two clocks are read one after the other, there and here.
        assert!(error < Duration::from_millis(5), "{error:?}");
        let [OscPacket::Message(message)] = &bundle.content[..] else { panic!("one message") };
        assert_eq!(message.addr, "/dirt/play");
    }
    socket.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    assert!(socket.recv(&mut buffer).is_err(), "what was taken back is sent");
}

#[test]
fn other_machines_are_sent_to_only_where_that_was_opened() {
    let sender = OscSender::start(false, unguarded).unwrap();
    for (host, told) in [
        (
            "192.0.2.1",
            "OSC to 192.0.2.1:9 is not sent: it is another machine: `lilt live --network` lets OSC go there",
        ),
        ("no such machine", "no machine is called \"no such machine\": what goes there by OSC is not sent"),
    ] {
        assert!(sender.send(Outgoing { host: host.into(), ..outgoing(9, 0.0, Instant::now()) }));
        let until = Instant::now() + PATIENCE;
        let report = loop {
            if let Some(report) = sender.reports().next() {
                break report;
            }
            assert!(Instant::now() < until, "nothing is said of {host}");
            std::thread::sleep(Duration::from_millis(5));
        };
        let OscReport::Failed(error) = report else { panic!("{report:?}") };
        assert_eq!(error.to_string(), told);
    }
}
