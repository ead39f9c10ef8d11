//! Values that come in.

use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use lilt_score::{Dial, Gesture};
use rosc::{OscMessage, OscPacket, OscType};

use crate::{Guard, OscError};

/// How often the thread looks whether it is still wanted.
const LOOK: Duration = Duration::from_millis(200);
/// The largest datagram that there is, in bytes.
const LARGEST: usize = 65_536;
/// How deep bundles may lie in bundles: none that anybody sends is deeper than two.
const DEEPEST: usize = 8;
/// Longest address that is heard, in bytes.
const LONGEST_ADDRESS: usize = 256;
/// Arguments of one message that are heard.
const MOST_ARGUMENTS: usize = 32;

/// Hears what is sent to a port, on a thread of its own, until it is dropped.
#[derive(Debug)]
pub struct OscListener {
    address: SocketAddr,
    ended: Arc<AtomicBool>,
}

impl OscListener {
    /// Listens at an address; each value that comes is told to `hear`, which must not wait. `guard` runs what may
    /// break.
    ///
    /// # Errors
    /// When the port cannot be had, or the system gives no thread.
    pub fn start(
        address: SocketAddr,
        hear: impl Fn(Gesture) + Send + 'static,
        guard: Guard,
    ) -> Result<OscListener, OscError> {
        let port = |error: std::io::Error| OscError::Port { port: address.port(), reason: error.to_string() };
        let socket = UdpSocket::bind(address).map_err(port)?;
        socket.set_read_timeout(Some(LOOK)).map_err(port)?;
        let address = socket.local_addr().map_err(port)?;
        let ended = Arc::new(AtomicBool::new(false));
        let over = Arc::clone(&ended);
        let run = move || while guard(&mut || listen(&socket, &over, &hear)).is_err() {};
        thread::Builder::new()
            .name("lilt osc in".to_string())
            .spawn(run)
            .map_err(|error| OscError::Unavailable(error.to_string()))?;
        Ok(OscListener { address, ended })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for OscListener {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Release);
    }
}

fn listen(socket: &UdpSocket, ended: &AtomicBool, hear: &impl Fn(Gesture)) {
    let mut datagram = vec![0; LARGEST];
    while !ended.load(Ordering::Acquire) {
        // Nothing came, or a machine that was sent to says that nobody listens there.
        let Ok((length, _)) = socket.recv_from(&mut datagram) else { continue };
        gestures(&datagram[..length]).into_iter().for_each(hear);
    }
}

/// What a datagram says: each number of each message, as a value of its address. What is cut short or none of OSC says
/// nothing. Bundles are taken as they come, whenever they say that they are meant.
pub fn gestures(datagram: &[u8]) -> Vec<Gesture> {
    let mut told = Vec::new();
    // Counted before anything is read by recursion.
    let bundles = datagram.windows(8).filter(|window| window == b"#bundle\0").count();
    if bundles <= DEEPEST
        && let Ok((_, packet)) = rosc::decoder::decode_udp(datagram)
    {
        unpack(packet, &mut told);
    }
    told
}

fn unpack(packet: OscPacket, told: &mut Vec<Gesture>) {
    match packet {
        OscPacket::Bundle(bundle) => bundle.content.into_iter().for_each(|packet| unpack(packet, told)),
        OscPacket::Message(OscMessage { addr, args }) if addr.len() <= LONGEST_ADDRESS => {
            let address: Arc<str> = addr.into();
            let values = args.iter().take(MOST_ARGUMENTS).map(value);
            // A message that says nothing is a push of a button.
            let pushed = args.is_empty().then_some(Some(1.0));
            for (argument, value) in (0..).zip(values.chain(pushed)) {
                if let Some(value) = value.filter(|value| value.is_finite()) {
                    told.push(Gesture::Turn { dial: Dial::Address(Arc::clone(&address), argument), value });
                }
            }
        }
        OscPacket::Message(_) => {}
    }
}

fn value(argument: &OscType) -> Option<f64> {
    match argument {
        OscType::Int(value) => Some(f64::from(*value)),
        OscType::Float(value) => Some(f64::from(*value)),
        OscType::Double(value) => Some(*value),
        OscType::Long(value) => Some(*value as f64),
        OscType::Bool(value) => Some(f64::from(u8::from(*value))),
        OscType::Inf => Some(1.0),
        OscType::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use rosc::{OscBundle, OscTime};

    use super::*;

    fn message(addr: &str, args: Vec<OscType>) -> OscPacket {
        OscPacket::Message(OscMessage { addr: addr.into(), args })
    }

    fn told(packet: &OscPacket) -> Vec<(String, u8, f64)> {
        let bytes = rosc::encoder::encode(packet).unwrap();
        let turned = gestures(&bytes).into_iter().map(|gesture| match gesture {
            Gesture::Turn { dial: Dial::Address(address, argument), value } => {
                (address.to_string(), argument, value)
            }
            other => panic!("{other:?}"),
        });
        turned.collect()
    }

    #[test]
    fn numbers_are_values_of_their_address() {
        let args = vec![
            OscType::Float(0.5),
            OscType::String("red".into()),
            OscType::Int(3),
            OscType::Float(f32::NAN),
            OscType::Bool(true),
        ];
        let fader = |argument, value| ("/fader/1".to_string(), argument, value);
        assert_eq!(told(&message("/fader/1", args)), [fader(0, 0.5), fader(2, 3.0), fader(4, 1.0)]);
        assert_eq!(told(&message("/push", vec![])), [("/push".to_string(), 0, 1.0)]);
        // One that is meant for the past, or for the year 2036, is heard as it comes.
        for timetag in [OscTime { seconds: 0, fractional: 1 }, OscTime { seconds: u32::MAX, fractional: 0 }] {
            let content = vec![message("/a", vec![OscType::Int(1)]), message("/b", vec![OscType::Int(2)])];
            let bundle = OscPacket::Bundle(OscBundle { timetag, content });
            assert_eq!(told(&bundle).len(), 2);
        }
    }

    #[test]
    fn bundles_without_end_are_refused_before_they_are_read() {
        let mut bytes = rosc::encoder::encode(&message("/a", vec![])).unwrap();
        for _ in 0..3_000 {
            let inner = std::mem::take(&mut bytes);
            bytes.extend(b"#bundle\0\0\0\0\0\0\0\0\x01");
            bytes.extend((inner.len() as u32).to_be_bytes());
            bytes.extend(inner);
        }
        assert_eq!(gestures(&bytes), []);
    }

    proptest::proptest! {
        #[test]
        fn no_datagram_breaks_it(bytes in proptest::collection::vec(0u8..=255, 0..200), cut in 0usize..64) {
            gestures(&bytes);
            let args = vec![OscType::Float(0.5), OscType::Int(2), OscType::String("x".into())];
            let good = rosc::encoder::encode(&message("/fader/1", args)).unwrap();
            gestures(&good[..cut.min(good.len())]);
        }
    }
}
