//! The shipped weights of `timbre`: they are the card's, fit their network, and play what they should.

mod shipped;

use lilt_inference::TimbreSpace;
use lilt_models::card::Head;
use lilt_models::timbre::decoder::{Decoder, Place, Played};
use lilt_models::timbre::network::Config;
use lilt_models::timbre::space::Space;
use lilt_score::Controlled;
use lilt_synth::{MOMENT, PARTIALS};
use shipped::{checked, folder};

/// Largest weights file that the repository takes, in bytes.
const LARGEST: u64 = 15_000_000;

fn card() -> toml::Table {
    std::fs::read_to_string(folder().join("timbre.toml")).unwrap().parse().unwrap()
}

const NOTE: Played = Played { pitch: 60.0, velocity: 0.8, onset: 0.0, seconds: 2.0 };

fn power(controlled: &Controlled, seconds: f32) -> f32 {
    let at = (250.0 * seconds) as usize * MOMENT;
    let (partials, rest) = controlled.moments[at..at + MOMENT].split_at(PARTIALS);
    let noise = &rest[..rest.len() - 1];
    partials.iter().map(|a| 0.5 * a * a).sum::<f32>() + noise.iter().map(|a| a * a).sum::<f32>()
}

/// The mean of the partials' numbers, weighed by their powers.
fn centre(controlled: &Controlled, seconds: f32) -> f32 {
    let at = (250.0 * seconds) as usize * MOMENT;
    let powers: Vec<f32> = controlled.moments[at..at + PARTIALS].iter().map(|a| a * a).collect();
    let weighed: f32 = powers.iter().enumerate().map(|(i, power)| (i + 1) as f32 * power).sum();
    weighed / powers.iter().sum::<f32>()
}

#[test]
fn the_card_tells_the_truth() {
    let head = Head::<Config>::read(&folder().join("timbre.toml")).unwrap();
    checked("timbre", &head.weights.sha256, &head.network.tensors(), LARGEST);
    let trained: usize =
        head.network.trained().iter().map(|(_, shape)| shape.iter().product::<usize>()).sum();
    assert_eq!(card()["parameters"].as_integer(), Some(trained as i64));
    assert!(head.network.names.len() >= 128);
    // By chance it would be one in 137.
    assert!(card()["losses"]["found"].as_float().unwrap() > 0.7);
}

#[test]
fn the_golden_output_is_what_it_says() {
    let decoder = Decoder::load(&folder()).unwrap();
    let played = Played { onset: 0.5, seconds: 0.2, ..NOTE };
    let made = decoder.decode(decoder.place("trombone").unwrap(), &played);
    let golden: Vec<f64> = card()["golden"]["trombone"].clone().try_into().unwrap();
    for (amplitude, golden) in made.moments.iter().zip(&golden) {
        let decibels = 20.0 * f64::from(*amplitude).max(1e-5).log10();
        assert!((decibels - golden).abs() < 0.02, "{decibels} for {golden}");
    }
}

#[test]
fn sounds_are_what_their_names_say() {
    let decoder = Decoder::load(&folder()).unwrap();
    let made = |name: &str, played: Played| decoder.decode(decoder.place(name).unwrap(), &played);
    // A trombone has more overtones than a flute; a hard stroke is louder and brighter than a soft one.
    let [trombone, flute] = ["trombone", "flute"].map(|name| made(name, NOTE));
    assert!(centre(&trombone, 0.5) > 1.2 * centre(&flute, 0.5));
    let soft = made("trombone", Played { velocity: 0.35, ..NOTE });
    assert!(power(&trombone, 0.5) > 2.0 * power(&soft, 0.5));
    // What is struck rings out, what is blown is held.
    let [piano, organ] = ["acoustic grand piano", "church organ"].map(|name| made(name, NOTE));
    assert!(power(&piano, 1.8) < 0.25 * power(&piano, 0.1));
    assert!(power(&organ, 1.8) > 0.4 * power(&organ, 0.3) && organ.round.is_some());
    // What comes after the first 0.4 s of a note begins as the note is then.
    let tail = made("bell", Played { onset: 0.4, ..NOTE });
    assert!((power(&tail, 0.0) / power(&made("bell", NOTE), 0.4) - 1.0).abs() < 0.01);
}

#[test]
fn between_two_sounds_there_is_a_sound_at_the_same_pitch() {
    let decoder = Decoder::load(&folder()).unwrap();
    let [from, to] = ["trombone", "flute"].map(|name| decoder.place(name).unwrap());
    let centres: Vec<f32> =
        (0..=8).map(|n| centre(&decoder.decode(&from.towards(to, n as f32 / 8.0), &NOTE), 0.5)).collect();
    assert!(centres[0] > centres[4] && centres[4] > centres[8], "{centres:?}");
    let middle = decoder.decode(&from.towards(to, 0.5), &NOTE);
    assert!((middle.ratios[0] - 1.0).abs() < 1e-4, "the first partial is the pitch: {}", middle.ratios[0]);
}

#[test]
fn what_is_no_place_is_said_and_what_is_no_number_is_silent_or_kept_within() {
    let space = Space::load(&folder()).unwrap();
    assert!(space.named("tromboen").unwrap_err().contains("did you mean `trombone`?"));
    assert_eq!(space.named("bell").unwrap(), space.named("Tubular Bells").unwrap());
    assert_eq!(space.drawn(4), space.drawn(4));
    assert_ne!(space.drawn(4), space.drawn(5));
    let decoder = Decoder::load(&folder()).unwrap();
    let wild = Place { at: vec![f32::NAN; 3], elsewhere: vec![f32::INFINITY; PARTIALS] };
    let played = Played { pitch: f32::NAN, velocity: -3.0, onset: f32::INFINITY, seconds: 1e9 };
    let made = decoder.decode(&wild, &played);
    assert!(made.moments.iter().chain(&made.ratios).all(|x| x.is_finite()));
    let loudest = made.moments.iter().copied().fold(0.0f32, f32::max);
    assert!(loudest < 10.0, "{loudest}");
}
