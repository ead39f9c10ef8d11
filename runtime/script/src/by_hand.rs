//! What a hand did on the canvas.

use lilt_score::Sketch;

/// What a hand did on the canvas by now: what it drew, and where it put the pen down.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ByHand {
    /// What it drew since it last wiped the canvas.
    pub sketch: Sketch,
    /// Where it put the pen down, or clicked, the newest last, in the units of sketches; a wipe forgets none.
    pub clicks: Vec<[f32; 2]>,
}
