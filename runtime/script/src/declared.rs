//! The generation that an evaluation is declaring, slot by slot.

use std::rc::Rc;
use std::sync::Arc;

use lilt_score::{Beat, Control, Controls, Key, Meter, Pattern, Query, QueryError, Seed, Sketch, Span};
use lilt_sequencer::{
    Ensemble, EvidenceSource, Generation, Instrument, Output, Part, Quantum, SlotSpec, Staging, Strip, Tempo,
};

use crate::bind::PresetValue;
use crate::diagnostic::{Diagnostic, Severity};
use crate::fault::{Fault, listed};
use crate::files::{Files, Place};
use crate::fingerprint::Fingerprint;
use crate::following::{self, DeclaredFollow};
use crate::form::{Ending, Form, Gate};
use crate::lift::Numbers;
use crate::music::Music;
use crate::unheard::{never_begins, unheard};
use crate::unheeded::unheeded;
use crate::vm::Vm;
use crate::watching::Watcher;
use crate::wiring::{self, DeclaredWiring};

/// What a script has declared so far.
pub(crate) struct Declared {
    pub tempo: Tempo,
    pub meter: Meter,
    pub key: Option<Key>,
    pub quantum: Quantum,
    pub seed: Seed,
    pub slots: Vec<DeclaredSlot>,
    /// The parts of the piece, where the script says.
    pub form: Option<Form>,
    /// Where it says so.
    pub form_place: Option<Place>,
    /// How the tempo moves, where it does.
    pub tempo_moves: Option<(Numbers, Place)>,
    /// What is called as the plan comes to a bar.
    pub watchers: Vec<Watcher>,
    /// What `silence` and `solo` named, and where; the slot may come later.
    pub named: Vec<(Wish, String, Place)>,
    /// The slots that signals follow; they may come later too.
    pub followed: Vec<DeclaredFollow>,
    /// What the canvas shows.
    pub staging: Staging,
    /// How it keeps time with other machines.
    pub ensemble: Ensemble,
}

/// What a script wants of a slot by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wish {
    Silence,
    Solo,
}

/// A slot that is being declared.
pub(crate) struct DeclaredSlot {
    pub name: String,
    pub part: DeclaredPart,
    pub output: Option<Output>,
    /// What its whole sound passes through, as the script said it: each control once.
    pub strip: Vec<(Control, Numbers)>,
    /// The bus it goes to, and under whom it ducks.
    pub wiring: DeclaredWiring,
    pub silent: bool,
    pub solo: bool,
    /// Where its new music may begin, where the script says so.
    pub quantum: Option<Quantum>,
    /// True where its part begins at its first note.
    pub restart: bool,
    /// The source whose keys play on it at once.
    pub hands: Option<Arc<str>>,
    /// How fast its own time goes.
    pub rate: Beat,
    /// The metre of its own bars, if not the script's.
    pub meter: Option<Meter>,
    /// In which parts of the form it is heard, if not in all.
    pub gate: Option<DeclaredGate>,
    pub place: Place,
}

/// Parts of the form that a slot names, and where.
#[derive(Debug, Clone)]
pub(crate) struct DeclaredGate {
    pub names: Vec<String>,
    /// True where it is heard in all but these.
    pub except: bool,
    pub place: Place,
}

impl DeclaredGate {
    /// The gate in this form.
    ///
    /// # Errors
    /// When there is none, or it has no part of a name.
    fn of(&self, form: Option<&Form>) -> Result<(Form, Gate), Fault> {
        let Some(form) = form else {
            let fault = Fault::new("there is no form that this could be a part of");
            return Err(fault
                .name(if self.except { "except" } else { "only" })
                .help("write one, as in form \"intro@4 verse@8\""));
        };
        for name in &self.names {
            if form.parts.iter().all(|part| part.name != *name) {
                return Err(crate::bind::no_part(form, name).text(name).of(if self.except {
                    "except"
                } else {
                    "only"
                }));
            }
        }
        let open = form.parts.iter().map(|part| self.names.contains(&part.name) != self.except).collect();
        Ok((form.clone(), Gate { open }))
    }
}

