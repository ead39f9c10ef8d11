//! What a model is, and what it can do beside that: each capability is a trait that a model has or has not.

use std::sync::Arc;

use lilt_score::Seed;

use crate::{
    Bake, Baked, Conditions, Cost, Description, Examples, Interpolated, Interpolation, ModelError, Particles,
    Piece, Sampled, Sampling, Tilt, Verb, Watch, likeness,
};

/// A model. Each verb is a pure function of the weights, the arguments and the seed; a tilted model
/// is a model too.
///
/// All models sample. What else one can, it says by the methods that give a capability or nothing: a model that has
/// [`Continues`] answers [`Model::continues`] with itself ([`capabilities!`](crate::capabilities) writes that), and one
/// that has not leaves the method out. Whoever holds
/// a `dyn Model` asks it for any verb by the methods of that type, which fail with [`ModelError::Unsupported`] where
/// it cannot.
///
/// A verb looks at its [`Watch`] at least once a part of the piece and stops with [`ModelError::Cancelled`] when
/// it says so.
pub trait Model: Send + Sync {
    /// What it is called, what it makes, what it was made from, which options it takes.
    fn description(&self) -> &Description;

    /// A piece drawn from the model: a clip is exactly [`Sampling::bars`] bars long, a sketch has at most
    /// [`Sampling::points`] points.
    ///
    /// # Errors
    /// When a condition is unknown to the model, the network fails, or the watch is cancelled.
    fn sample(&self, request: &Sampling, watch: &Watch) -> Result<Sampled, ModelError>;

    /// It, if it goes on from a piece.
    fn continues(&self) -> Option<&dyn Continues> {
        None
    }

    /// It, if it knows how likely a piece is.
    fn scores(&self) -> Option<&dyn Scores> {
        None
    }

    /// It, if it can be tilted.
    fn tilts(&self) -> Option<&dyn Tilts> {
        None
    }

    /// It, if it has a way of its own between pieces. One that has not, but tilts, goes by likeness.
    fn interpolates(&self) -> Option<&dyn Interpolates> {
        None
    }

    /// It, if it has verbs of its own, those of [`Description::transforms`].
    fn transforms(&self) -> Option<&dyn Transforms> {
        None
    }

    /// It, if it can learn a tilt.
    fn learns(&self) -> Option<&dyn Learns> {
        None
    }

    /// What makes a first draft of an answer to `verb` for the ear, in a fraction of the time, where that
    /// can be had: `None` where the model itself is quick, or nothing rougher is of use.
    fn draft(&self, verb: &Verb) -> Option<Arc<dyn Model>> {
        let _ = verb;
        None
    }

    /// What it can be asked for, as it is written in a script.
    fn verbs(&self) -> Vec<&'static str> {
        let tilts = self.tilts().is_some();
        let known = [
            ("sample", true),
            ("continue", self.continues().is_some()),
            ("score", self.scores().is_some()),
            ("interpolate", tilts || self.interpolates().is_some()),
            ("tilt", tilts),
            ("bake", self.learns().is_some()),
        ];
        let known = known.into_iter().filter(|(_, can)| *can).map(|(verb, _)| verb);
        known.chain(self.description().transforms.iter().map(|transform| transform.name)).collect()
    }

    /// The error for a verb that this model cannot do; `verb` as it is written in a script.
    fn unsupported(&self, verb: &'static str) -> ModelError {
        ModelError::Unsupported { model: self.description().name.clone(), verb, can: self.verbs() }
    }
}

/// Says that a model has capabilities: in its `impl Model`, `capabilities!(Continues, Scores)` is the methods that
/// answer with itself. One that it has only at times is written as a method.
#[macro_export]
macro_rules! capabilities {
    (@ $method:ident $capability:ident) => {
        fn $method(&self) -> Option<&dyn $crate::$capability> {
            Some(self)
        }
    };
    (@ Continues) => { $crate::capabilities!(@ continues Continues); };
    (@ Scores) => { $crate::capabilities!(@ scores Scores); };
    (@ Tilts) => { $crate::capabilities!(@ tilts Tilts); };
    (@ Interpolates) => { $crate::capabilities!(@ interpolates Interpolates); };
    (@ Transforms) => { $crate::capabilities!(@ transforms Transforms); };
    (@ Learns) => { $crate::capabilities!(@ learns Learns); };
    ($($capability:ident),+ $(,)?) => { $($crate::capabilities!(@ $capability);)+ };
}

/// The capability to go on from a piece.
pub trait Continues: Model {
    /// A piece that follows `primer`, as long as the request says. Music comes without the primer, which is over when
    /// it is heard; a drawing with it, which stays on the canvas, and counts toward the points.
    ///
    /// # Errors
    /// As [`Model::sample`], and when the primer is nothing the model can read.
    fn continue_from(&self, primer: &Piece, request: &Sampling, watch: &Watch)
    -> Result<Sampled, ModelError>;

