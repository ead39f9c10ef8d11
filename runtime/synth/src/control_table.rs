//! The one form in which controls are written down, those of a note and those of a slot: a line of
//! documentation, the name in the code, the names in a script, range, unit, and what holds when
//! nothing is said. From it come the enum, its documentation, and what a help page shows.

/// What a value of a control counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unit {
    /// A plain number or a share, as the range says.
    Number,
    /// Seconds.
    Seconds,
    /// Hertz.
    Hertz,
    /// Octaves.
    Octaves,
    /// Semitones.
    Semitones,
    /// Hundredths of a semitone.
    Cents,
    /// Decibels.
    Decibels,
    /// Beats (quarters) at the tempo of the mixer.
    Beats,
    /// Bits of resolution.
    Bits,
    /// A switch: 0 is off, all else on.
    Switch,
}

/// What is known of a control.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ControlSpec {
    /// The name that a script uses.
    pub name: &'static str,
    /// Other names that live coders know it by.
    pub aliases: &'static [&'static str],
    /// Least value; smaller ones are raised to it.
    pub least: f32,
    /// Greatest value; larger ones are lowered to it.
    pub greatest: f32,
    /// What the value counts.
    pub unit: Unit,
    /// The value that holds when none is given; `None` where each instrument has its own.
    pub default: Option<f32>,
    /// One sentence of documentation.
    pub about: &'static str,
}

/// Makes a closed enum of controls, one byte each, with a [`ControlSpec`] for every one.
macro_rules! controls {
    (
        $(#[$outer:meta])*
        $name:ident;
        $(
            #[doc = $about:literal]
            $variant:ident($text:literal $(, $alias:literal)*) $least:literal..$greatest:literal $unit:ident $default:expr;
        )+
    ) => {
        $(#[$outer])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum $name {
            $(#[doc = $about] $variant,)+
        }

        impl $name {
            /// Every one, in the order in which they are listed to a user.
            pub const ALL: &'static [$name] = &[$($name::$variant,)+];

            const SPECS: &'static [$crate::control_table::ControlSpec] = &[
                $($crate::control_table::ControlSpec {
                    name: $text,
                    aliases: &[$($alias),*],
                    least: $least as f32,
                    greatest: $greatest as f32,
                    unit: $crate::control_table::Unit::$unit,
                    default: $default,
                    about: $about.trim_ascii(),
                },)+
            ];

            /// Names, range, unit, default and documentation.
            #[must_use]
            pub fn spec(self) -> &'static $crate::control_table::ControlSpec {
                &Self::SPECS[self as usize]
            }

            /// The name that a script uses.
            #[must_use]
            pub fn name(self) -> &'static str {
                self.spec().name
            }

            /// The one that a script calls by this name, or by another name that live coders know
            /// it by, if there is one.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|control| {
                    let spec = control.spec();
                    spec.name == name || spec.aliases.contains(&name)
                })
            }

            /// Least and greatest value, in the unit of the control.
            #[must_use]
            pub fn range(self) -> (f32, f32) {
                (self.spec().least, self.spec().greatest)
            }

            /// `value` kept within the range; `None` if it is not a number.
            #[must_use]
            pub fn keep(self, value: f32) -> Option<f32> {
                let (least, greatest) = self.range();
                (!value.is_nan()).then(|| value.clamp(least, greatest))
            }
        }
    };
}

pub(crate) use controls;