/// What fills a slot, with its identity.
pub(crate) enum DeclaredPart {
    Music(Music),
    Drawing {
        sketches: Pattern<Sketch>,
        print: u64,
    },
    /// Nothing of its own: it is a bus.
    Bus,
}

impl Declared {
    /// Nothing declared yet.
    pub fn new(seed: Seed) -> Declared {
        Declared {
            tempo: Tempo::DEFAULT,
            meter: Meter::COMMON,
            key: None,
            quantum: Quantum::Bar,
            seed,
            slots: Vec::new(),
            form: None,
            form_place: None,
            tempo_moves: None,
            watchers: Vec::new(),
            named: Vec::new(),
            followed: Vec::new(),
            ensemble: Ensemble::default(),
            staging: Staging::default(),
        }
    }

    /// What of it plays otherwise than a performer may expect: music of numbers alone, pitches that nobody hears, a
    /// form that nothing follows.
    pub fn warnings(&self, files: &Files) -> Vec<Diagnostic> {
        let slots = self.slots.iter().filter_map(|slot| match &slot.part {
            DeclaredPart::Music(music) if music.numeric => {
                let fault = Fault::new(format!("slot `{}` is given numbers, which do not sound", slot.name))
                    .text(&slot.name)
                    .argument("play", 0)
                    .help(match music.counts {
                        true => "write :sound(\"breaks\") behind them for the sounds of a name, or :scale(\"C minor\")",
                        false => "write :scale(\"C minor\") behind them, or notes such as \"c4 e4\"",
                    });
                Some(files.diagnostic(fault, &slot.place, Severity::Warning))
            }
            DeclaredPart::Music(music) if music.flows => never_begins(slot, music, self.meter, files),
            DeclaredPart::Music(music) if music.low => unheard(slot, music, self.meter, files),
            _ => None,
        });
        let unheeded =
            self.slots.iter().flat_map(|slot| unheeded(slot, slot.meter.unwrap_or(self.meter).bar()));
        let follows = |slot: &DeclaredSlot| slot.gate.is_some() || slot.follows_parts();
        let ends = self.form.as_ref().is_some_and(|form| form.ending == Ending::Stop);
        let form =
            self.form_place.as_ref().filter(|_| !ends && !self.slots.iter().any(follows)).map(|place| {
                let fault = Fault::new("no slot follows this form").name("form");
                let name = self.form.as_ref().map_or("intro", |form| form.parts[0].name.as_str());
                let help = format!(
                    "write :only \"{name}\" behind a slot, or play(\"lead\", parts {{ {name} = \"c4 e4\" }})"
                );
                files.diagnostic(fault.help(help), place, Severity::Warning)
            });
        let shut = self.gates(files).unwrap_or_default();
        let shut = self.slots.iter().zip(shut).filter_map(|(slot, gate)| {
            let (form, gate) = gate.filter(|_| !slot.is_bus())?;
            let place = slot.gate.as_ref().map_or(&slot.place, |gate| &gate.place);
            let fault = Fault::new(format!("slot `{}` is heard in no part of the form", slot.name));
            let fault = match &slot.gate {
                Some(gate) => fault.name(if gate.except { "except" } else { "only" }),
                None => fault.text(&slot.name).argument("play", 0),
            };
            let parts: Vec<&str> = form.parts.iter().map(|part| part.name.as_str()).collect();
            let help = format!("its parts are {}", listed(&parts));
            slot.is_shut_out(&form, &gate, self.meter.bar())
                .then(|| files.diagnostic(fault.help(help), place, Severity::Warning))
        });
        let unwired = wiring::unheard(&self.slots);
        let unwired = unwired.map(|(fault, place)| files.diagnostic(fault, place, Severity::Warning));
        slots.chain(unheeded).chain(shut).chain(form).chain(unwired).collect()
    }

