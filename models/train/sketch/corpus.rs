//! Quick, Draw!'s drawings, some held out by their keys, and drawings that released decoders make.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result};
use lilt_models::sketch::batches::points;
use lilt_models::sketch::drawing::Drawing;
use lilt_models::sketch::drawn::drawn;
use lilt_models::sketch::moves::{Line, Pen, lines};
use lilt_models::sketch::ndjson::Drawn;
use lilt_models::sketch::released::Released;
use lilt_models::sketch::simplify::simplified;
use lilt_models::sketch::step::SketchStep;

use crate::drawings::recognised::Judge;
use crate::drawings::{deviation, in_units, ready, unready};
use crate::held_out::Part;
use crate::quickdraw::{QuickDraw, files, read_drawings};

/// Fewest and most points of a drawing that a decoder makes.
const MADE_POINTS: [usize; 2] = [10, 120];
/// At which temperatures, in turn.
const TEMPERATURES: [f32; 4] = [1.0, 0.75, 1.0, 0.5];
/// Most points that a decoder may take for a drawing: its drawings have twice those of simplified ones.
const MOST_POINTS: usize = 200;
/// Drawings that it makes side by side.
const ABREAST: usize = 64;
/// Of a hundred drawings, how many are held out to choose weights by, and how many more to measure on: where there is
/// a decoder to learn from, and elsewhere.
const HELD_OUT: [[u32; 2]; 2] = [[8, 40], [5, 10]];

/// The drawings, in units of the network.
pub struct Corpus {
    /// What is drawn, in order.
    pub kinds: Vec<String>,
    /// Pixels of a unit of the network.
    pub scale: f32,
    /// To learn from.
    pub train: Vec<Drawing>,
    /// To choose weights by.
    pub valid: Vec<Drawing>,
    /// To measure on.
    pub test: Vec<Drawing>,
    /// The same as they were drawn, in the units of the screen.
    pub test_as_drawn: Vec<Vec<Line>>,
    /// Drawings of the decoders, to learn from.
    pub made: Vec<Drawing>,
    /// All that is learnt, drawings of the data and then made ones, in the order in which they are to be ideas.
    pub plainest: Vec<usize>,
    /// Decoders by the names of their kinds.
    pub decoders: BTreeMap<String, SketchStep>,
    /// Drawings read.
    pub read: usize,
    /// Drawings left out, by reason.
    pub left_out: BTreeMap<String, usize>,
}

impl Corpus {
    /// Reads the drawings in the files `*.ndjson` of a folder, also with `.gz`, the decoders of another, and a file of
    /// drawings that were made with these.
    pub fn read(data: &Path, decoders: Option<&Path>, made: Option<&Path>) -> Result<Corpus> {
        let decoders = match decoders {
            Some(folder) => read_decoders(folder)?,
            None => BTreeMap::new(),
        };
        let QuickDraw { drawings: drawn, read, left_out } = QuickDraw::read(data)?;
        let made = match made {
            Some(path) => read_drawings(path)?.into_iter().flatten().collect(),
            None => Vec::new(),
        };
        let kinds: BTreeSet<String> = drawn.iter().map(|drawing| drawing.word.clone()).collect();
        let kinds: Vec<String> = kinds.into_iter().collect();
        let mut corpus = Corpus {
            kinds,
            scale: 1.0,
            train: Vec::new(),
            valid: Vec::new(),
            test: Vec::new(),
            test_as_drawn: Vec::new(),
            made: Vec::new(),
            plainest: Vec::new(),
            decoders,
            read,
            left_out,
        };
        drawn.iter().for_each(|drawing| corpus.deal(drawing));
        for drawing in &made {
            if let Some(kind) = corpus.kind(&drawing.word)
                && let Some(drawing) = ready(kind, &drawing.lines)
            {
                corpus.made.push(drawing);
            }
        }
        let scale = deviation(&corpus.train);
        let Corpus { train, valid, test, made, .. } = &mut corpus;
        in_units(train.iter_mut().chain(valid).chain(test).chain(made), scale);
        corpus.scale = scale;
        corpus.plainest = (0..corpus.train.len() + corpus.made.len()).collect();
        Ok(corpus)
    }

    /// A drawing among all that is learnt.
    pub fn learnt(&self, at: usize) -> &Drawing {
        self.train.get(at).unwrap_or_else(|| &self.made[at - self.train.len()])
    }

