//! The picture as a whole: a golden SVG, pixels of the PNG, and any frame at all.

use lilt_canvas::{
    CodeView, Colour, CopyView, Frame, LayerView, NoteView, Rung, Scene, Shape, Show, SlotView, SoundView,
    StrokeView, ToneView, Zone, png, scene, svg,
};
use lilt_score::Blend;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use resvg::tiny_skia::Pixmap;
use serde_json::Value;

/// A performance in full swing; its JSON is as a host writes it.
fn performance() -> Frame {
    Frame::from_line(include_str!("golden/performance.json").trim_end()).expect("the golden frame")
}

/// The SVG of a frame is the same on every machine. When the design changes on
/// purpose, `LILT_BLESS=1 cargo test --workspace --test picture` keeps the new picture; look at it:
/// `cargo run -p lilt-canvas --example picture FILE < runtime/canvas/tests/golden/performance.json`
#[test]
fn the_picture_of_a_performance_is_the_golden_one() {
    let text = svg(&scene(&performance(), 1280, 720));
    if std::env::var_os("LILT_BLESS").is_some() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/performance.svg");
        std::fs::write(path, &text).expect("written");
        return;
    }
    let golden = include_str!("golden/performance.svg");
    for (number, (line, want)) in text.lines().zip(golden.lines()).enumerate() {
        assert_eq!(line, want, "line {}", number + 1);
    }
    assert_eq!(text.len(), golden.len());
}

#[test]
fn the_image_shows_the_playhead_the_notes_and_the_drawing() {
    let picture = scene(&performance(), 1280, 720);
    let bytes = png(&picture).expect("a picture of the usual size");
    let image = Pixmap::decode_png(&bytes).expect("it was encoded above");
    let seen = |x: f64, y: f64| {
        let pixel = image.pixel(x as u32, y as u32).expect("inside the picture").demultiply();
        (pixel.red(), pixel.green(), pixel.blue())
    };
    let rgb = |colour: Colour| (colour.red, colour.green, colour.blue);

    let playhead = picture
        .shapes
        .iter()
        .find_map(|shape| match shape {
            Shape::Rect { area, colour, .. } if *colour == Colour::PLAYHEAD && area.height > 300.0 => {
                Some(*area)
            }
            _ => None,
        })
        .expect("the playhead is drawn");
    for part in [0.2, 0.5, 0.9] {
        let y = playhead.y + part * playhead.height;
        assert_eq!(seen(playhead.x + playhead.width / 2.0, y), rgb(Colour::PLAYHEAD));
    }

    let lead = Colour::slot(0);
    let notes = picture.shapes.iter().filter_map(|shape| match shape {
        Shape::Rect { area, colour, .. } if *colour == lead && area.height < 16.0 => Some(*area),
        _ => None,
    });
    let mut count = 0;
    for note in notes {
        assert_eq!(seen(note.x + note.width / 2.0, note.y + note.height / 2.0), rgb(lead));
        count += 1;
    }
    assert!(count >= 5, "{count} bright notes of the lead");

    // The tip of the pen, which lies over all else.
    let inked = picture.shapes.iter().rev().find_map(|shape| match shape {
        Shape::Pen { points, colour, .. } => Some((points[0], *colour)),
        _ => None,
    });
    let ([x, y, _], ink) = inked.expect("a stroke is drawn");
    assert_eq!(seen(x, y), rgb(ink));
}

/// How much the channels of a pixel may differ between the two ways, and how many pixels may differ more: they
/// round the edges of lines otherwise.
const TOLERANCE: (u8, f64) = (26, 0.01);

