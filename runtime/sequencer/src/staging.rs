//! What the canvas shows while a generation plays: which view, on which ground.

use lilt_score::Rgb;

/// What the canvas shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Staging {
    /// Which view.
    pub show: Show,
    /// The ground of the drawings, where the script says one.
    pub background: Option<Rgb>,
}

/// A view of the canvas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Show {
    /// The plan, a lane a slot; and the drawings beside it, where there are any.
    #[default]
    Plan,
    /// The drawings alone, over the whole window.
    Stage,
    /// The script itself, over the drawings.
    Code,
    /// The wave of what is heard, under the drawings.
    Scope,
    /// The spectrum of what is heard, under the drawings.
    Spectrum,
    /// The particles of the tilts that run, under the drawings.
    Tilt,
}

impl Show {
    /// Every view, by the name that scripts know it by.
    pub const ALL: [(&str, Show); 6] = [
        ("plan", Show::Plan),
        ("stage", Show::Stage),
        ("code", Show::Code),
        ("scope", Show::Scope),
        ("spectrum", Show::Spectrum),
        ("tilt", Show::Tilt),
    ];

    /// True for a view that shows what is heard.
    pub fn is_heard(self) -> bool {
        matches!(self, Show::Scope | Show::Spectrum)
    }

    /// The view of this name.
    pub fn named(name: &str) -> Option<Show> {
        Show::ALL.into_iter().find(|(known, _)| *known == name).map(|(_, show)| show)
    }
}
