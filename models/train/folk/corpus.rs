//! The tune books: read, brought onto the bar grid, freed of duplicates and split.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};

use lilt_models::folk::example::Example;
use lilt_models::folk::vocabulary::REST;
use lilt_score::abc::read_book;
use sha2::{Digest, Sha256};

/// Notes of an n-gram by which two tunes are compared.
const GRAM: usize = 6;
/// Share of common n-grams (Jaccard) from which a tune is a duplicate and is left out.
const DUPLICATE: f64 = 0.5;
/// Share of common n-grams from which two tunes must lie in the same split.
const RELATED: f64 = 0.15;
/// An n-gram in more tunes than this says nothing about kinship (scales, arpeggios).
const COMMON: usize = 60;

/// The data, split by tune.
#[derive(Debug, Default)]
pub struct Corpus {
    /// Tunes to learn from.
    pub train: Vec<Example>,
    /// Tunes that choose the checkpoint.
    pub valid: Vec<Example>,
    /// Tunes for the figures on the card.
    pub test: Vec<Example>,
    /// Tunes read, by book.
    pub read: BTreeMap<String, usize>,
    /// Tunes left out, by reason.
    pub left_out: BTreeMap<String, usize>,
}

/// Why the corpus could not be read.
#[derive(Debug, thiserror::Error)]
pub enum CorpusError {
    /// A file or folder could not be read.
    #[error("{path}: {error}")]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// No tune book in the folder.
    #[error("{0}: no .abc file with usable tunes here; models/README.md says where to get the tune books")]
    Empty(PathBuf),
}

impl Corpus {
    /// Reads all `.abc` files of `folder`, in the order of their names.
    pub fn read(folder: &Path) -> Result<Corpus, CorpusError> {
        let fail = |path: &Path| {
            let path = path.to_owned();
            move |error| CorpusError::Read { path, error }
        };
        let mut books = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(fail(folder))? {
            let path = entry.map_err(fail(folder))?.path();
            if path.extension().is_some_and(|extension| extension == "abc") {
                books.push(path);
            }
        }
        books.sort();
        let mut corpus = Corpus::default();
        let mut examples = Vec::new();
        for path in books {
            let bytes = std::fs::read(&path).map_err(fail(&path))?;
            let book = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
            let tunes = read_book(&String::from_utf8_lossy(&bytes));
            corpus.read.insert(book, tunes.len());
            for tune in tunes {
                let example = match &tune {
                    Ok(tune) => Example::of_tune(tune),
                    Err(_) => Err("not readable as ABC"),
                };
                match example {
                    Ok(example) => examples.push(example),
                    Err(reason) => *corpus.left_out.entry(reason.to_owned()).or_default() += 1,
                }
            }
        }
        corpus.split(examples);
        if corpus.train.is_empty() || corpus.valid.is_empty() || corpus.test.is_empty() {
            return Err(CorpusError::Empty(folder.to_owned()));
        }
        Ok(corpus)
    }

    /// Leaves duplicates out, gathers related tunes and deals the groups to the splits by a hash of
    /// their first tune: a tune without kin keeps its split whatever else is in the folder.
    fn split(&mut self, examples: Vec<Example>) {
        let kin = kinship(&examples);
        let mut group: Vec<usize> = (0..examples.len()).collect();
        let mut duplicate = vec![false; examples.len()];
        for &(a, b, share) in &kin {
            if share >= DUPLICATE && !duplicate[a] {
                duplicate[b] = true;
            }
            let (ra, rb) = (root(&mut group, a), root(&mut group, b));
            group[ra.max(rb)] = ra.min(rb);
        }
        let dealt: Vec<u64> = examples.iter().map(hash).collect();
        for (index, example) in examples.into_iter().enumerate() {
            if duplicate[index] {
                *self.left_out.entry("duplicate of another tune".to_owned()).or_default() += 1;
                continue;
            }
            match dealt[root(&mut group, index)] % 20 {
                0 => self.test.push(example),
                1 => self.valid.push(example),
                _ => self.train.push(example),
            }
        }
    }
}