    /// What `conditions` say `bars` bars on, where music is made piece by piece: chords, for one, go on
    /// from there.
    fn later(&self, conditions: &Conditions, bars: u64) -> Conditions {
        let _ = bars;
        conditions.clone()
    }
}

/// The capability to tell how likely a piece is.
pub trait Scores: Model {
    /// How much each part of `piece` surprises the model: nats (−ln p), one for each note, or each point.
    ///
    /// # Errors
    /// When the piece is nothing the model can read, the network fails, or the watch is cancelled.
    fn score(&self, piece: &Piece, conditions: &Conditions, watch: &Watch) -> Result<Vec<f64>, ModelError>;

    /// What each step of each of `drawn` cost, which `request` may have drawn: the sum is −ln p of just this
    /// draw. Here notes, or points, are all that costs anything, at temperature 1; a model whose rests cost something
    /// too says what, and where they begin.
    ///
    /// # Errors
    /// As [`Scores::score`].
    fn costs(
        &self,
        drawn: &[Piece],
        request: &Sampling,
        watch: &Watch,
    ) -> Result<Vec<Vec<Cost>>, ModelError> {
        let costs =
            |piece: &Piece| Ok(Cost::of_parts(piece, self.score(piece, request.conditions(), watch)?));
        drawn.iter().map(costs).collect()
    }
}

/// The capability to make pieces side by side from their beginning to their end: what has it can be tilted, by
/// sequential Monte Carlo.
pub trait Grows: Model {
    /// `count` pieces to be made side by side, after `primer` if there is one.
    ///
    /// # Errors
    /// As [`Continues::continue_from`].
    fn particles<'a>(
        &'a self,
        primer: Option<&Piece>,
        request: &Sampling,
        count: usize,
        watch: &Watch,
    ) -> Result<Box<dyn Particles + 'a>, ModelError>;
}

/// The capability to be tilted. What [`Grows`] has it; a model that has a better way says so itself.
pub trait Tilts: Model {
    /// A piece drawn from the model tilted by `tilt`, after `primer` if there is one.
    ///
    /// # Errors
    /// As [`Continues::continue_from`], and [`ModelError::Reward`] when a reward fails or forbids everything.
    fn tilted(
        &self,
        primer: Option<&Piece>,
        request: &Sampling,
        tilt: &Tilt,
        watch: &Watch,
    ) -> Result<Sampled, ModelError>;

    /// `count` pieces drawn from the model side by side.
    ///
    /// # Errors
    /// As [`Model::sample`].
    fn several(&self, request: &Sampling, count: usize, watch: &Watch) -> Result<Vec<Piece>, ModelError>;

    /// Pieces of one draw from the model tilted by `tilt`, `most` or fewer: only as many as differ.
    ///
    /// # Errors
    /// As [`Tilts::tilted`].
    fn gather(
        &self,
        request: &Sampling,
        tilt: &Tilt,
        most: usize,
        watch: &Watch,
    ) -> Result<Vec<Piece>, ModelError>;
}

impl<M: Grows + ?Sized> Tilts for M {
    fn tilted(
        &self,
        primer: Option<&Piece>,
        request: &Sampling,
        tilt: &Tilt,
        watch: &Watch,
    ) -> Result<Sampled, ModelError> {
        let tilt = tilt.under(&self.description().identity, request, &|request, count| {
            self.several(request, count, watch)
        })?;
        let mut particles = self.particles(primer, request, tilt.particles(), watch)?;
        tilt.draw(particles.as_mut(), Seed(request.seed()), watch)
    }

    fn several(&self, request: &Sampling, count: usize, watch: &Watch) -> Result<Vec<Piece>, ModelError> {
        let mut particles = self.particles(None, request, count, watch)?;
        let mut until = request.stretch();
        while !particles.whole() {
            particles.advance(until, watch)?;
            until += request.stretch();
        }
        (0..particles.count()).map(|particle| particles.piece(particle)).collect()
    }

    fn gather(
        &self,
        request: &Sampling,
        tilt: &Tilt,
        most: usize,
        watch: &Watch,
    ) -> Result<Vec<Piece>, ModelError> {
        let tilt = tilt.under(&self.description().identity, request, &|request, count| {
            self.several(request, count, watch)
        })?;
        let mut particles = self.particles(None, request, tilt.particles(), watch)?;
        // Particles of one population share their beginnings: more would be copies of each other.
        let count = most.min(8).min(particles.count());
        tilt.gather(particles.as_mut(), Seed(request.seed()), count, watch)
    }
}

