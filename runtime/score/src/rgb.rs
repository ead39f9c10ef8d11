//! Colours as scripts name them, and how they are turned around the wheel.

use std::fmt;
use std::str::FromStr;

/// An sRGB colour without opacity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Rgb {
    /// Red, `0..=255`.
    pub red: u8,
    /// Green, `0..=255`.
    pub green: u8,
    /// Blue, `0..=255`.
    pub blue: u8,
}

/// Neighbours are told apart, also by people who see no difference between red and green (after Okabe and Ito,
/// 2008), brightened for a dark ground. What slots that say no colour have, one after the other.
pub const PALETTE: [(&str, Rgb); 10] = [
    ("sky", Rgb::new(0x4fd1ff)),
    ("amber", Rgb::new(0xffb938)),
    ("mint", Rgb::new(0x3fe0b0)),
    ("rose", Rgb::new(0xff7ac6)),
    ("iris", Rgb::new(0xa78bfa)),
    ("lemon", Rgb::new(0xf4ee62)),
    ("ember", Rgb::new(0xff8552)),
    ("dusk", Rgb::new(0x7aa2ff)),
    ("moss", Rgb::new(0xb6e354)),
    ("lilac", Rgb::new(0xd9a5ff)),
];

/// What is wrong with the name of a colour.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no colour `{0}`")]
pub struct RgbError(pub String);

/// The chroma that a colour has in OKLCH where its own is that of grey, so that it can be turned.
const LEAST_CHROMA: f64 = 0.02;
/// The chroma that grey is given when its hue is turned: that of the palette.
const GIVEN_CHROMA: f64 = 0.14;

impl Rgb {
    /// The colour `0xRRGGBB`.
    pub const fn new(rgb: u32) -> Rgb {
        let [_, red, green, blue] = rgb.to_be_bytes();
        Rgb { red, green, blue }
    }

    /// The number `0xRRGGBB`.
    pub fn number(self) -> u32 {
        u32::from_be_bytes([0, self.red, self.green, self.blue])
    }

    /// Its hue turned around the wheel by `hue` turns, its chroma and its lightness times as much. What lies
    /// outside of sRGB then loses chroma until it is inside. In OKLCH, where all hues of one lightness look as
    /// light (Ottosson 2020, "A perceptual color space for image processing"); grey that is turned gets a hue.
    pub fn turned(self, hue: f64, saturation: f64, lightness: f64) -> Rgb {
        if hue.rem_euclid(1.0) == 0.0 && saturation == 1.0 && lightness == 1.0 {
            return self;
        }
        let [light, a, b] = self.oklab();
        let own = a.hypot(b);
        let grey = own < LEAST_CHROMA && hue.rem_euclid(1.0) != 0.0;
        let angle = b.atan2(a) + std::f64::consts::TAU * hue.rem_euclid(1.0);
        let chroma = if grey { GIVEN_CHROMA } else { own } * saturation.max(0.0);
        let light = (light * lightness.max(0.0)).min(1.0);
        let at = |chroma: f64| linear([light, chroma * angle.cos(), chroma * angle.sin()]);
        let inside = |rgb: [f64; 3]| rgb.iter().all(|part| (-1e-4..=1.0 + 1e-4).contains(part));
        let (mut low, mut high) = (0.0, chroma);
        if inside(at(chroma)) {
            low = chroma;
        } else {
            // To less than a step of eight bits.
            for _ in 0..12 {
                let middle = (low + high) / 2.0;
                if inside(at(middle)) { low = middle } else { high = middle }
            }
        }
        let [red, green, blue] = at(low).map(|part| (encoded(part.clamp(0.0, 1.0)) * 255.0).round() as u8);
        Rgb { red, green, blue }
    }

    /// Lightness, and the two axes of colour, in OKLab.
    fn oklab(self) -> [f64; 3] {
        let [r, g, b] = [self.red, self.green, self.blue].map(|part| decoded(f64::from(part) / 255.0));
        let l = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b).cbrt();
        let m = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b).cbrt();
        let s = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b).cbrt();
        [
            0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
            1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
            0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s,
        ]
    }
}

