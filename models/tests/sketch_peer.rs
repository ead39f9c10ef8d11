//! What `@magenta/sketch` 0.2.0 says with released decoders, and what we say with them.
//!
//! `sketch_peer.txt` holds what it says (pens, weights, means, deviations, correlations, at temperature 1) behind every
//! third of 24 moves with a decoder that is built from a seed, here as there.

use std::path::PathBuf;

use data_encoding::BASE64;
use lilt_models::sketch::mixture::Mixture;
use lilt_models::sketch::moves::{Move, Pen};
use lilt_models::sketch::released::Released;
use lilt_models::sketch::step::{Room, SketchStep};

/// How far a number may lie from theirs.
const NEAR: f32 = 1e-4;
/// Pixels of the moves there to pixels of the data: `pixelFactor`.
const PIXELS: f32 = 2.0;

/// A decoder of so many units and Gaussians whose weights follow from a seed.
fn decoder(hidden: usize, components: usize, seed: u32) -> String {
    let outputs = 3 + 6 * components;
    let shapes = [
        vec![hidden, outputs],
        vec![outputs],
        vec![5, 4 * hidden],
        vec![hidden, 4 * hidden],
        vec![4 * hidden],
    ];
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (((state >> 16) as i32 - 32_768) / 16) as i16
    };
    let mut tensor = |shape: &Vec<usize>| {
        let count: usize = shape.iter().product();
        let bytes: Vec<u8> = (0..count).flat_map(|_| next().to_le_bytes()).collect();
        BASE64.encode(&bytes)
    };
    let tensors: Vec<String> = shapes.iter().map(&mut tensor).collect();
    serde_json::json!([{ "name": "seeded", "scale_factor": 50.0 }, shapes, tensors]).to_string()
}

/// The moves of the recording, in units of a network of this scale.
fn moves(count: i32, scale: f32) -> Vec<Move> {
    let step = |at: i32| {
        let pen = if at % 5 == 4 { Pen::Up } else { Pen::Down };
        let [dx, dy] =
            [(at * 37) % 41 - 20, (at * 53) % 47 - 23].map(|pixels| pixels as f32 * PIXELS / scale);
        Move { dx, dy, pen }
    };
    std::iter::once(Move::START).chain((0..count - 1).map(step)).collect()
}

/// What is said behind each move, in the order of the recording.
fn said(released: Released, count: i32) -> Vec<Vec<f32>> {
    let scale = released.config.scale;
    let step = SketchStep::new(released.config, &released.weights).unwrap();
    let told = step.condition(&[], None);
    let (mut room, mut mixture, mut states) = (Room::default(), Mixture::default(), [step.start()]);
    let mut all = Vec::new();
    for before in moves(count, scale) {
        mixture.read(step.step(&mut room, &[before], &[&told], &mut states), 1.0);
        let mut numbers = mixture.pens.to_vec();
        let components = &mixture.components;
        numbers.extend(components.iter().map(|c| c.weight));
        numbers.extend(components.iter().map(|c| c.mean[0]));
        numbers.extend(components.iter().map(|c| c.mean[1]));
        numbers.extend(components.iter().map(|c| c.deviation[0]));
        numbers.extend(components.iter().map(|c| c.deviation[1]));
        numbers.extend(components.iter().map(|c| c.correlation));
        all.push(numbers);
    }
    all
}

fn read(text: &str) -> Vec<Vec<f32>> {
    text.lines().map(|line| line.split(' ').map(|number| number.parse().unwrap()).collect()).collect()
}

fn farthest(ours: &[f32], theirs: &[f32]) -> f32 {
    assert_eq!(ours.len(), theirs.len());
    ours.iter().zip(theirs).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

#[test]
fn a_seeded_decoder_says_what_it_says_there() {
    let theirs = read(include_str!("sketch_peer.txt"));
    let ours = said(Released::read(decoder(8, 20, 7).as_bytes()).unwrap(), 24);
    assert_eq!(theirs.len(), 8);
    for (theirs, ours) in theirs.iter().zip(ours.iter().skip(2).step_by(3)) {
        assert!(farthest(ours, theirs) < NEAR, "{}", farthest(ours, theirs));
    }
}

#[test]
fn decoders_of_other_sizes_are_read() {
    for (hidden, components) in [(3, 1), (24, 5), (64, 20)] {
        let released = Released::read(decoder(hidden, components, 1).as_bytes()).unwrap();
        assert_eq!((released.config.hidden, released.config.components), (hidden, components));
        let said = said(released, 5);
        assert!(said.iter().flatten().all(|number| number.is_finite()));
        assert_eq!(said[0].len(), 3 + 6 * components);
    }
}

/// The released bird itself, where the shared data lies on this machine: what was recorded of it at move 60.
#[test]
fn the_released_bird_says_what_it_says_there() {
    let Some(folder) = std::env::var_os("LILT_DATA") else {
        eprintln!("left out: LILT_DATA names no folder of data");
        return;
    };
    let path = PathBuf::from(folder).join("sketchrnn-decoders/bird.gen.json.gz");
    let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let ours = said(Released::read(&bytes).unwrap(), 60);
    assert!(farthest(&ours[59], &BIRD) < NEAR, "{}", farthest(&ours[59], &BIRD));
}

/// What `@magenta/sketch` says with `bird.gen.json` behind the 60th move.
#[rustfmt::skip]
const BIRD: [f32; 123] = [
    0.8227521, 0.1772477, 0.0000002, 0.0774555, 0.0125429, 0.0000082, 0.1635185, 0.0090201, 0.1932795,
    0.002084, 0.012095, 0.0176169, 0.1192874, 0.0010871, 0.1400084, 0.0122624, 0.0099818, 0.0006742,
    0.0026873, 0.0773121, 0.1419654, 0.0035812, 0.0035319, -0.8780001, -0.3427974, -0.2033547,
    -0.2098249, -0.2443583, -0.3155195, 0.1564533, -0.2978712, -0.1520658, -0.1431674, -0.0514233,
    -0.6505243, -0.1313444, -0.0597519, 0.6118519, -0.9021595, -0.1255661, -0.4250678, -0.0960813,
    -0.2047606, 0.0857304, -0.1696275, 1.8331424, -0.0305359, -0.2362401, -0.0584113, 0.0469116,
    0.0000109, -0.0140515, 0.1798377, -0.0540474, 0.1606723, -0.1462618, 0.1528134, 0.0041472,
    -0.0090784, 0.1965394, -0.0571497, -0.1562606, -0.0939696, 0.6642683, 0.1495886, 0.862233, 0.0432075,
    0.0823072, 0.0671057, 0.0294763, 0.1431102, 0.0314293, 0.1128535, 0.0263201, 0.232208, 0.041966,
    0.0498192, 1.1868724, 0.4510434, 0.2206889, 0.1149022, 0.0884834, 0.0579885, 0.6158152, 0.1846514,
    0.4460266, 0.0309945, 0.0565114, 0.051715, 0.122544, 0.0000258, 0.0739436, 0.1483324, 0.027318,
    0.2170288, 0.0351442, 0.0339395, 0.8532861, 0.0658584, 0.2500975, 0.0911794, 0.0271741, 0.1140727,
    0.1213626, 0.13078, 0.5176927, 0.5352978, 0.3924551, 0.6449942, -0.2226004, -0.0048733, -0.1864669,
    -0.075423, 0.0936869, 0.2668202, 0.6098573, 0.1024707, 0.0379073, -0.4077666, 0.1490317, 0.6495954,
    0.0054246, -0.1301879,
];