/// A number that depends on the tune's notes alone.
fn hash(example: &Example) -> u64 {
    let mut sha = Sha256::new();
    for event in &example.events {
        sha.update([event.duration, event.pitch]);
    }
    let digest = sha.finalize();
    digest.iter().take(8).fold(0, |value, &byte| value << 8 | u64::from(byte))
}

fn root(group: &mut [usize], mut at: usize) -> usize {
    while group[at] != at {
        group[at] = group[group[at]];
        at = group[at];
    }
    at
}

/// Pairs of related tunes (earlier, later, share of common n-grams), by what each plays the first
/// time through. Pitches count from the tonic within the octave, so that key and octave do not
/// hide a duplicate; rests and repeated notes are passed over, lengths too, since collections
/// differ in dotting and ornament.
fn kinship(examples: &[Example]) -> Vec<(usize, usize, f64)> {
    let grams: Vec<HashSet<[u8; GRAM]>> = examples
        .iter()
        .map(|example| {
            let firsts = example
                .events
                .iter()
                .zip(&example.first)
                .filter(|(event, first)| **first && event.pitch != REST);
            let mut line: Vec<u8> = firsts.map(|(event, _)| event.pitch % 12).collect();
            line.dedup();
            line.windows(GRAM).filter_map(|gram| gram.try_into().ok()).collect()
        })
        .collect();
    let mut holders: HashMap<[u8; GRAM], Vec<usize>> = HashMap::new();
    for (index, grams) in grams.iter().enumerate() {
        for &gram in grams {
            holders.entry(gram).or_default().push(index);
        }
    }
    let telling = |gram: &&[u8; GRAM]| holders.get(*gram).is_some_and(|holders| holders.len() <= COMMON);
    let sizes: Vec<usize> = grams.iter().map(|grams| grams.iter().filter(telling).count()).collect();
    let mut pairs = Vec::new();
    for (index, own) in grams.iter().enumerate() {
        let mut common: BTreeMap<usize, usize> = BTreeMap::new();
        for gram in own.iter().filter(telling) {
            for &other in holders[gram].iter().filter(|&&other| other > index) {
                *common.entry(other).or_default() += 1;
            }
        }
        for (other, count) in common {
            let share = count as f64 / (sizes[index] + sizes[other] - count) as f64;
            if share >= RELATED {
                pairs.push((index, other, share));
            }
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example(abc: &str) -> Example {
        Example::of_tune(&read_book(abc).remove(0).unwrap()).unwrap()
    }

    #[test]
    fn duplicates_are_found_in_any_key_and_octave() {
        let tune = "GABc dedB|dedB dedB|c2ec B2dB|A2F2 G4|gabc' d'e'd'b|agfe dcBA|G2BG A2cA|B2dB c2ec|";
        let up = "ABcd efec|efec efec|d2fd c2ec|B2^G2 A4|abc'd' e'^f'e'c'|bagf edcB|A2cA B2dB|c2ec d2^fd|";
        let other = "c2 G2 E2 C2|D2F2 A2c2|B2G2 D2B,2|C2E2 G2c2|e2c2 A2F2|G2B2 d2f2|e2d2 c2B2|c4 C4|";
        let books = [
            format!("X:1\nM:4/4\nL:1/8\nK:G\n{tune}\n"),
            format!("X:1\nM:4/4\nL:1/8\nK:A\n{up}\n"),
            format!("X:1\nM:4/4\nL:1/8\nK:C\n{other}\n"),
        ];
        let examples: Vec<Example> = books.iter().map(|book| example(book)).collect();
        let kin = kinship(&examples);
        assert_eq!(kin.len(), 1, "{kin:?}");
        assert!(kin[0].0 == 0 && kin[0].1 == 1 && kin[0].2 > 0.5, "{kin:?}");
    }

    #[test]
    fn an_empty_folder_says_where_to_get_tunes() {
        let folder = std::env::temp_dir().join(format!("lilt-corpus-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let message = Corpus::read(&folder).unwrap_err().to_string();
        let expected =
            "no .abc file with usable tunes here; models/README.md says where to get the tune books";
        assert_eq!(message, format!("{}: {expected}", folder.display()));
    }
}
