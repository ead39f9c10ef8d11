//! A SoundFont for tests, made of its bytes.

fn chunk(id: &[u8; 4], content: &[u8]) -> Vec<u8> {
    [id.as_slice(), &(content.len() as u32).to_le_bytes(), content].concat()
}

fn list(id: &[u8; 4], chunks: &[Vec<u8>]) -> Vec<u8> {
    chunk(b"LIST", &[id.to_vec(), chunks.concat()].concat())
}

fn named(name: &str, length: usize) -> Vec<u8> {
    let mut bytes = name.as_bytes().to_vec();
    bytes.resize(length, 0);
    bytes
}

fn words(words: &[u16]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// A SoundFont (SoundFont technical specification 2.04, section 7) in which each preset plays the one
/// instrument of the one sample: `wave` at middle C, 48 kHz, of which the frames `round` go round.
pub fn sound_font(presets: &[(&str, u16, u16)], wave: &[i16], round: Option<(u32, u32)>) -> Vec<u8> {
    sound_font_that_says(presets, wave, round, &[])
}

/// As [`sound_font`], with generators of the instrument: numbers of section 8.1.2 and what is said of them.
pub fn sound_font_that_says(
    presets: &[(&str, u16, u16)],
    wave: &[i16],
    round: Option<(u32, u32)>,
    said: &[(u16, i16)],
) -> Vec<u8> {
    let count = presets.len() as u16;
    let info = list(
        b"INFO",
        &[chunk(b"ifil", &words(&[2, 1])), chunk(b"isng", b"EMU8000\0"), chunk(b"INAM", b"Test\0\0")],
    );
    // Behind a sample stand 46 frames of silence at least.
    let samples: Vec<u16> = wave.iter().map(|x| *x as u16).chain([0; 100]).collect();
    let sdta = list(b"sdta", &[chunk(b"smpl", &words(&samples))]);
    let phdr: Vec<u8> = presets
        .iter()
        .zip(0..)
        .map(|((name, bank, program), bag)| (*name, *bank, *program, bag))
        .chain([("EOP", 0, 0, count)])
        .flat_map(|(name, bank, program, bag)| {
            [named(name, 20), words(&[program, bank, bag]), vec![0; 12]].concat()
        })
        .collect();
    let pbag: Vec<u8> = (0..=count).flat_map(|i| words(&[i, 0])).collect();
    // Generator 41 is the instrument, 53 the sample.
    let pgen: Vec<u8> = (0..count).flat_map(|_| words(&[41, 0])).chain(words(&[0, 0])).collect();
    let inst = [named("Sine", 20), words(&[0]), named("EOI", 20), words(&[1])].concat();
    // Generator 54 says whether it goes round.
    let ibag = words(&[0, 0, 2 + said.len() as u16, 0]);
    let said: Vec<u16> = said.iter().flat_map(|(generator, amount)| [*generator, *amount as u16]).collect();
    let igen = [words(&said), words(&[54, u16::from(round.is_some()), 53, 0, 0, 0])].concat();
    let (first, end) = round.unwrap_or((8, wave.len() as u32 - 8));
    let header = |name: &str, ends: [u32; 5]| {
        let ends: Vec<u8> = ends.iter().flat_map(|end| end.to_le_bytes()).collect();
        [named(name, 20), ends, vec![60, 0], words(&[0, 1])].concat()
    };
    let shdr = [header("Sine", [0, wave.len() as u32, first, end, 48_000]), header("EOS", [0; 5])].concat();
    let pdta = list(
        b"pdta",
        &[
            chunk(b"phdr", &phdr),
            chunk(b"pbag", &pbag),
            chunk(b"pmod", &[0; 10]),
            chunk(b"pgen", &pgen),
            chunk(b"inst", &inst),
            chunk(b"ibag", &ibag),
            chunk(b"imod", &[0; 10]),
            chunk(b"igen", &igen),
            chunk(b"shdr", &shdr),
        ],
    );
    chunk(b"RIFF", &[b"sfbk".to_vec(), info, sdta, pdta].concat())
}
