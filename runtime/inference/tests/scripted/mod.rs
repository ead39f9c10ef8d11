//! A model that does what its seed says, when the test lets it.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crossbeam::channel::{Receiver, RecvTimeoutError, Sender, unbounded};
use lilt_inference::{
    Catalogue, Conditions, Continues, Description, Model, ModelError, Piece, Sampled, Sampling, Scores,
    Watch, capabilities,
};
use lilt_score::{Beat, Clip};

pub fn sampling(seed: u64) -> Sampling {
    Sampling::new(1, 1.0, seed, Conditions::default()).expect("arguments in range")
}

/// Answers a rest of as many beats as its seed, and of its primer before that, once it is let go.
pub struct Scripted {
    description: Description,
    started: Mutex<Vec<u64>>,
    starts: (Sender<()>, Receiver<()>),
    cancels: (Sender<()>, Receiver<()>),
    goes: (Sender<()>, Receiver<()>),
}

impl Scripted {
    /// A seed whose take fails.
    pub const FAILS: u64 = 13;
    /// A seed whose take panics.
    pub const PANICS: u64 = 66;

    pub fn new() -> Scripted {
        Scripted {
            description: Description {
                name: "scripted".to_owned(),
                identity: "0".repeat(64),
                about: "Does what its seed says.".to_owned(),
                ..Description::default()
            },
            started: Mutex::default(),
            starts: unbounded(),
            cancels: unbounded(),
            goes: unbounded(),
        }
    }

    /// Lets `takes` takes be answered.
    pub fn let_go(&self, takes: usize) {
        (0..takes).for_each(|_| self.goes.0.send(()).expect("the receiver is here"));
    }

    /// Returns when one more take has been started.
    pub fn await_start(&self) {
        self.starts.1.recv().expect("the sender is here");
    }

    /// Returns when a started take has seen that it is cancelled.
    pub fn await_cancelled(&self) {
        self.cancels.1.recv().expect("the sender is here");
    }

    /// Seeds of the takes that were started, in order.
    pub fn started(&self) -> Vec<u64> {
        self.started.lock().expect("the list").clone()
    }

    fn make(&self, before: Beat, seed: u64, watch: &Watch) -> Result<Sampled, ModelError> {
        self.started.lock().expect("the list").push(seed);
        watch.report(1.0, 2.0);
        self.starts.0.send(()).expect("the receiver is here");
        while let Err(RecvTimeoutError::Timeout) = self.goes.1.recv_timeout(Duration::from_millis(1)) {
            if watch.is_cancelled() {
                self.cancels.0.send(()).expect("the receiver is here");
                return Err(ModelError::Cancelled);
            }
        }
        match seed {
            Self::FAILS => Err(ModelError::Computation {
                model: self.description.name.clone(),
                reason: format!("seed {seed}"),
            }),
            Self::PANICS => panic!("seed {seed}"),
            _ => Ok(Sampled::plain(Clip::rest(before + Beat::whole(seed as i64)).expect("a rest"))),
        }
    }
}

impl Model for Scripted {
    fn description(&self) -> &Description {
        &self.description
    }

    fn sample(&self, request: &Sampling, watch: &Watch) -> Result<Sampled, ModelError> {
        self.make(Beat::ZERO, request.seed(), watch)
    }

    capabilities!(Continues, Scores);
}

impl Continues for Scripted {
    fn continue_from(
        &self,
        primer: &Piece,
        request: &Sampling,
        watch: &Watch,
    ) -> Result<Sampled, ModelError> {
        self.make(primer.clip()?.length(), request.seed(), watch)
    }
}

impl Scores for Scripted {
    fn score(&self, piece: &Piece, _: &Conditions, _: &Watch) -> Result<Vec<f64>, ModelError> {
        Ok(vec![0.0; piece.parts()])
    }
}

/// A catalogue of one model that loads and one that does not.
pub struct Shelf {
    model: Arc<Scripted>,
    pub loads: Arc<Mutex<Vec<String>>>,
}

impl Shelf {
    pub fn with(model: Arc<Scripted>) -> Shelf {
        Shelf { model, loads: Arc::default() }
    }
}

impl Catalogue for Shelf {
    fn names(&self) -> Vec<String> {
        vec!["scripted".to_owned(), "broken".to_owned()]
    }

    fn load(&self, name: &str) -> Result<Arc<dyn Model>, ModelError> {
        self.loads.lock().expect("the list").push(name.to_owned());
        match name {
            "scripted" => Ok(self.model.clone()),
            _ => Err(ModelError::Weights {
                path: PathBuf::from("broken.safetensors"),
                reason: "it is not there".to_owned(),
            }),
        }
    }
}
