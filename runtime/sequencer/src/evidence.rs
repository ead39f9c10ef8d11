//! What a tilted model tells of how far it had to bend, once its take is there.

use std::fmt;
use std::rc::Rc;

/// How a take of a tilted model was drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Evidence {
    /// The smallest effective sample size on the way, as a share of the particles, `0..=1`.
    pub ess: f64,
    /// ln of the estimate of Z.
    pub log_z: f64,
}

/// Where the evidence of a slot comes from: it is there when its take is.
#[derive(Clone, Default)]
pub struct EvidenceSource(Option<Rc<dyn Fn() -> Option<Evidence>>>);

impl EvidenceSource {
    /// Evidence that `look` finds, which never waits.
    pub fn new(look: impl Fn() -> Option<Evidence> + 'static) -> EvidenceSource {
        EvidenceSource(Some(Rc::new(look)))
    }

    /// The evidence, if there is some by now.
    pub fn look(&self) -> Option<Evidence> {
        self.0.as_ref().and_then(|look| look())
    }
}

impl fmt::Debug for EvidenceSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("EvidenceSource").field(&self.look()).finish()
    }
}