    /// The whole generation. Its patterns keep the VM alive that their functions
    /// live in.
    ///
    /// # Errors
    /// When `silence` or `solo` named a slot that nothing fills, or a slot goes where it cannot.
    pub fn finish(mut self, vm: &Rc<Vm>, files: &Files) -> Result<Generation, Diagnostic> {
        if let Err(told) = wiring::complete(&mut self.slots) {
            let (fault, place) = *told;
            return Err(files.diagnostic(fault, &place, Severity::Error));
        }
        for (wish, name, place) in std::mem::take(&mut self.named) {
            match self.slots.iter_mut().find(|slot| slot.name == name) {
                Some(slot) if wish == Wish::Silence => slot.silent = true,
                Some(slot) => slot.solo = true,
                None => {
                    let names = self.slots.iter().map(|slot| slot.name.as_str());
                    let of = if wish == Wish::Solo { "solo" } else { "silence" };
                    let fault = Fault::new(format!("no slot is called `{name}`")).text(&name).of(of);
                    return Err(files.diagnostic(fault.nearest(&name, names), &place, Severity::Error));
                }
            }
        }
        self.silence_buses();
        let moves = match &self.tempo_moves {
            None => None,
            Some((numbers, place)) => {
                let told = |error: QueryError| match error {
                    QueryError::Failed(error) => match error.downcast::<Diagnostic>() {
                        Ok(diagnostic) => *diagnostic,
                        Err(error) => files.diagnostic(Fault::new(error.to_string()), place, Severity::Error),
                    },
                    late => files.diagnostic(Fault::new(late.to_string()), place, Severity::Error),
                };
                vm.context.tempo_curve(numbers, self.meter).map_err(told)?
            }
        };
        if let Some(moves) = &moves {
            self.tempo = moves.tempo_at(Beat::ZERO);
        }
        let followed = std::mem::take(&mut self.followed);
        let follows = following::check(&self.slots, &followed).map_err(|told| {
            let (fault, place) = *told;
            files.diagnostic(fault, &place, Severity::Error)
        })?;
        let gates = self.gates(files)?;
        let mut slots = Vec::new();
        for (slot, gate) in self.slots.into_iter().zip(gates) {
            // What goes to a bus is heard when that is; the bus itself is there.
            let gate = gate.filter(|_| !slot.is_bus());
            let gated = gate.is_some();
            let gate = match gate {
                // Where the piece ends, what says nothing of its parts ends too; parts end by themselves.
                None => self
                    .form
                    .as_ref()
                    .filter(|form| form.ending == Ending::Stop && !slot.follows_parts())
                    .map(|form| (form.clone(), Gate { open: vec![true; form.parts.len()] })),
                gate => gate,
            };
            let (spec, music) = slot.finish(vm, gate, gated);
            for follows in followed.iter().filter(|follows| *follows.name == spec.name) {
                let heard = if spec.silent { Pattern::silence() } else { music.clone() };
                // Each is one signal's alone, and filled once.
                let _first = follows.followed.set(heard);
            }
            slots.push(spec);
        }
        following::mix(&mut slots, &follows);
        vm.context.watchers.replace(self.watchers);
        vm.context.plays_at(self.tempo, moves.clone());
        Ok(Generation {
            tempo: self.tempo,
            tempo_moves: moves,
            meter: self.meter,
            key: self.key,
            quantum: self.quantum,
            staging: self.staging,
            ensemble: Arc::new(self.ensemble),
            slots,
        })
    }
}

