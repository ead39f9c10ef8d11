//! The generation that an evaluation is declaring, slot by slot.

use std::rc::Rc;

use lilt_score::{Control, Key, Meter, Pattern, Seed, Sketch};
use lilt_sequencer::{EvidenceSource, Generation, Instrument, Output, Part, Quantum, SlotSpec, Strip, Tempo};

use crate::diagnostic::{Diagnostic, Severity};
use crate::fault::Fault;
use crate::files::{Files, Place};
use crate::fingerprint::Fingerprint;
use crate::lift::Numbers;
use crate::music::Music;
use crate::vm::Vm;

/// What a script has declared so far.
pub(crate) struct Draft {
    pub tempo: Tempo,
    pub meter: Meter,
    pub key: Option<Key>,
    pub quantum: Quantum,
    pub seed: Seed,
    pub slots: Vec<SlotDraft>,
    /// What `silence` and `solo` named, and where; the slot may come later.
    pub named: Vec<(Wish, String, Place)>,
}

/// What a script wants of a slot by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wish {
    Silence,
    Solo,
}

/// A slot that is being declared.
pub(crate) struct SlotDraft {
    pub name: String,
    pub part: PartDraft,
    pub output: Option<Output>,
    /// What its whole sound passes through, as the script said it: each control once.
    pub strip: Vec<(Control, Numbers)>,
    pub silent: bool,
    pub solo: bool,
    /// Where its new music may begin, where the script says so.
    pub quantum: Option<Quantum>,
    /// True where its part begins at its first note.
    pub restart: bool,
    pub place: Place,
}

/// What fills a slot, with its identity.
pub(crate) enum PartDraft {
    Music(Music),
    Drawing { sketches: Pattern<Sketch>, print: u64 },
}

impl Draft {
    /// Nothing declared yet.
    pub fn new(seed: Seed) -> Draft {
        Draft {
            tempo: Tempo::DEFAULT,
            meter: Meter::COMMON,
            key: None,
            quantum: Quantum::Bar,
            seed,
            slots: Vec::new(),
            named: Vec::new(),
        }
    }

    /// The whole generation. Its patterns keep the VM alive that their functions
    /// live in.
    ///
    /// # Errors
    /// When `silence` or `solo` named a slot that nothing fills.
    pub fn finish(mut self, vm: &Rc<Vm>, files: &Files) -> Result<Generation, Diagnostic> {
        for (wish, name, place) in std::mem::take(&mut self.named) {
            match self.slots.iter_mut().find(|slot| slot.name == name) {
                Some(slot) if wish == Wish::Silence => slot.silent = true,
                Some(slot) => slot.solo = true,
                None => {
                    let names = self.slots.iter().map(|slot| slot.name.as_str());
                    let fault = Fault::new(format!("no slot is called `{name}`")).text(&name);
                    return Err(files.diagnostic(fault.nearest(&name, names), &place, Severity::Error));
                }
            }
        }
        let slots = self.slots.into_iter().map(|slot| slot.finish(vm)).collect();
        Ok(Generation { tempo: self.tempo, meter: self.meter, key: self.key, quantum: self.quantum, slots })
    }
}

impl SlotDraft {
    fn finish(self, vm: &Rc<Vm>) -> SlotSpec {
        let fingerprint = self.fingerprint();
        let (part, instrument) = match &self.part {
            PartDraft::Music(music) => (Part::Notes(keeping(vm, music.pattern.clone())), music.instrument),
            PartDraft::Drawing { sketches, .. } => {
                (Part::Drawing { sketches: keeping(vm, sketches.clone()) }, Instrument::Keys)
            }
        };
        let said = self.strip.into_iter();
        let strip = said.fold(Strip::new(), |strip, (control, numbers)| {
            // What never moves need not be asked again and again.
            let moves = numbers.pattern.steady_value().is_none();
            let pattern = if moves { keeping(vm, numbers.pattern) } else { numbers.pattern };
            strip.with(control, pattern)
        });
        let (stream, model, evidence) = match self.part {
            PartDraft::Music(music) => {
                (music.stream, music.model.map(|model| model.to_string()), music.evidence)
            }
            PartDraft::Drawing { .. } => (None, None, EvidenceSource::default()),
        };
        SlotSpec {
            name: self.name,
            part,
            output: self.output.unwrap_or(Output::Synth(instrument)),
            strip,
            silent: self.silent,
            solo: self.solo,
            quantum: self.quantum,
            restart: self.restart,
            line: self.place.line,
            model,
            evidence,
            stream,
            fingerprint,
        }
    }

    /// Part, output and strip; neither the place in the file, nor whether it is held silent, nor where and
    /// how it enters: what sounds on goes on when only that is edited.
    fn fingerprint(&self) -> u64 {
        let print = match &self.part {
            PartDraft::Music(music) => {
                let print = Fingerprint::of("notes").number(music.print);
                match &self.output {
                    None => print.text(music.instrument.name()),
                    Some(Output::Synth(instrument)) => print.text(instrument.name()),
                    Some(Output::Midi { port, channel }) => print.text(port).number((*channel).into()),
                }
            }
            PartDraft::Drawing { print, .. } => Fingerprint::of("drawing").number(*print),
        };
        let mut strip: Vec<_> =
            self.strip.iter().map(|(control, numbers)| (*control, numbers.print)).collect();
        strip.sort_unstable();
        strip.iter().fold(print, |print, (control, said)| print.text(control.name()).number(*said)).value()
    }
}

/// The same pattern, which keeps the VM alive.
fn keeping<T: 'static>(vm: &Rc<Vm>, pattern: Pattern<T>) -> Pattern<T> {
    let vm = Rc::clone(vm);
    Pattern::try_new(move |query| {
        let _alive = &vm;
        pattern.query(query)
    })
}