#[test]
fn the_svg_and_the_image_are_the_same_picture() {
    let whole = performance();
    let stage = |blend| {
        let copy = |turned: bool| CopyView {
            matrix: if turned { [0.0, 1.0, -1.0, 0.0, 1.0, 0.0] } else { CopyView::default().matrix },
            colour: 0x4fd1ff,
            opacity: 0.8,
            glow: 0.6,
            ..CopyView::default()
        };
        let drawn = whole.layers[0].strokes.clone();
        let layers = vec![
            LayerView { strokes: drawn.clone(), copies: vec![copy(true)], ..LayerView::default() },
            LayerView { blend, strokes: drawn, copies: vec![copy(false)] },
        ];
        Frame { show: Show::Stage, background: Some(0x203050), layers, ..whole.clone() }
    };
    let tone = |index: i32| (index as f32 / 40.0).sin() * 0.6;
    let samples: Vec<f32> = (0..4_096).map(tone).collect();
    let heard = |show, sound| Frame { show, sound: Some(sound), ..stage(Blend::Normal) };
    let sounds = [
        heard(Show::Scope, SoundView::wave(&samples)),
        heard(Show::Spectrum, SoundView::spectrum(&samples, 48_000.0)),
    ];
    let frames = Blend::ALL.map(|(_, blend)| stage(blend)).into_iter().chain(sounds).chain([whole.clone()]);
    for frame in frames {
        let picture = scene(&frame, 640, 360);
        let tree =
            resvg::usvg::Tree::from_str(&svg(&picture), &resvg::usvg::Options::default()).expect("an SVG");
        let mut drawn = Pixmap::new(640, 360).expect("a small picture");
        resvg::render(&tree, resvg::tiny_skia::Transform::identity(), &mut drawn.as_mut());
        let image = Pixmap::decode_png(&png(&picture).expect("an image")).expect("it was encoded above");
        let differ = |(a, b): (&[u8], &[u8])| a.iter().zip(b).any(|(a, b)| a.abs_diff(*b) > TOLERANCE.0);
        let pixels = drawn.data().chunks(4).zip(image.data().chunks(4));
        let share = pixels.filter(|pair| differ(*pair)).count() as f64 / (640.0 * 360.0);
        assert!(
            share < TOLERANCE.1,
            "{share} of the pixels differ, {:?}",
            frame.layers.last().map(|l| l.blend)
        );
    }
}

#[test]
fn a_surprising_note_looks_different_from_an_expected_one() {
    let looks = |surprise| {
        let (tone, zone) = (ToneView::Pitch(60.0), Zone::Played);
        let notes = vec![NoteView { start: 2.0, duration: 1.0, tone, velocity: 1.0, zone, surprise }];
        let slot = SlotView { name: "lead".to_owned(), notes, ..SlotView::default() };
        svg(&scene(&Frame { beat: 4.0, slots: vec![slot], ..Frame::default() }, 640, 360))
    };
    let red = "#f0222e";
    assert_eq!(looks(Some(0.0)), looks(None));
    assert!(!looks(Some(2.0)).contains(red) && looks(Some(2.0)) != looks(None));
    assert!(looks(Some(9.0)) != looks(Some(6.0)) && looks(Some(f64::INFINITY)).contains(red));
}

#[test]
fn the_three_zones_look_different() {
    let looks = |zone: Zone| {
        let tone = ToneView::Pitch(60.0);
        let notes = vec![NoteView { start: 2.0, duration: 1.0, tone, velocity: 1.0, zone, surprise: None }];
        let slot = SlotView { name: "lead".to_owned(), notes, ..SlotView::default() };
        svg(&scene(&Frame { slots: vec![slot], ..Frame::default() }, 640, 360))
    };
    let [played, committed, tentative] = [Zone::Played, Zone::Committed, Zone::Tentative].map(looks);
    assert!(played != committed && committed != tentative && played != tentative);
}

/// Numbers as a broken host might send them.
fn any_number() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => -8.0..40.0f64,
        1 => any::<f64>(),
        1 => prop::sample::select(vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.0, 1e300, 1e-300]),
    ]
}

fn any_note() -> impl Strategy<Value = NoteView> {
    let tone = prop_oneof![
        (-10.0..140.0f64).prop_map(ToneView::Pitch),
        any_number().prop_map(ToneView::Pitch),
        prop::sample::select(vec!["bd", "sd", "", "a long name of a drum"])
            .prop_map(|name| ToneView::Drum(name.to_owned())),
    ];
    let zone = prop::sample::select(vec![Zone::Played, Zone::Committed, Zone::Tentative]);
    let numbers = (any_number(), any_number(), any_number(), option::of(any_number()));
    (numbers, tone, zone).prop_map(|((start, duration, velocity, surprise), tone, zone)| NoteView {
        start,
        duration,
        tone,
        velocity,
        zone,
        surprise,
    })
}

fn any_slot() -> impl Strategy<Value = SlotView> {
    let rung = prop::sample::select(vec![Rung::Fresh, Rung::Stale, Rung::Loop, Rung::Rest]);
    (
        (".*", rung, option::of(".*"), option::of(any_number())),
        (any::<bool>(), any::<bool>(), any::<usize>(), vec(any_note(), 0..24)),
    )
        .prop_map(|((name, rung, model, ess), (silent, drawing, colour, notes))| SlotView {
            name,
            rung,
            model,
            ess,
            silent,
            drawing,
            colour,
            notes,
        })
}

fn any_layer() -> impl Strategy<Value = LayerView> {
    let stroke = (vec([any_number(), any_number(), any_number()], 0..12), any_number(), any::<bool>())
        .prop_map(|(points, opacity, wet)| StrokeView { points, opacity, wet });
    let matrix = prop::array::uniform6(any_number());
    let copy = (matrix, any::<u32>(), any_number(), any_number(), any_number());
    let copy = copy.prop_map(|(matrix, colour, opacity, width, glow)| CopyView {
        matrix,
        colour,
        opacity,
        width,
        glow,
    });
    let blend = prop::sample::select(Blend::ALL.map(|(_, blend)| blend).to_vec());
    (blend, vec(stroke, 0..6), vec(copy, 0..5)).prop_map(|(blend, strokes, copies)| LayerView {
        blend,
        strokes,
        copies,
    })
}

