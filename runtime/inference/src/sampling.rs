//! The arguments of a call: parsed once, in range ever after.

use lilt_score::{Beat, Key, Meter};

use crate::{Extent, Medium, ModelError, Piece, Settings};

/// What music is asked for, whatever the verb.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Conditions {
    /// The key; `None` leaves it to the model.
    pub key: Option<Key>,
    /// The metre; 4/4 by default.
    pub meter: Meter,
    /// What else this model, or this call, can be told.
    pub settings: Settings,
}

/// How to sample.
#[derive(Debug, Clone, PartialEq)]
pub struct Sampling {
    length: Length,
    temperature: f64,
    seed: u64,
    conditions: Conditions,
}

/// How much is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// Music of exactly so many bars.
    Bars(u32),
    /// A drawing of so many points at most: the pen may be laid down before.
    Points(u32),
}

impl Sampling {
    /// Length of the answer in bars when the script does not say.
    pub const DEFAULT_BARS: u32 = 4;
    /// Most points of a drawing when the script does not say: twice as many as a quick drawing of one thing has.
    pub const DEFAULT_POINTS: u32 = 256;
    /// Most points that a drawing may be asked for.
    pub const MOST_POINTS: u32 = 4096;
    /// Temperature when the script does not say: the model as it was trained.
    pub const DEFAULT_TEMPERATURE: f64 = 1.0;

    /// Asks for music of `bars` bars (1 to 256) of the metre in `conditions`, drawn at `temperature`: logits
    /// are divided by it, so 1 is the model itself and 0 always takes the likeliest note (0 to 4).
    ///
    /// # Errors
    /// [`ModelError::Bars`] or [`ModelError::Temperature`] when one is out of range.
    pub fn new(
        bars: u32,
        temperature: f64,
        seed: u64,
        conditions: Conditions,
    ) -> Result<Sampling, ModelError> {
        Sampling::of(Length::Bars(bars), temperature, seed, conditions)
    }

    /// Asks for a drawing of at most `points` points (1 to 4096), drawn at `temperature` as music is.
    ///
    /// # Errors
    /// [`ModelError::Points`] or [`ModelError::Temperature`] when one is out of range.
    pub fn drawing(
        points: u32,
        temperature: f64,
        seed: u64,
        conditions: Conditions,
    ) -> Result<Sampling, ModelError> {
        Sampling::of(Length::Points(points), temperature, seed, conditions)
    }

    /// Asks for a piece of `length`, as [`Sampling::new`] and [`Sampling::drawing`] do.
    ///
    /// # Errors
    /// As there.
    pub fn of(
        length: Length,
        temperature: f64,
        seed: u64,
        conditions: Conditions,
    ) -> Result<Sampling, ModelError> {
        match length {
            Length::Bars(bars) if !(1..=256).contains(&bars) => return Err(ModelError::Bars(bars)),
            Length::Points(points) if !(1..=Sampling::MOST_POINTS).contains(&points) => {
                return Err(ModelError::Points(points));
            }
            Length::Bars(_) | Length::Points(_) => {}
        }
        if !(0.0..=4.0).contains(&temperature) {
            return Err(ModelError::Temperature(temperature));
        }
        // Minus zero and zero are the same request, so they must be the same bits.
        let temperature = temperature.abs();
        Ok(Sampling { length, temperature, seed, conditions })
    }

    /// Asks for something that `piece` could be: in the fewest bars that hold the clip, of as many points as a script
    /// gets that says nothing, or the sketch has, from the model as it was trained.
    ///
    /// # Errors
    /// As [`Sampling::of`]; in range for any clip and any sketch that has points.
    pub(crate) fn like(piece: &Piece, conditions: Conditions) -> Result<Sampling, ModelError> {
        let length = match piece {
            Piece::Clip(clip) => {
                let bars = (clip.length() / conditions.meter.bar()).to_f64().ceil();
                Length::Bars(bars.clamp(1.0, 256.0) as u32)
            }
            Piece::Sketch(sketch) => {
                let most = Sampling::MOST_POINTS as usize;
                Length::Points((sketch.points().min(most) as u32).max(Sampling::DEFAULT_POINTS))
            }
        };
        Sampling::of(length, Sampling::DEFAULT_TEMPERATURE, 0, conditions)
    }

    /// How much is asked for, as it was said.
    pub fn length(&self) -> Length {
        self.length
    }

    /// What is asked for.
    pub fn medium(&self) -> Medium {
        match self.length {
            Length::Bars(_) => Medium::Music,
            Length::Points(_) => Medium::Drawing,
        }
    }

    /// Length of the answer, in bars of the metre, `1..=256`; 0 for a drawing, which has none.
    pub fn bars(&self) -> u32 {
        match self.length {
            Length::Bars(bars) => bars,
            Length::Points(_) => 0,
        }
    }

