//! Messages that go out, each shortly before its moment.

use std::collections::{BTreeMap, HashMap};
use std::net::{Ipv4Addr, SocketAddr, ToSocketAddrs, UdpSocket};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use crossbeam::channel::{Receiver, RecvTimeoutError, Sender, TrySendError, bounded};

use crate::{Guard, OscError, Outgoing};

/// How long before its moment a message leaves: what a busy program needs to take it in and hand it on. What has not
/// left can be taken back, so an edit is heard this much later than on Lilt's own instruments.
const LEAD: Duration = Duration::from_millis(30);
/// Messages that may wait for the sending thread.
const MOST_WAITING: usize = 8_192;
/// A message that would come later than this is left out: everything that was missed would come at once.
const TOO_LATE: Duration = Duration::from_millis(50);
/// Reports that may wait to be read; later ones are dropped.
const MOST_REPORTS: usize = 64;

/// What the sender has to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OscReport {
    /// Something is not sent; told once for each place it was to go to.
    Failed(OscError),
    /// Messages that were more than 50 ms late and were left out.
    Late {
        /// How many.
        left_out: usize,
    },
}

enum Order {
    Send(Outgoing),
    Retract { slot: u16, from: f64 },
    Hush,
}

/// Sends messages shortly before their moments, from a thread of its own, until it is dropped. No call waits.
#[derive(Debug)]
pub struct OscSender {
    orders: Sender<Order>,
    reports: Receiver<OscReport>,
}

impl OscSender {
    /// Starts the thread. `open` lets messages go to other machines too. `guard` runs what may break.
    ///
    /// # Errors
    /// When the system gives no socket, or no thread.
    pub fn start(open: bool, guard: Guard) -> Result<OscSender, OscError> {
        let unavailable = |error: std::io::Error| OscError::Unavailable(error.to_string());
        let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).map_err(unavailable)?;
        let (orders, ordered) = bounded(MOST_WAITING);
        let (tell, reports) = bounded(MOST_REPORTS);
        let mut post =
            Post { socket, open, waiting: BTreeMap::new(), numbered: 0, places: HashMap::new(), tell };
        let run = move || while guard(&mut || post.run(&ordered)).is_err() {};
        thread::Builder::new().name("lilt osc out".to_string()).spawn(run).map_err(unavailable)?;
        Ok(OscSender { orders, reports })
    }

    /// Schedules a message. False when there is no room: it is left out.
    pub fn send(&self, outgoing: Outgoing) -> bool {
        self.order(Order::Send(outgoing))
    }

    /// Takes back what was sent of `slot` for the performance's second `from` and later, as far as it has not left.
    pub fn retract(&self, slot: u16, from: f64) -> bool {
        self.order(Order::Retract { slot, from })
    }

    /// Forgets all that waits.
    pub fn hush(&self) -> bool {
        self.order(Order::Hush)
    }

    fn order(&self, order: Order) -> bool {
        !matches!(self.orders.try_send(order), Err(TrySendError::Full(_)))
    }

    /// What there is to say since the last call.
    pub fn reports(&self) -> impl Iterator<Item = OscReport> + '_ {
        self.reports.try_iter()
    }
}

struct Post {
    socket: UdpSocket,
    open: bool,
    /// By when they leave; at one moment in the order in which they came.
    waiting: BTreeMap<(Instant, u64), Outgoing>,
    numbered: u64,
    /// Where hosts are, and none where nothing can be sent to, which was told.
    places: HashMap<(Arc<str>, u16), Option<SocketAddr>>,
    tell: Sender<OscReport>,
}

impl Post {
    fn run(&mut self, orders: &Receiver<Order>) {
        loop {
            let next = self.waiting.first_key_value().map(|((leaves, _), _)| *leaves);
            let wait = next.map_or(Duration::from_secs(3_600), |leaves| {
                leaves.saturating_duration_since(Instant::now())
            });
            match orders.recv_timeout(wait) {
                Ok(order) => {
                    self.take(order);
                    orders.try_iter().for_each(|order| self.take(order));
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            self.post(Instant::now());
        }
    }

    fn take(&mut self, order: Order) {
        match order {
            Order::Send(outgoing) => {
                self.numbered += 1;
                self.waiting.insert((outgoing.leaves(LEAD), self.numbered), outgoing);
            }
            Order::Retract { slot, from } => {
                self.waiting.retain(|_, waiting| waiting.slot != slot || waiting.seconds < from);
            }
            Order::Hush => self.waiting.clear(),
        }
    }

    fn post(&mut self, now: Instant) {
        let mut left_out = 0;
        while let Some(next) = self.waiting.first_entry().filter(|next| next.key().0 <= now) {
            let outgoing = next.remove();
            if now.saturating_duration_since(outgoing.at) > TOO_LATE {
                left_out += 1;
                continue;
            }
            let Some(place) = self.place(&outgoing) else { continue };
            // Both clocks are read together: what lies between is the error of the time that is told.
            let Some(bytes) = outgoing.encoded(Instant::now(), SystemTime::now()) else { continue };
            if let Err(error) = self.socket.send_to(&bytes, place) {
                // That nobody listens comes back from this machine with the next message: who starts later hears.
                if error.kind() != std::io::ErrorKind::ConnectionRefused {
                    self.places.insert((Arc::clone(&outgoing.host), outgoing.port), None);
                    self.report(OscReport::Failed(OscError::Refused {
                        to: format!("{}:{}", outgoing.host, outgoing.port),
                        reason: error.to_string(),
                    }));
                }
            }
        }
        if left_out > 0 {
            self.report(OscReport::Late { left_out });
        }
    }

    fn place(&mut self, Outgoing { host, port, .. }: &Outgoing) -> Option<SocketAddr> {
        let at = (Arc::clone(host), *port);
        if let Some(known) = self.places.get(&at) {
            return *known;
        }
        let found =
            (&**host, *port).to_socket_addrs().ok().and_then(|mut found| found.find(SocketAddr::is_ipv4));
        let place = match found {
            Some(place) if self.open || place.ip().is_loopback() => Ok(place),
            Some(place) => Err(OscError::Refused {
                to: place.to_string(),
                reason: "it is another machine: `lilt live --network` lets OSC go there".to_string(),
            }),
            None => Err(OscError::NoHost(host.to_string())),
        };
        let place = place.map_err(|error| self.report(OscReport::Failed(error))).ok();
        self.places.insert(at, place);
        place
    }

    fn report(&self, report: OscReport) {
        // What nobody reads is not worth more room.
        let _unread = self.tell.try_send(report);
    }
}
