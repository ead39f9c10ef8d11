//! An author whose folder breaks it, before a conductor that plays.

use crate::live::sight::Sight;
use crate::live::stage::Stage;

const ONCE_MORE: &str = "Lilt itself stumbled over the script (runtime/app/live/stage.rs:: a mistake \
                         of ours): the music goes on, and the script is read once more";
const WAITS: &str = "Lilt itself stumbled over the script (runtime/app/live/stage.rs:: a mistake of \
                     ours): the music goes on; change the script and save it again";

#[test]
fn an_author_that_breaks_begins_anew_and_the_music_goes_on() {
    let mut stage = Stage::new();
    let before = stage.anchor.expect("it plays");
    stage.trap.set(1);
    stage.type_in("play(\"more\", \"g4\")");
    assert_eq!(stage.stumble(), ONCE_MORE);
    assert_eq!(stage.printed(), "n\t2", "`state` is kept, as it was before the evaluation that broke");
    stage.plays_anew(before);
}

#[test]
fn an_author_that_breaks_twice_over_a_text_waits_for_another() {
    let mut stage = Stage::new();
    let before = stage.anchor.expect("it plays");
    stage.trap.set(usize::MAX);
    stage.type_in("-- breaks");
    assert_eq!(stage.stumble(), ONCE_MORE);
    assert_eq!(stage.stumble(), WAITS);
    stage.see("the status", |_, sight| match sight {
        Sight::Script(status) => status.last_error.as_ref().is_some_and(|error| error.line == 1),
        _ => false,
    });
    // Four seconds of plan lie ahead; after them the last bar repeats.
    stage.pass(12.0);
    assert_eq!(stage.anchor, Some(before), "what plays is what played");
    stage.trap.set(0);
    stage.mailbox.commit(lilt_sequencer::Entrance::Boundary);
    stage.pass(2.0);
    assert_eq!(stage.anchor, Some(before), "a command alone evaluates nothing");
    stage.type_in("-- whole");
    assert_eq!(stage.printed(), "n\t2");
    stage.plays_anew(before);
}
