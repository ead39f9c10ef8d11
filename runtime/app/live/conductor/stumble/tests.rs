//! A conductor that is broken by an order, after an author that writes.

use super::*;
use crate::live::stage::Stage;

const GOES_ON: &str = "Lilt itself stumbled while it played (runtime/app/live/conductor.rs:: a mistake of ours): what \
                       sounded is cut short, and the music goes on";
const SILENT: &str = "Lilt itself stumbled while it played (runtime/app/live/conductor.rs:: a mistake of ours): all is \
                      silent; change the script and save it, and it plays again";

fn break_it(stage: &Stage) {
    stage.orders.send(Order::Break("a mistake of ours")).expect("the conductor listens");
}

#[test]
fn a_conductor_that_breaks_begins_anew_in_the_same_beat() {
    let mut stage = Stage::new();
    let before = stage.anchor.expect("it plays");
    stage.pass(1.0);
    break_it(&stage);
    assert_eq!(stage.stumble(), GOES_ON);
    // The stage sees to it that the anchor never leaves and the playhead never goes back.
    stage.pass(12.0);
    assert_eq!(stage.anchor, Some(before), "the same music, and not another beginning of it");
    stage.type_in("play(\"more\", \"g4\")");
    assert_eq!(stage.printed(), "n\t2");
    stage.see("the other slot", |_, sight| plays(sight, "more"));
}

#[test]
fn what_was_on_its_way_to_a_conductor_that_broke_comes_in_all_the_same() {
    let mut stage = Stage::new();
    // Accepted, and lost again: the conductor forgets what waits for its boundary.
    stage.type_in("quantum \"phrase\"\nplay(\"more\", \"g4\")");
    stage.see("the generation", |_, sight| matches!(sight, Sight::Entered { .. }));
    break_it(&stage);
    assert_eq!(stage.stumble(), GOES_ON);
    stage.see("the other slot", |_, sight| plays(sight, "more"));
}

#[test]
fn what_breaks_twice_falls_silent_until_somebody_saves_a_text() {
    let mut stage = Stage::new();
    stage.may_stop = true;
    for said in [GOES_ON, SILENT] {
        break_it(&stage);
        assert_eq!(stage.stumble(), said);
    }
    stage.see("the complaint", |_, sight| match sight {
        Sight::Script(status) => {
            status.last_error.as_ref().is_some_and(|error| error.message.contains("twice"))
        }
        _ => false,
    });
    stage.see("silence", |stage, _| stage.anchor.is_none());
    // It listens still, and breaks still; what is told over and over is told less often than it happens.
    break_it(&stage);
    let silences = stage.mailbox.silence();
    stage.orders.send(Order::Silence(silences)).expect("the conductor listens");
    stage.save();
    assert_eq!(stage.printed(), "n\t2");
    stage.see("the anchor", |stage, _| stage.anchor.is_some());
    stage.may_stop = false;
    stage.pass(8.0);
}

#[test]
fn only_what_breaks_at_one_place_again_soon_falls_silent() {
    let mut stumbles = Stumbles::default();
    let begin = Instant::now();
    let at = |milliseconds| begin + Duration::from_millis(milliseconds);
    let table = [
        (0, "a.rs:1: 3 of 4", Anew::Again, true),
        (100, "b.rs:7: no reason", Anew::Again, true),
        (9_000, "a.rs:1: 2 of 4", Anew::Silence, true),
        // A storm is told once a second.
        (9_005, "a.rs:1: 2 of 4", Anew::Silence, false),
        (10_005, "a.rs:1: 2 of 4", Anew::Silence, true),
        (10_100, "b.rs:7: no reason", Anew::Again, true),
        (20_005, "a.rs:1: 2 of 4", Anew::Again, true),
    ];
    for (milliseconds, place, anew, tells) in table {
        assert_eq!(stumbles.take_in(place, at(milliseconds)), (anew, tells), "{milliseconds} ms");
    }
}

fn plays(sight: &Sight, name: &str) -> bool {
    matches!(sight, Sight::Glimpse(glimpse) if glimpse.slots.iter().any(|slot| slot.name == name))
}