    /// Puts first of each kind what a recognizer knows best.
    pub fn sort_by_plainness(&mut self, judge: &Judge) -> Result<()> {
        let mut known = vec![0.0; self.plainest.len()];
        for (row, kind) in self.kinds.iter().enumerate() {
            let of_kind = |at: &usize| self.learnt(*at).kind as usize == row;
            let places: Vec<usize> = (0..known.len()).filter(of_kind).collect();
            let drawings: Vec<Vec<Line>> = places.iter().map(|&at| lines(&self.learnt(at).moves)).collect();
            for (at, known_as) in places.into_iter().zip(judge.of_kind(kind, &drawings)?) {
                known[at] = known_as;
            }
        }
        self.plainest.sort_by(|&a, &b| known[b].total_cmp(&known[a]));
        Ok(())
    }

    /// The row of a kind.
    pub fn kind(&self, word: &str) -> Option<u32> {
        self.kinds.iter().position(|kind| kind == word).map(|row| row as u32)
    }

    /// Puts a drawing where its key says.
    fn deal(&mut self, drawn: &Drawn) {
        let Some(drawing) = self.kind(&drawn.word).and_then(|kind| ready(kind, &drawn.lines)) else {
            *self.left_out.entry(unready()).or_default() += 1;
            return;
        };
        let part = match Part::of(&drawn.key, HELD_OUT[usize::from(!self.decoders.contains_key(&drawn.word))])
        {
            Part::Train => &mut self.train,
            Part::Valid => &mut self.valid,
            Part::Test => {
                self.test_as_drawn.push(drawn.lines.clone());
                &mut self.test
            }
        };
        part.push(drawing);
    }

    /// Says how much there is.
    pub fn report(&self) {
        eprintln!("read {} drawings, left out {:?}", self.read, self.left_out);
        for (name, drawings) in
            [("train", &self.train), ("valid", &self.valid), ("test", &self.test), ("made", &self.made)]
        {
            eprintln!("{name}: {} drawings, {} points", drawings.len(), points(drawings));
        }
        eprintln!("{} kinds, {} pixels a unit", self.kinds.len(), self.scale);
    }
}

/// Prints `count` drawings of each of the decoders in a folder, as lines of Quick, Draw!'s files; those that do not
/// end in time, or have too few points, are left out.
pub fn print_made(decoders: &Path, count: usize, seed: u64) -> Result<()> {
    for (number, (name, decoder)) in (0..).zip(read_decoders(decoders)?) {
        let told = decoder.condition(&[], None);
        for from in (0..count).step_by(ABREAST) {
            let temperature = TEMPERATURES[from / ABREAST % TEMPERATURES.len()];
            let told = vec![told.clone(); ABREAST.min(count - from)];
            let seed = seed ^ ((number << 40) | (from as u64 + 1));
            let all = drawn(&decoder, told, MOST_POINTS, temperature, seed)?;
            for moves in all.iter().filter(|moves| moves.last().is_some_and(|step| step.pen == Pen::End)) {
                let simple = simplified(&lines(moves));
                let points = simple.iter().map(Vec::len).sum::<usize>();
                if (MADE_POINTS[0]..=MADE_POINTS[1]).contains(&points) {
                    println!("{}", line(&name, &simple));
                }
            }
        }
        eprintln!("{name} is done");
    }
    Ok(())
}

/// A drawing as a line of Quick, Draw!'s files.
fn line(word: &str, lines: &[Line]) -> String {
    let axis = |line: &Line, axis: usize| line.iter().map(|point| point[axis] as i32).collect::<Vec<_>>();
    let drawing: Vec<[Vec<i32>; 2]> = lines.iter().map(|line| [axis(line, 0), axis(line, 1)]).collect();
    serde_json::json!({ "word": word, "drawing": drawing }).to_string()
}

/// The decoders in the files `*.gen.json` of a folder, also with `.gz`, by the names of their kinds.
fn read_decoders(folder: &Path) -> Result<BTreeMap<String, SketchStep>> {
    let mut decoders = BTreeMap::new();
    for path in files(folder, &[".gen.json", ".gen.json.gz"])? {
        let read = std::fs::read(&path).with_context(|| path.display().to_string())?;
        let released = Released::read(&read).with_context(|| path.display().to_string())?;
        let step = SketchStep::new(released.config, &released.weights)?;
        decoders.insert(released.name.replace('_', " "), step);
    }
    Ok(decoders)
}