    /// Most points of the answer, `1..=4096`; 0 for music, which has none.
    pub fn points(&self) -> u32 {
        match self.length {
            Length::Bars(_) => 0,
            Length::Points(points) => points,
        }
    }

    /// What logits are divided by, `0.0..=4.0`; 0 is greedy.
    pub fn temperature(&self) -> f64 {
        self.temperature
    }

    /// Where all randomness comes from.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The same with other randomness.
    pub fn with_seed(&self, seed: u64) -> Sampling {
        Sampling { seed, ..self.clone() }
    }

    /// What a model is asked for that has learnt to play by itself as this asks another to: it needs no
    /// temperature.
    pub(crate) fn as_learnt(&self) -> Sampling {
        Sampling { temperature: Sampling::DEFAULT_TEMPERATURE, ..self.clone() }
    }

    /// The conditions.
    pub fn conditions(&self) -> &Conditions {
        &self.conditions
    }

    /// Length of the answer in beats.
    pub fn beats(&self) -> Beat {
        self.conditions.meter.bar() * Beat::whole(self.bars().into())
    }

    /// How much the answer is, at most.
    pub fn extent(&self) -> Extent {
        match self.length {
            Length::Bars(_) => self.beats().into(),
            Length::Points(points) => Extent::of_points(points as usize),
        }
    }

    /// How much is made at a time where nothing is looked at on the way: a bar, or the whole drawing.
    pub fn stretch(&self) -> Extent {
        match self.length {
            Length::Bars(_) => self.conditions.meter.bar().into(),
            Length::Points(_) => self.extent(),
        }
    }
}

/// How to interpolate between two pieces.
#[derive(Debug, Clone, PartialEq)]
pub struct Interpolation {
    steps: u32,
    sampling: Sampling,
}

impl Interpolation {
    /// Pieces when the script does not say.
    pub const DEFAULT_STEPS: u32 = 5;

    /// Asks for `steps` pieces (2 to 64), the two ends included, each as `sampling` says.
    ///
    /// # Errors
    /// [`ModelError::Steps`] when out of range.
    pub fn new(steps: u32, sampling: Sampling) -> Result<Interpolation, ModelError> {
        if !(2..=64).contains(&steps) {
            return Err(ModelError::Steps(steps));
        }
        Ok(Interpolation { steps, sampling })
    }

    /// How many pieces, the two ends included.
    pub fn steps(&self) -> u32 {
        self.steps
    }

    /// How each piece is sampled.
    pub fn sampling(&self) -> &Sampling {
        &self.sampling
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn out_of_range_is_an_error() {
        let sampling = |bars, temperature| Sampling::new(bars, temperature, 1, Conditions::default());
        assert_eq!(sampling(0, 1.0), Err(ModelError::Bars(0)));
        assert_eq!(sampling(257, 1.0), Err(ModelError::Bars(257)));
        assert_eq!(sampling(1, 4.5), Err(ModelError::Temperature(4.5)));
        assert_eq!(sampling(1, -0.5), Err(ModelError::Temperature(-0.5)));
        assert!(matches!(sampling(1, f64::NAN), Err(ModelError::Temperature(t)) if t.is_nan()));
        let drawing = |points| Sampling::drawing(points, 1.0, 1, Conditions::default());
        assert_eq!((drawing(0), drawing(4097)), (Err(ModelError::Points(0)), Err(ModelError::Points(4097))));
        let greedy = sampling(4, -0.0).expect("zero is in range");
        assert_eq!(greedy.temperature().to_bits(), 0);
        assert_eq!(Interpolation::new(1, greedy), Err(ModelError::Steps(1)));
    }

    #[test]
    fn what_is_asked_for_is_counted_as_its_medium_is() {
        let waltz = Conditions { meter: "3/4".parse().expect("a metre"), ..Conditions::default() };
        let music = Sampling::new(2, 1.0, 1, waltz.clone()).expect("in range");
        let drawing = Sampling::drawing(40, 1.0, 1, waltz.clone()).expect("in range");
        assert_eq!((music.medium(), music.bars(), music.points()), (Medium::Music, 2, 0));
        assert_eq!((drawing.medium(), drawing.bars(), drawing.points()), (Medium::Drawing, 0, 40));
        assert_eq!((music.extent(), music.stretch()), (Beat::whole(6).into(), Beat::whole(3).into()));
        assert_eq!((drawing.extent(), drawing.stretch()), (Extent::of_points(40), Extent::of_points(40)));
        let clip = lilt_score::Clip::rest(Beat::whole(4)).expect("a rest");
        assert_eq!(Sampling::like(&clip.into(), waltz).map(|like| like.length()), Ok(Length::Bars(2)));
    }
}