/// Linear red, green and blue of a colour in OKLab.
fn linear([light, a, b]: [f64; 3]) -> [f64; 3] {
    let l = (light + 0.3963377774 * a + 0.2158037573 * b).powi(3);
    let m = (light - 0.1055613458 * a - 0.0638541728 * b).powi(3);
    let s = (light - 0.0894841775 * a - 1.2914855480 * b).powi(3);
    [
        4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
        -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
        -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s,
    ]
}

/// A channel of sRGB, `0..=1`, as linear light (IEC 61966-2-1).
fn decoded(value: f64) -> f64 {
    if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
}

/// Linear light, `0..=1`, as a channel of sRGB.
fn encoded(value: f64) -> f64 {
    if value <= 0.0031308 { value * 12.92 } else { 1.055 * value.powf(1.0 / 2.4) - 0.055 }
}

impl FromStr for Rgb {
    type Err = RgbError;

    /// A name of the palette, a name of CSS, or `#rrggbb`.
    fn from_str(text: &str) -> Result<Rgb, RgbError> {
        if let Some((_, rgb)) = PALETTE.iter().find(|(name, _)| *name == text) {
            return Ok(*rgb);
        }
        let known: svgtypes::Color = text.parse().map_err(|_| RgbError(text.to_owned()))?;
        if known.alpha != 255 {
            return Err(RgbError(text.to_owned()));
        }
        Ok(Rgb { red: known.red, green: known.green, blue: known.blue })
    }
}

impl fmt::Display for Rgb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:06x}", self.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_have_names() {
        for (text, want) in
            [("sky", "#4fd1ff"), ("red", "#ff0000"), ("#0a0b0c", "#0a0b0c"), ("tomato", "#ff6347")]
        {
            assert_eq!(text.parse::<Rgb>().map(|rgb| rgb.to_string()), Ok(want.to_owned()), "{text}");
        }
        for wrong in ["", "rot", "#12", "transparent", "sky blue"] {
            assert_eq!(wrong.parse::<Rgb>(), Err(RgbError(wrong.to_owned())));
        }
    }

    #[test]
    fn oklab_agrees_with_its_author() {
        // Ottosson's own table gives L, a, b of white and of the three primaries to three digits.
        for (rgb, want) in [
            (0xffffff, [1.0, 0.0, 0.0]),
            (0xff0000, [0.628, 0.225, 0.126]),
            (0x00ff00, [0.866, -0.234, 0.179]),
            (0x0000ff, [0.452, -0.032, -0.312]),
        ] {
            let got = Rgb::new(rgb).oklab();
            assert!(got.iter().zip(want).all(|(a, b)| (a - b).abs() < 6e-4), "{rgb:06x}: {got:?}");
        }
    }

    #[test]
    fn a_turned_colour_keeps_its_light_and_comes_back() {
        for (name, own) in PALETTE {
            let [light, ..] = own.oklab();
            let mut near = 0;
            for step in 1..8 {
                let turned = own.turned(f64::from(step) / 8.0, 1.0, 1.0);
                assert!((turned.oklab()[0] - light).abs() < 0.01, "{name}");
                near += u32::from(turned == own);
            }
            assert_eq!(near, 0, "{name}");
            assert_eq!(own.turned(3.0, 1.0, 1.0), own);
            let grey = own.turned(0.3, 0.0, 1.0);
            assert!(grey.red.abs_diff(grey.green) <= 1 && grey.green.abs_diff(grey.blue) <= 1, "{grey}");
            // What is left of its colour without light rounds to next to nothing.
            let dark = own.turned(0.2, 1.0, 0.0);
            assert!(dark.red.max(dark.green).max(dark.blue) <= 8, "{name}: {dark}");
        }
        assert_ne!(Rgb::new(0xffffff).turned(0.25, 1.0, 0.8), Rgb::new(0xffffff).turned(0.5, 1.0, 0.8));
    }
}