impl Declared {
    /// In which parts of the form each slot is heard: those that it names itself, as far as the buses on its way
    /// name them too. `None` where nobody says.
    ///
    /// # Errors
    /// When there is no form, or it has no such part.
    fn gates(&self, files: &Files) -> Result<Vec<Option<(Form, Gate)>>, Diagnostic> {
        let own = |slot: &DeclaredSlot| match &slot.gate {
            None => Ok(None),
            Some(gate) => {
                let read = gate.of(self.form.as_ref());
                let told = |fault| files.diagnostic(fault, &gate.place, Severity::Error);
                read.map(Some).map_err(told)
            }
        };
        let own = self.slots.iter().map(own).collect::<Result<Vec<_>, Diagnostic>>()?;
        let along = |slot: usize| {
            let next = |at: &usize| {
                let to = &self.slots[*at].wiring.to.as_ref()?.value;
                self.slots.iter().position(|bus| bus.is_bus() && *bus.name == **to)
            };
            // Buses that go in a circle are told of elsewhere.
            let way = std::iter::successors(Some(slot), next).take(self.slots.len());
            let gates = way.filter_map(|at| own[at].clone());
            gates.reduce(|(form, one), (_, other)| {
                let both = one.open.iter().zip(&other.open).map(|(one, other)| *one && *other);
                (form, Gate { open: both.collect() })
            })
        };
        Ok((0..self.slots.len()).map(along).collect())
    }

    /// What is silenced or soloed of a bus is what goes to it.
    fn silence_buses(&mut self) {
        loop {
            let buses = self.slots.iter().filter(|slot| slot.is_bus() && (slot.silent || slot.solo));
            let wishes: Vec<(String, bool, bool)> =
                buses.map(|bus| (bus.name.clone(), bus.silent, bus.solo)).collect();
            let mut changed = false;
            for slot in &mut self.slots {
                let Some(to) = &slot.wiring.to else { continue };
                for (_, silent, solo) in wishes.iter().filter(|(name, ..)| **name == *to.value) {
                    changed |= (*silent && !slot.silent) || (*solo && !slot.solo);
                    slot.silent |= silent;
                    slot.solo |= solo;
                }
            }
            // A bus that goes to a bus passes it on.
            if !changed {
                return;
            }
        }
    }
}

impl DeclaredSlot {
    /// A slot of which nothing else is said.
    pub fn new(name: String, part: DeclaredPart, place: Place) -> DeclaredSlot {
        DeclaredSlot {
            name,
            part,
            output: None,
            strip: Vec::new(),
            wiring: DeclaredWiring::default(),
            silent: false,
            solo: false,
            quantum: None,
            restart: false,
            hands: None,
            rate: Beat::ONE,
            meter: None,
            gate: None,
            place,
        }
    }

    /// True for what plays nothing of its own, and has a name to be gone to.
    pub fn is_bus(&self) -> bool {
        matches!(self.part, DeclaredPart::Bus)
    }

