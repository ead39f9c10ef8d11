//! What is seen of events that were sent.

use lilt_score::{Beat, Point};

use super::*;

const SLOT: SlotId = SlotId(3);

fn stroke(places: &[[f32; 2]]) -> Arc<Stroke> {
    let point = |[x, y]: &[f32; 2]| Point { x: *x, y: *y, width: 0.01, time: 0.0 };
    Arc::new(Stroke { points: places.iter().map(point).collect() })
}

/// An event at a beat, at a second each.
fn event(beat: Beat, action: Action) -> Timed {
    Timed { seconds: beat.to_f64(), beat, slot: SLOT, action }
}

fn drawn(beat: i64, duration: i64, first: bool) -> Timed {
    let stroke = stroke(&[[0.0, 0.5], [1.0, 0.5]]);
    let action = Action::Stroke { stroke, duration: Beat::whole(duration), first, begun: Beat::ZERO };
    event(Beat::whole(beat), action)
}

fn look(beat: Beat, look: Control, value: f64) -> Timed {
    event(beat, Action::Look { look, value })
}

fn easel(events: &[Timed]) -> Easel {
    let mut easel = Easel::default();
    events.iter().for_each(|event| easel.take(event));
    easel
}

/// The right ends of the strokes that are seen, and how much is left of each.
fn seen(easel: &Easel, beat: f64) -> Vec<(f64, f64)> {
    let layers = easel.layers([(SLOT, 0)], beat);
    let strokes = layers.iter().flat_map(|layer| &layer.strokes);
    let row = |stroke: &StrokeView| {
        let end = stroke.points.last().expect("it has points")[0];
        ((end * 1e3).round() / 1e3, (stroke.opacity * 1e3).round() / 1e3)
    };
    strokes.map(row).collect()
}

#[test]
fn a_drawing_grows_stays_and_is_replaced() {
    let easel = easel(&[drawn(0, 2, true), drawn(2, 2, false), drawn(4, 2, true)]);
    assert_eq!(seen(&easel, -0.5), []);
    assert_eq!(seen(&easel, 1.0), [(0.5, 1.0)]);
    let two = seen(&easel, 3.0);
    assert_eq!((two[0].0, two[1]), (1.0, (0.5, 1.0)));
    assert!(two[0].1 < 1.0 && two[0].1 > DRY);
    assert_eq!(seen(&easel, 4.0), [(0.0, 1.0)], "the next one takes its place");
    // Any moment can be asked for, also one that is past.
    assert_eq!(seen(&easel, 1.0), [(0.5, 1.0)]);
}

#[test]
fn strokes_are_held_and_fade() {
    let zero = Beat::ZERO;
    let looks = [look(zero, Control::LOOK_HOLD, 1.0), look(zero, Control::LOOK_FADE, 2.0)];
    let easel = easel(&[&looks[..], &[drawn(0, 2, true), drawn(6, 2, true)]].concat());
    let left = |beat: f64, age: f64| {
        let dry = DRY + (1.0 - DRY) * DRYING / (DRYING + age);
        seen(&easel, beat).first().map(|(_, left)| (left / dry * 100.0).round() / 100.0)
    };
    assert_eq!(left(3.0, 1.0), Some(1.0));
    assert_eq!(left(4.0, 2.0), Some(0.5));
    assert_eq!(left(5.0, 3.0), None);
}

#[test]
fn what_is_replaced_fades_behind_what_replaces_it() {
    let easel = easel(&[look(Beat::ZERO, Control::LOOK_FADE, 2.0), drawn(0, 1, true), drawn(4, 2, true)]);
    let both = seen(&easel, 5.0);
    assert_eq!(both.len(), 2);
    assert!(both[0].1 < 0.5 && both[1] == (0.5, 1.0), "{both:?}");
    assert_eq!(seen(&easel, 6.0).len(), 1);
}

#[test]
fn a_slot_that_enters_in_the_middle_shows_what_was_drawn() {
    let stroke = stroke(&[[0.0, 0.5], [1.0, 0.5]]);
    let begun = Beat::whole(3);
    let late = Action::Stroke { stroke, duration: Beat::whole(4), first: true, begun };
    let easel = easel(&[event(Beat::whole(3), late)]);
    assert_eq!((seen(&easel, 2.9), seen(&easel, 3.0)), (vec![], vec![(0.75, 1.0)]));
}

