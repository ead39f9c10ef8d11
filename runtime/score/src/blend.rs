//! How a drawing meets what lies under it.

use serde::{Deserialize, Serialize};

/// How a drawing meets what lies under it; names and formulas of W3C's "Compositing and Blending Level 1".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Blend {
    /// It hides it.
    #[default]
    Normal,
    /// Light upon light, which never burns out: the blend mode `screen`.
    Add,
    /// Colour through colour.
    Multiply,
    /// The lighter of the two, channel by channel.
    Lighten,
}

impl Blend {
    /// Every blend, by the name that scripts know it by, in the order of its numbers.
    pub const ALL: [(&str, Blend); 4] = [
        ("normal", Blend::Normal),
        ("add", Blend::Add),
        ("multiply", Blend::Multiply),
        ("lighten", Blend::Lighten),
    ];

    /// The blend of this number, from 0; the last where there is none.
    pub fn numbered(number: f64) -> Blend {
        let last = Blend::ALL.len() - 1;
        Blend::ALL[(number.round().max(0.0) as usize).min(last)].1
    }

    /// The number of the blend of this name.
    pub fn number_of(name: &str) -> Option<usize> {
        Blend::ALL.iter().position(|(known, _)| *known == name)
    }
}