/// The capability to go from piece to piece in a way of the model's own, as through its latent space.
pub trait Interpolates: Model {
    /// Pieces on the way from `from` to `to`, both ends included.
    ///
    /// # Errors
    /// As [`Continues::continue_from`], and when the ends do not go together.
    fn interpolate(
        &self,
        from: &Piece,
        to: &Piece,
        request: &Interpolation,
        watch: &Watch,
    ) -> Result<Interpolated, ModelError>;
}

/// The capability of verbs of the model's own.
pub trait Transforms: Model {
    /// What the verb `name`, one of [`Description::transforms`], makes out of `piece`.
    ///
    /// # Errors
    /// As [`Continues::continue_from`], and [`ModelError::Unsupported`] for a verb that is none of its own.
    fn transform(
        &self,
        name: &'static str,
        piece: &Piece,
        request: &Sampling,
        watch: &Watch,
    ) -> Result<Sampled, ModelError>;
}

/// The capability to learn a tilt.
pub trait Learns: Tilts + Scores {
    /// A model of the same kind that makes `examples` likelier, or those that are worth something, beside
    /// what it knew; `tell` hears how much of the work is done, `0..=1`.
    ///
    /// # Errors
    /// When the model cannot read an example, or the watch is cancelled.
    fn learn(
        &self,
        examples: &Examples,
        tell: &dyn Fn(f64),
        watch: &Watch,
    ) -> Result<Arc<dyn Learns>, ModelError>;

    /// Whether [`Learns::learn`] hears what pieces are worth, so that the model can practise: its
    /// [`Scores::costs`] must be those of its own draws.
    fn practises(&self) -> bool {
        false
    }

    /// The model with a tilt learnt into it.
    ///
    /// # Errors
    /// As [`Learns::learn`] and [`Tilts::tilted`].
    fn bake(&self, bake: &Bake, watch: &Watch) -> Result<Baked, ModelError> {
        let several = |request: &Sampling, count| self.several(request, count, watch);
        let tilt = bake.tilt.under(&self.description().identity, &bake.request, &several)?;
        Bake { tilt, ..bake.clone() }.into_model(self, watch)
    }
}

/// Each verb, for whoever holds a model and does not know what it can.
impl dyn Model + '_ {
    /// As [`Continues::continue_from`].
    ///
    /// # Errors
    /// As there, and [`ModelError::Unsupported`] when it cannot.
    pub fn continue_from(
        &self,
        primer: &Piece,
        request: &Sampling,
        watch: &Watch,
    ) -> Result<Sampled, ModelError> {
        self.continues().ok_or_else(|| self.unsupported("continue"))?.continue_from(primer, request, watch)
    }

    /// As [`Scores::score`].
    ///
    /// # Errors
    /// As there, and [`ModelError::Unsupported`] when it cannot.
    pub fn score(
        &self,
        piece: &Piece,
        conditions: &Conditions,
        watch: &Watch,
    ) -> Result<Vec<f64>, ModelError> {
        self.scores().ok_or_else(|| self.unsupported("score"))?.score(piece, conditions, watch)
    }

    /// Pieces on the way from `from` to `to`, both ends included: in the model's own way if it has one; if not, each
    /// step is drawn from the model tilted toward a likeness with both ends.
    ///
    /// # Errors
    /// As [`Interpolates::interpolate`] and [`Tilts::tilted`], and [`ModelError::Unsupported`] when it can neither.
    pub fn interpolate(
        &self,
        from: &Piece,
        to: &Piece,
        request: &Interpolation,
        watch: &Watch,
    ) -> Result<Interpolated, ModelError> {
        match (self.interpolates(), self.tilts()) {
            (Some(own), _) => own.interpolate(from, to, request, watch),
            (None, Some(tilts)) => {
                likeness::between(tilts, from, to, request, watch).map(Interpolated::straight)
            }
            (None, None) => Err(self.unsupported("interpolate")),
        }
    }

    /// As [`Transforms::transform`].
    ///
    /// # Errors
    /// As there, and [`ModelError::Unsupported`] when it has no verbs of its own.
    pub fn transform(
        &self,
        name: &'static str,
        piece: &Piece,
        request: &Sampling,
        watch: &Watch,
    ) -> Result<Sampled, ModelError> {
        self.transforms().ok_or_else(|| self.unsupported(name))?.transform(name, piece, request, watch)
    }

    /// As [`Learns::bake`].
    ///
    /// # Errors
    /// As there, and [`ModelError::Unsupported`] when it cannot learn.
    pub fn bake(&self, bake: &Bake, watch: &Watch) -> Result<Baked, ModelError> {
        self.learns().ok_or_else(|| self.unsupported("bake"))?.bake(bake, watch)
    }
}