    /// The slot, heard in these parts of the form alone, and the music that signals follow: without what keeps the VM
    /// alive, for the VM holds them. `gated` where somebody named the parts, and not just the end of the piece.
    fn finish(
        mut self,
        vm: &Rc<Vm>,
        gate: Option<(Form, Gate)>,
        gated: bool,
    ) -> (SlotSpec, Pattern<Controls>) {
        let mut fingerprint = self.fingerprint();
        if self.rate != Beat::ONE || self.meter.is_some() {
            let own = self.meter.map(|meter| meter.to_string()).unwrap_or_default();
            let print = Fingerprint::of("time").number(fingerprint).text(&own);
            fingerprint = print.real(self.rate.to_f64()).value();
            self.in_own_time();
        }
        let form = gate.is_some() || matches!(&self.part, DeclaredPart::Music(music) if music.form);
        if let Some((form, gate)) = gate {
            let print = gate.open.iter().fold(form.print(), |print, open| print.number(u64::from(*open)));
            fingerprint = print.number(fingerprint).value();
            self.follow(form, gate, gated);
        }
        let music = match &self.part {
            DeclaredPart::Music(music) => music.pattern.clone(),
            DeclaredPart::Drawing { .. } | DeclaredPart::Bus => Pattern::silence(),
        };
        let (part, instrument) = match &self.part {
            DeclaredPart::Music(music) => (Part::Notes(keeping(vm, music.pattern.clone())), music.instrument),
            DeclaredPart::Drawing { sketches, .. } => {
                (Part::Drawing { sketches: keeping(vm, sketches.clone()) }, Instrument::Keys)
            }
            DeclaredPart::Bus => (Part::Notes(Pattern::silence()), Instrument::Keys),
        };
        let output = if self.is_bus() { Output::Bus } else { Output::Synth(instrument) };
        let said = self.strip.into_iter();
        let strip = said.fold(Strip::new(), |strip, (control, numbers)| {
            // What never moves need not be asked again and again.
            let moves = numbers.pattern.steady_value().is_none();
            let pattern = if moves { keeping(vm, numbers.pattern) } else { numbers.pattern };
            strip.with(control, pattern)
        });
        let (stream, model, evidence, hands, turns) = match self.part {
            DeclaredPart::Music(Music { stream, model, evidence, hands, turns, .. }) => {
                (stream, model.map(|model| model.to_string()), evidence, hands, turns)
            }
            DeclaredPart::Drawing { .. } | DeclaredPart::Bus => {
                (None, None, EvidenceSource::default(), None, None)
            }
        };
        let spec = SlotSpec {
            name: self.name,
            part,
            output: self.output.unwrap_or(output),
            strip,
            wiring: self.wiring.finish(),
            silent: self.silent,
            solo: self.solo,
            quantum: self.quantum,
            restart: self.restart,
            hands: self.hands.or(hands),
            turns,
            line: self.place.line,
            model,
            evidence,
            stream,
            form,
            fingerprint,
        };
        (spec, music)
    }

    /// The slots that its music and its controls follow.
    pub fn follows(&self) -> impl Iterator<Item = &Arc<str>> {
        let music = match &self.part {
            DeclaredPart::Music(music) => &music.follows[..],
            DeclaredPart::Drawing { .. } | DeclaredPart::Bus => &[],
        };
        music.iter().chain(self.strip.iter().flat_map(|(_, numbers)| &numbers.follows))
    }

    /// True where nothing of it is heard in the parts that are open to it.
    fn is_shut_out(&self, form: &Form, gate: &Gate, bar: Beat) -> bool {
        let DeclaredPart::Music(music) = &self.part else { return !gate.open.contains(&true) };
        if !music.form {
            return !gate.open.contains(&true);
        }
        let heard = form.clone().gated(gate.clone(), music.pattern.clone());
        let bars: i64 = form.parts.iter().map(|part| part.bars).sum();
        let span = Span::new(Beat::ZERO, bar * Beat::whole(bars.min(MOST_OF_A_FORM)));
        bars <= MOST_OF_A_FORM && heard.query(Query::new(span, bar)).is_ok_and(|events| events.is_empty())
    }

    /// True where its music is another in each part of the form.
    fn follows_parts(&self) -> bool {
        matches!(&self.part, DeclaredPart::Music(music) if music.form)
    }

    /// It in its own bars, at its own rate.
    fn in_own_time(&mut self) {
        let (rate, bar) = (self.rate, self.meter.map(Meter::bar));
        match &mut self.part {
            DeclaredPart::Music(music) => {
                music.pattern = own_time(&in_beats(&music.pattern, rate), rate, bar);
            }
            DeclaredPart::Drawing { sketches, .. } => *sketches = own_time(sketches, rate, bar),
            DeclaredPart::Bus => {}
        }
        for (_, numbers) in &mut self.strip {
            if numbers.pattern.steady_value().is_none() {
                numbers.pattern = own_time(&numbers.pattern, rate, bar);
            }
        }
    }

