//! The generation that an evaluation is declaring, slot by slot.

use std::rc::Rc;

use lilt_score::{Key, Meter, Note, Pattern, Seed, Sketch};
use lilt_sequencer::{
    Controls, EvidenceSource, Generation, Instrument, Output, Part, Quantum, SlotSpec, Tempo,
};

use crate::bind::NotesValue;
use crate::diagnostic::{Diagnostic, Severity};
use crate::fault::Fault;
use crate::files::{Files, Place};
use crate::fingerprint::Fingerprint;
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
    /// The music of [`PartDraft::Notes`] as the script holds it, for what changes it.
    pub notes: Option<NotesValue>,
    pub output: Option<Output>,
    pub controls: [Option<ControlDraft>; CONTROLS.len()],
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
    Notes { pattern: Pattern<Note>, print: u64, instrument: Instrument },
    Drawing { sketches: Pattern<Sketch>, print: u64 },
}

/// A control of a slot, with its identity.
pub(crate) struct ControlDraft {
    pub pattern: Pattern<f64>,
    pub print: u64,
}

/// Name, least and greatest value of each control, in the order of [`Controls`].
pub(crate) const CONTROLS: [(&str, f64, f64); 6] = [
    ("gain", 0.0, 2.0),
    ("pan", -1.0, 1.0),
    ("lowpass", 20.0, 20_000.0),
    ("highpass", 20.0, 20_000.0),
    ("reverb", 0.0, 1.0),
    ("delay", 0.0, 1.0),
];

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
        let (part, instrument) = match self.part {
            PartDraft::Notes { pattern, instrument, .. } => (Part::Notes(keeping(vm, pattern)), instrument),
            PartDraft::Drawing { sketches, .. } => {
                (Part::Drawing { sketches: keeping(vm, sketches) }, Instrument::Keys)
            }
        };
        let mut controls = Controls::default();
        let all = [
            &mut controls.gain,
            &mut controls.pan,
            &mut controls.lowpass,
            &mut controls.highpass,
            &mut controls.reverb,
            &mut controls.delay,
        ];
        for (control, draft) in all.into_iter().zip(self.controls) {
            if let Some(draft) = draft {
                *control = keeping(vm, draft.pattern);
            }
        }
        let (surprises, stream, model, evidence) = match self.notes {
            Some(notes) => {
                let model = notes.model.map(|model| model.to_string());
                (notes.surprises, notes.stream, model, notes.evidence)
            }
            None => (None, None, None, EvidenceSource::default()),
        };
        SlotSpec {
            name: self.name,
            part,
            output: self.output.unwrap_or(Output::Synth(instrument)),
            controls,
            silent: self.silent,
            solo: self.solo,
            quantum: self.quantum,
            restart: self.restart,
            line: self.place.line,
            model,
            evidence,
            surprises,
            stream,
            fingerprint,
        }
    }

    /// Part, output and controls; neither the place in the file, nor whether it is held silent, nor where and
    /// how it enters: what sounds on goes on when only that is edited.
    fn fingerprint(&self) -> u64 {
        let print = match &self.part {
            PartDraft::Notes { print, instrument, .. } => {
                let print = Fingerprint::of("notes").number(*print);
                match &self.output {
                    None => print.text(instrument.name()),
                    Some(Output::Synth(instrument)) => print.text(instrument.name()),
                    Some(Output::Midi { port, channel }) => print.text(port).number((*channel).into()),
                }
            }
            PartDraft::Drawing { print, .. } => Fingerprint::of("drawing").number(*print),
        };
        let controls = CONTROLS.iter().zip(&self.controls);
        controls
            .filter_map(|((name, ..), control)| Some((name, control.as_ref()?)))
            .fold(print, |print, (name, control)| print.text(name).number(control.print))
            .value()
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