fn any_code() -> impl Strategy<Value = CodeView> {
    (
        "[ -~\\n\u{e4}]{0,400}",
        vec((any::<u32>(), 0..400u32).prop_map(|(from, to)| [from, to]), 0..4),
        option::of(any::<u32>()),
    )
        .prop_map(|(text, lit, wrong)| CodeView { text, lit, wrong })
}

fn any_frame() -> impl Strategy<Value = Frame> {
    let show = prop::sample::select(vec![
        Show::Plan,
        Show::Stage,
        Show::Code,
        Show::Scope,
        Show::Spectrum,
        Show::Tilt,
    ]);
    let sound = (vec(any::<f32>(), 0..600), vec(any::<f32>(), 0..120));
    let sound = sound.prop_map(|(wave, spectrum)| SoundView { wave, spectrum });
    (
        (".*", any_number(), any_number(), any_number(), any::<u64>()),
        (any_number(), any_number(), vec(any_slot(), 0..40), option::of(".*")),
        (show, option::of(any::<u32>()), vec(any_layer(), 0..5), option::of(any_code()), option::of(sound)),
    )
        .prop_map(|(time, what, drawn)| {
            let (title, beat, beats_per_bar, bpm, generation) = time;
            let (before, after, slots, diagnostic) = what;
            let (show, background, layers, code, sound) = drawn;
            let plain =
                Frame { title, beat, beats_per_bar, bpm, generation, before, after, ..Frame::default() };
            Frame { slots, diagnostic, show, background, layers, code, sound, ..plain }
        })
}

/// How far outside of its picture the middle of a pen may pass, in sides of the picture.
const OUTSIDE: f64 = 2.5;

/// Fails unless every shape is finite and inside the picture.
fn check_inside(picture: &Scene) -> Result<(), TestCaseError> {
    for shape in &picture.shapes {
        if let Shape::Pen { points, .. } = shape {
            let far = OUTSIDE * picture.width.max(picture.height) + 4.0;
            let near = |point: &[f64; 3]| point.iter().all(|number| number.abs() <= far) && point[2] > 0.0;
            prop_assert!(!points.is_empty() && points.iter().all(near), "{shape:?} is far outside");
            continue;
        }
        let area = shape.bounds();
        let inside = area.x >= -1e-6
            && area.y >= -1e-6
            && area.width > 0.0
            && area.height > 0.0
            && area.right() <= picture.width + 1e-6
            && area.bottom() <= picture.height + 1e-6;
        prop_assert!(inside, "{shape:?} is not inside {} by {}", picture.width, picture.height);
        let sized = match shape {
            Shape::Rect { radius, .. } => *radius >= 0.0 && radius.is_finite(),
            Shape::Line { width, .. } => *width > 0.0 && width.is_finite(),
            Shape::Pen { .. } => true,
            Shape::Text { size, weight, .. } => *size > 0.0 && *weight > 0.0,
        };
        prop_assert!(sized, "{shape:?}");
    }
    Ok(())
}

/// Equal but for the last digits of numbers, which serde_json reads in haste.
fn alike(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => match (a.as_f64(), b.as_f64()) {
            (Some(a), Some(b)) => (a - b).abs() <= 1e-12 * a.abs().max(f64::MIN_POSITIVE),
            _ => a == b,
        },
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| alike(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| alike(a, b)))
        }
        (a, b) => a == b,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn any_frame_has_a_picture(frame in any_frame(), width in 0u32..2600, height in 0u32..1500) {
        let picture = scene(&frame, width, height);
        check_inside(&picture)?;
    }

    #[test]
    fn any_frame_goes_through_the_pipe(frame in any_frame()) {
        let line = frame.to_line();
        prop_assert!(!line.contains('\n'));
        let read = Frame::from_line(&line).map_err(|error| TestCaseError::fail(error.to_string()))?;
        let (read, sent) = (serde_json::to_value(read), serde_json::to_value(frame.bounded()));
        prop_assert!(alike(&read.expect("plain data"), &sent.expect("plain data")));
    }

    #[test]
    fn any_picture_becomes_an_image(frame in any_frame(), width in 1u32..200, height in 1u32..120) {
        let bytes = png(&scene(&frame, width, height))
            .map_err(|error| TestCaseError::fail(error.to_string()))?;
        let image = Pixmap::decode_png(&bytes).map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert_eq!((image.width(), image.height()), (width, height));
    }
}
