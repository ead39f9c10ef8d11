//! Colours of the stage: dark, few, and far apart from each other on a projector.

use lilt_score::{PALETTE, Rgb};

/// An sRGB colour with opacity; all four channels `0..=255`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour {
    /// Red.
    pub red: u8,
    /// Green.
    pub green: u8,
    /// Blue.
    pub blue: u8,
    /// Opacity: 255 hides what lies under it.
    pub alpha: u8,
}

impl Colour {
    /// Behind everything.
    pub const BACKGROUND: Colour = Colour::opaque(0x0b0d13);
    /// A lane, a panel.
    pub const SURFACE: Colour = Colour::opaque(0x12151e);
    /// Beat lines and rows.
    pub const GRID: Colour = Colour::opaque(0x1b202c);
    /// Bar lines and borders.
    pub const BAR: Colour = Colour::opaque(0x343c50);
    /// Text that is read.
    pub const TEXT: Colour = Colour::opaque(0xeef1f8);
    /// Text that is glanced at.
    pub const MUTED: Colour = Colour::opaque(0x8c95aa);
    /// The playhead.
    pub const PLAYHEAD: Colour = Colour::opaque(0xffffff);
    /// Behind a diagnostic.
    pub const ALARM_SURFACE: Colour = Colour::opaque(0x3a1220);
    /// A diagnostic.
    pub const ALARM: Colour = Colour::opaque(0xff8fa3);

    /// A note that a model did not expect: darker than every hue of a slot, so that it is told apart
    /// without seeing red.
    pub const SURPRISE: Colour = Colour::opaque(0xf0222e);

    /// The opaque colour `0xRRGGBB`.
    pub const fn opaque(rgb: u32) -> Colour {
        let [_, red, green, blue] = rgb.to_be_bytes();
        Colour { red, green, blue, alpha: 255 }
    }

    /// Hue of the slot with this colour index; indices wrap around.
    pub fn slot(index: usize) -> Colour {
        PALETTE[index % PALETTE.len()].1.into()
    }

    /// The same hue, `opacity` from 0 (invisible) to 1.
    pub fn with_opacity(self, opacity: f64) -> Colour {
        Colour { alpha: (opacity.clamp(0.0, 1.0) * 255.0).round() as u8, ..self }
    }

    /// The way from `self` to `other`, `amount` from 0 (self) to 1 (other).
    pub fn mix(self, other: Colour, amount: f64) -> Colour {
        let amount = amount.clamp(0.0, 1.0);
        let between = |a: u8, b: u8| (f64::from(a) + (f64::from(b) - f64::from(a)) * amount).round() as u8;
        Colour {
            red: between(self.red, other.red),
            green: between(self.green, other.green),
            blue: between(self.blue, other.blue),
            alpha: between(self.alpha, other.alpha),
        }
    }

    /// Opacity as a factor, 0 to 1.
    pub fn opacity(self) -> f64 {
        f64::from(self.alpha) / 255.0
    }

    /// As SVG writes it, `#rrggbb`, opacity left out.
    pub fn hex(self) -> String {
        format!("#{:02x}{:02x}{:02x}", self.red, self.green, self.blue)
    }
}

impl From<Rgb> for Colour {
    fn from(Rgb { red, green, blue }: Rgb) -> Colour {
        Colour { red, green, blue, alpha: 255 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_mix_channel_by_channel() {
        let black = Colour::opaque(0x000000);
        let white = Colour::opaque(0xffffff);
        for (amount, want) in [(0.0, "#000000"), (0.5, "#808080"), (1.0, "#ffffff"), (7.0, "#ffffff")] {
            assert_eq!(black.mix(white, amount).hex(), want, "{amount}");
        }
        assert_eq!(white.with_opacity(0.5).alpha, 128);
        assert_eq!(Colour::slot(0), Colour::slot(10));
    }
}