#[test]
fn looks_glide_to_their_next_value_and_counts_jump() {
    let looks = [
        look(Beat::ZERO, Control::LOOK_SIZE, 2.0),
        look(Beat::ZERO, Control::LOOK_RING, 3.0),
        look(Beat::ONE, Control::LOOK_SIZE, 4.0),
        look(Beat::ONE, Control::LOOK_RING, 5.0),
    ];
    let easel = easel(&[&looks[..], &[drawn(0, 1, true)]].concat());
    let copies = |beat: f64| {
        let layers = easel.layers([(SLOT, 0)], beat);
        (layers[0].copies.len(), layers[0].copies[0].width)
    };
    assert_eq!(copies(0.5), (3, 2.0));
    assert_eq!(copies(1.0 - GLIDE / 2.0), (3, 3.0));
    assert_eq!(copies(1.0), (5, 4.0));
}

#[test]
fn what_moves_leaves_a_trail() {
    let turning = |beat: i64| look(Beat::new(beat, 4), Control::LOOK_ROTATE, beat as f64 / 16.0);
    let mut events = vec![look(Beat::ZERO, Control::LOOK_TRAIL, 1.0), drawn(0, 1, true)];
    events.extend((0..12).map(turning));
    let moving = easel(&events).layers([(SLOT, 0)], 2.0);
    let opacities: Vec<f64> = moving[0].copies.iter().map(|copy| copy.opacity).collect();
    assert!(opacities.len() > 3 && opacities.is_sorted(), "{opacities:?}");
    assert_eq!(opacities.last(), Some(&1.0));
    let still = easel(&events[..2]).layers([(SLOT, 0)], 2.0);
    assert_eq!(still[0].copies.len(), 1);
}

#[test]
fn what_is_taken_back_is_not_seen_and_what_was_there_is() {
    let mut easel =
        easel(&[drawn(0, 1, true), look(Beat::whole(4), Control::LOOK_SIZE, 3.0), drawn(4, 1, true)]);
    easel.retract(Retraction { slot: SLOT, from: 4.0 });
    let layers = easel.layers([(SLOT, 0)], 4.5);
    assert_eq!((seen(&easel, 4.5).len(), layers[0].copies[0].width), (1, 1.0));
    assert!(layers[0].strokes[0].opacity < 1.0, "it is the old one");
}

#[test]
fn a_slot_that_left_the_text_shows_nothing_when_it_comes_back() {
    let gone = event(Beat::whole(2), Action::FadeOut { seconds: 1.0 });
    assert_eq!(seen(&easel(&[drawn(0, 1, true), gone]), 3.0), []);
}

#[test]
fn layers_lie_in_order_and_slots_have_their_colours() {
    let mut easel = easel(&[drawn(0, 1, true)]);
    let other = |action| Timed { slot: SlotId(4), ..event(Beat::ZERO, action) };
    let Action::Stroke { .. } = drawn(0, 1, true).action else { panic!("a stroke") };
    easel.take(&other(drawn(0, 1, true).action));
    easel.take(&other(Action::Look { look: Control::LOOK_LAYER, value: -1.0 }));
    easel.take(&other(Action::Look { look: Control::LOOK_BLEND, value: 1.0 }));
    let layers = easel.layers([(SLOT, 0), (SlotId(4), 1)], 1.0);
    let rows: Vec<(Blend, u32)> = layers.iter().map(|layer| (layer.blend, layer.copies[0].colour)).collect();
    let own = |index: usize| PALETTE[index].1.number();
    assert_eq!(rows, [(Blend::Add, own(1)), (Blend::Normal, own(0))]);
}

#[test]
fn hours_of_drawing_are_not_remembered() {
    let mut easel = Easel::default();
    for bar in 0..10_000 {
        easel.take(&drawn(4 * bar, 2, true));
        for step in 0..4 {
            easel.take(&look(Beat::whole(4 * bar + step), Control::LOOK_HUE, step as f64));
        }
    }
    let board = &easel.boards[&SLOT];
    assert!(
        board.strokes.len() < 64 && board.looks.len() < 200,
        "{} {}",
        board.strokes.len(),
        board.looks.len()
    );
    assert_eq!(seen(&easel, 39_998.0).len(), 1);
}