    /// It as it is heard in a form.
    fn follow(&mut self, form: Form, gate: Gate, gated: bool) {
        match &mut self.part {
            DeclaredPart::Music(music) => {
                music.pattern = form.clone().gated(gate.clone(), music.pattern.clone());
            }
            DeclaredPart::Drawing { sketches, .. } => {
                *sketches = form.clone().gated(gate.clone(), sketches.clone());
            }
            DeclaredPart::Bus => {}
        }
        // What is heard in every part neither comes nor goes.
        if form.fades() && gated {
            let control = match &self.part {
                DeclaredPart::Drawing { .. } => Control::LOOK_OPACITY,
                DeclaredPart::Music(_) | DeclaredPart::Bus => Control::GAIN,
            };
            let said = self.strip.iter().position(|(known, _)| *known == control);
            let gain = said.map(|at| self.strip.remove(at).1.pattern);
            let print = form.print().value();
            let pattern = form.faded(gate, gain);
            self.strip.push((control, Numbers::moving(pattern, print)));
        }
    }

    /// Part, output, strip and wiring; neither the place in the file, nor whether it is held silent, nor where and
    /// how it enters: what sounds on goes on when only that is edited.
    fn fingerprint(&self) -> u64 {
        let print = match &self.part {
            DeclaredPart::Music(music) => {
                let print = Fingerprint::of("notes").number(music.print);
                match &self.output {
                    None => print.text(music.instrument.name()),
                    Some(Output::Synth(instrument)) => print.text(instrument.name()),
                    Some(Output::Midi { port, channel }) => print.text(port).number((*channel).into()),
                    Some(Output::Osc(target)) => print.text(&format!("{target:?}")),
                    Some(Output::Bus) => print,
                    // Only events name these.
                    Some(Output::Sample { name, .. }) => print.text("sample").text(name),
                    Some(Output::Timbre(place)) => print.text("place").text(place.name()),
                    Some(Output::Preset(preset)) => {
                        print.number(PresetValue(std::sync::Arc::clone(preset)).print())
                    }
                }
            }
            DeclaredPart::Drawing { print, .. } => Fingerprint::of("drawing").number(*print),
            DeclaredPart::Bus => Fingerprint::of("bus"),
        };
        let mut strip: Vec<_> =
            self.strip.iter().map(|(control, numbers)| (*control, numbers.print)).collect();
        strip.sort_unstable();
        let print =
            strip.iter().fold(print, |print, (control, said)| print.text(control.name()).number(*said));
        self.wiring.print(print.value())
    }
}

/// The music whose sounds last so many beats where they were to last so many bars: of its own bars, which pass
/// `rate` times as fast.
fn in_beats(music: &Pattern<Controls>, rate: Beat) -> Pattern<Controls> {
    let inner = music.clone();
    Pattern::try_new(move |query: Query| {
        let mut events = inner.query(query)?;
        for event in &mut events {
            let bars = event.value.get(Control::BARS).map(|bars| bars * query.bar.to_f64());
            if let Some(beats) = bars.or(event.value.get(Control::BEATS)) {
                event.value.unset(Control::BARS);
                event.value.set(Control::BEATS, beats / rate.to_f64());
            }
        }
        Ok(events)
    })
}

/// Longest form that is looked through for a slot that is never heard, in bars.
const MOST_OF_A_FORM: i64 = 256;

/// The pattern in bars of its own, so many times as fast.
fn own_time<T: 'static>(pattern: &Pattern<T>, rate: Beat, bar: Option<Beat>) -> Pattern<T> {
    let inner = pattern.clone();
    let barred =
        Pattern::try_new(move |query: Query| inner.query(Query { bar: bar.unwrap_or(query.bar), ..query }));
    if rate == Beat::ONE { barred } else { barred.fast(rate) }
}

/// The same pattern, which keeps the VM alive, and tells the script's functions how far the plan has come.
fn keeping<T: 'static>(vm: &Rc<Vm>, pattern: Pattern<T>) -> Pattern<T> {
    let vm = Rc::clone(vm);
    Pattern::try_new(move |query| {
        vm.context.watchers.come_to(&vm.context, query);
        pattern.query(query)
    })
}
