//! Short performances, checked event by event.

use crate::stage::*;
use lilt_score::{Beat, Control, Meter, Pattern, Point, QueryError, Sketch, Stroke};
use lilt_sequencer::*;

fn quarter(base: u8) -> lilt_score::Pattern<lilt_score::Controls> {
    steps(Beat::ONE, Beat::ZERO, Beat::ONE, base)
}

/// A sequencer that plays `generation` and has filled the first `beats` beats.
fn playing(generation: Generation, beats: i64) -> Performance {
    let mut sequencer = Performance::new();
    sequencer.propose(generation, 0.0).expect("a good generation");
    sequencer.fill_to(Beat::whole(beats));
    sequencer
}

fn seconds(beats: i64) -> f64 {
    beats as f64 / 2.0
}

#[test]
fn the_first_generation_starts_at_once_at_beat_zero() {
    let mut sequencer = Performance::new();
    assert!(sequencer.fill(0.8).events.is_empty());
    assert_eq!(sequencer.view().position(0.7).beat, 0.0);
    let lead = slot("lead", 1, steps(Beat::whole(2), Beat::ZERO, Beat::ONE, 60));
    let proposal = sequencer.propose(generation(vec![lead]), 0.75).expect("accepted");
    assert_eq!((proposal.entered.generation, proposal.entered.boundary), (GenerationId(1), Beat::ZERO));
    assert!(
        (proposal.entered.seconds - 0.8).abs() < 1e-12,
        "after what was filled: {}",
        proposal.entered.seconds
    );
    assert_eq!((proposal.entered.changed, proposal.entered.kept), (vec!["lead".to_string()], vec![]));
    let events = sequencer.fill(1.7).events;
    assert_eq!(
        text(&events, &sequencer),
        [
            "0 lead route",
            "0 lead gain 1",
            "0 lead pan 0",
            "0 lead lowpass 20000",
            "0 lead highpass 20",
            "0 lead reverb 0.12",
            "0 lead delay 0",
            "0 lead on c4",
            "1 lead off c4",
        ]
    );
    assert!((events[8].seconds - 1.3).abs() < 1e-12);
}

#[test]
fn a_slot_swaps_at_its_bar_in_phase() {
    let mut sequencer = playing(generation(vec![slot("lead", 1, quarter(60))]), 6);
    let half = steps(Beat::new(3, 2), Beat::ZERO, Beat::new(1, 2), 72);
    let proposal = sequencer.propose(generation(vec![slot("lead", 2, half)]), seconds(5)).expect("accepted");
    assert_eq!((proposal.entered.boundary, proposal.entered.seconds), (Beat::whole(8), 4.0));
    let events = sequencer.fill_to(Beat::whole(11)).events;
    assert_eq!(onsets(&events, &sequencer, "lead"), ["6", "7", "9", "21/2"]);
}

#[test]
fn a_boundary_is_never_inside_what_is_committed() {
    let mut sequencer = playing(generation(vec![slot("lead", 1, quarter(60))]), 9);
    let proposal = sequencer.propose(generation(vec![slot("lead", 2, quarter(72))]), seconds(7));
    assert_eq!(proposal.expect("accepted").entered.boundary, Beat::whole(12));
}

#[test]
fn a_new_proposal_replaces_the_one_that_waits() {
    let mut sequencer = playing(generation(vec![slot("lead", 1, quarter(60))]), 6);
    let drums = slot("drums", 9, quarter(40));
    sequencer.propose(at_tempo(200.0, vec![drums]), seconds(6)).expect("accepted");
    sequencer.propose(generation(vec![slot("lead", 1, quarter(60))]), seconds(6)).expect("accepted");
    let events = sequencer.fill_to(Beat::whole(12)).events;
    assert_eq!(onsets(&events, &sequencer, "lead"), ["6", "7", "8", "9", "10", "11"]);
    assert!(onsets(&events, &sequencer, "drums").is_empty());
    assert_eq!(sequencer.view().tempo_at(20.0), 120.0);
}

#[test]
fn a_quantum_of_a_beat_swaps_within_the_bar() {
    let mut sequencer = playing(generation(vec![slot("lead", 1, quarter(60))]), 6);
    let next = Generation { quantum: Quantum::Beat, ..generation(vec![slot("lead", 2, quarter(72))]) };
    assert_eq!(sequencer.propose(next, 3.01).expect("accepted").entered.boundary, Beat::whole(7));
    let events = sequencer.fill_to(Beat::whole(8)).events;
    assert_eq!(notes(&events, &sequencer), ["6 lead off", "6 lead on c#4", "7 lead off c#4", "7 lead on d5"]);
}

#[test]
fn old_notes_ring_until_the_new_part_strikes() {
    let long = steps(Beat::whole(16), Beat::ZERO, Beat::whole(16), 60);
    let mut sequencer = playing(generation(vec![slot("pad", 1, long)]), 2);
    let off_beat = steps(Beat::whole(4), Beat::whole(1), Beat::ONE, 70);
    sequencer.propose(generation(vec![slot("pad", 2, off_beat)]), 1.0).expect("accepted");
    let events = sequencer.fill_to(Beat::new(11, 2)).events;
    assert_eq!(notes(&events, &sequencer), ["5 pad off", "5 pad on b4"]);
}

#[test]
fn a_note_that_both_parts_hold_is_not_cut() {
    let long = || steps(Beat::whole(16), Beat::ZERO, Beat::whole(16), 60);
    let mut sequencer = playing(generation(vec![slot("pad", 1, long())]), 2);
    let louder = Strip::new().with(Control::GAIN, Pattern::steady(1.5));
    let pad = SlotSpec { strip: louder, ..slot("pad", 2, long()) };
    sequencer.propose(generation(vec![pad]), 1.0).expect("accepted");
    let events = sequencer.fill_to(Beat::whole(17)).events;
    assert_eq!(text(&events, &sequencer), ["4 pad gain 1.5", "16 pad off", "16 pad on c#4"]);
}

#[test]
fn an_unnamed_slot_fades_and_ends() {
    let long = steps(Beat::whole(16), Beat::ZERO, Beat::whole(16), 60);
    let both = vec![slot("pad", 1, long), slot("lead", 2, quarter(60))];
    let mut sequencer = playing(generation(both), 2);
    let proposal = sequencer.propose(generation(vec![slot("lead", 2, quarter(60))]), 1.0).expect("accepted");
    assert_eq!(
        (proposal.entered.stopped, proposal.entered.kept),
        (vec!["pad".to_string()], vec!["lead".to_string()])
    );
    let events = sequencer.fill_to(Beat::whole(20)).events;
    let lines: Vec<String> = text(&events, &sequencer).into_iter().filter(|l| l.contains(" pad ")).collect();
    assert_eq!(lines, ["4 pad fade 0.5", "5 pad off"]);
    assert_eq!(sequencer.view().slots().map(|slot| slot.name).collect::<Vec<_>>(), ["lead"]);
}

#[test]
fn a_slot_that_is_renamed_goes_on() {
    let long = || steps(Beat::whole(16), Beat::ZERO, Beat::whole(16), 60);
    let mut sequencer = playing(generation(vec![slot("pad", 1, long()), stream(2, 7)]), 6);
    let renamed = vec![slot("carpet", 1, long()), SlotSpec { name: "tune".into(), ..stream(2, 7) }];
    let proposal = sequencer.propose(generation(renamed), 3.0).expect("accepted");
    assert_eq!(
        (proposal.entered.kept, proposal.entered.stopped),
        (vec!["carpet".to_string(), "tune".to_string()], vec![])
    );
    let events = sequencer.fill_to(Beat::whole(17)).events;
    assert_eq!(
        struck(&events),
        ["8:2", "12:3", "16:61", "16:4"],
        "no note is cut, and no stream begins anew"
    );
    assert_eq!(sequencer.view().slots().map(|slot| slot.name).collect::<Vec<_>>(), ["carpet", "tune"]);
}

#[test]
fn a_slot_that_returns_keeps_its_number_and_is_routed_again() {
    let lead = || slot("lead", 2, quarter(60));
    let mut sequencer = playing(generation(vec![lead(), slot("bass", 1, quarter(30))]), 2);
    sequencer.propose(generation(vec![lead()]), 1.0).expect("accepted");
    sequencer.fill_to(Beat::whole(9));
    let bass = slot("bass", 1, steps(Beat::whole(8), Beat::ZERO, Beat::ONE, 30));
    sequencer.propose(generation(vec![lead(), bass]), 4.0).expect("accepted");
    let events = sequencer.fill_to(Beat::whole(17)).events;
    let bass: Vec<&Timed> = events.iter().filter(|event| event.slot == SlotId(1)).collect();
    assert!(matches!(bass[0].action, Action::Route { .. }), "{:?}", bass[0]);
    assert_eq!(onsets(&events, &sequencer, "bass"), ["16"]);
}

#[test]
fn silent_slots_keep_their_phase_and_solo_silences_the_rest() {
    let lead = || slot("lead", 1, steps(Beat::whole(3), Beat::ZERO, Beat::ONE, 60));
    let bass = || slot("bass", 2, quarter(30));
    let mut sequencer = playing(generation(vec![lead(), bass()]), 4);
    let silent = SlotSpec { silent: true, ..lead() };
    sequencer.propose(generation(vec![silent, bass()]), seconds(4)).expect("accepted");
    let events = sequencer.fill_to(Beat::whole(8)).events;
    assert_eq!(
        notes(&events, &sequencer)[..2],
        ["4 lead off", "4 bass off"],
        "a silent slot ends what it struck"
    );
    assert!(onsets(&events, &sequencer, "lead").is_empty());
    let solo = SlotSpec { solo: true, ..lead() };
    sequencer.propose(generation(vec![solo, bass()]), seconds(8)).expect("accepted");
    let events = sequencer.fill_to(Beat::whole(16)).events;
    assert_eq!(onsets(&events, &sequencer, "lead"), ["9", "12", "15"]);
    assert!(onsets(&events, &sequencer, "bass").is_empty());
    let audible: Vec<bool> = sequencer.view().slots().map(|slot| slot.audible).collect();
    assert_eq!(audible, [true, false]);
}

#[test]
fn the_tempo_glides_over_one_beat_and_keeps_phase() {
    let mut sequencer = playing(at_tempo(60.0, vec![slot("lead", 1, quarter(60))]), 2);
    sequencer.propose(at_tempo(120.0, vec![slot("lead", 1, quarter(60))]), 2.0).expect("accepted");
    let events = sequencer.fill_to(Beat::new(13, 2)).events;
    let onsets: Vec<f64> = events
        .iter()
        .filter(|event| matches!(event.action, Action::NoteOn { .. }))
        .map(|event| event.seconds)
        .collect();
    let glide = std::f64::consts::LN_2;
    for (told, wanted) in onsets.iter().zip([2.0, 3.0, 4.0, 4.0 + glide, 4.5 + glide]) {
        assert!((told - wanted).abs() < 1e-12, "{onsets:?}");
    }
    assert_eq!(sequencer.view().tempo_at(10.0), 120.0);
}

#[test]
fn a_new_metre_begins_at_a_bar_line_and_goes_on_counting() {
    let mut sequencer = playing(generation(vec![slot("lead", 1, quarter(60))]), 2);
    let meter = Meter::new(6, 8).expect("a metre");
    let next = Generation { meter, ..generation(vec![slot("lead", 1, quarter(60))]) };
    let proposal = sequencer.propose(next, 1.0).expect("accepted");
    assert_eq!(
        (proposal.entered.boundary, proposal.entered.changed),
        (Beat::whole(4), vec!["lead".to_string()])
    );
    sequencer.fill_to(Beat::whole(9));
    let bars: Vec<(i64, f64)> = [3, 4, 6, 7, 8]
        .map(|beat| sequencer.view().position(seconds(beat)))
        .map(|position| (position.bar, position.beat_in_bar))
        .to_vec();
    assert_eq!(bars[1..], [(1, 0.0), (1, 2.0), (2, 0.0), (2, 1.0)], "no bar is cut, and none counted twice");
}

#[test]
fn a_pattern_that_fails_within_two_bars_is_refused_and_nothing_changes() {
    let mut sequencer = playing(generation(vec![slot("lead", 1, quarter(60))]), 2);
    let bad = SlotSpec { line: 7, ..slot("lead", 2, fails_from(quarter(72), Beat::whole(9))) };
    let error = sequencer.propose(at_tempo(90.0, vec![bad]), 1.0).expect_err("refused");
    assert_eq!(error.to_string(), "slot \"lead\" (line 7): attempt to add nil");
    assert_eq!(error.line(), Some(7));
    let events = sequencer.fill_to(Beat::whole(6)).events;
    assert_eq!(onsets(&events, &sequencer, "lead"), ["2", "3", "4", "5"]);
    assert_eq!(sequencer.view().tempo_at(9.0), 120.0);
    assert_eq!(sequencer.view().playing().0, GenerationId(1));
}

#[test]
fn too_many_slots_and_two_of_one_name_are_refused() {
    let mut sequencer = Performance::new();
    let many = (0..10_000).map(|i| slot(&format!("s{i}"), i, quarter(60))).collect();
    assert_eq!(
        sequencer.propose(generation(many), 0.0).expect_err("refused").to_string(),
        "10000 slots: a script may fill 64 at most; stack patterns in one slot instead"
    );
    let twice = vec![slot("a", 1, quarter(60)), SlotSpec { line: 4, ..slot("a", 2, quarter(60)) }];
    assert_eq!(
        sequencer.propose(generation(twice), 0.0).expect_err("refused").to_string(),
        "slot \"a\" is filled twice, on lines 1 and 4: give one of them another name"
    );
}

#[test]
fn a_failure_while_playing_brings_the_last_good_generation_back_without_a_gap() {
    let good = || vec![slot("lead", 1, quarter(60)), slot("bass", 5, quarter(30))];
    let mut sequencer = playing(generation(good()), 2);
    let bad = SlotSpec { line: 3, ..slot("lead", 2, fails_from(quarter(72), Beat::whole(16))) };
    sequencer.propose(at_tempo(90.0, vec![bad, slot("bass", 5, quarter(30))]), 1.0).expect("accepted");
    let filled = sequencer.fill_to(Beat::whole(20));
    let [fault] = &filled.faults[..] else { panic!("{:?}", filled.faults) };
    assert_eq!((fault.name.as_str(), fault.line, fault.generation), ("lead", 3, GenerationId(2)));
    assert_eq!(fault.comes_back, Some((GenerationId(1), Beat::whole(16))));
    assert_eq!(fault.error.to_string(), "attempt to add nil");
    let all: Vec<String> = (2..20).map(|beat| beat.to_string()).collect();
    assert_eq!(onsets(&filled.events, &sequencer, "lead"), all);
    assert_eq!(onsets(&filled.events, &sequencer, "bass"), all);
    assert_eq!(sequencer.view().playing().0, GenerationId(1));
    assert_eq!(sequencer.view().tempo_at(100.0), 120.0);
    assert!(sequencer.fill_to(Beat::whole(40)).faults.is_empty());
}

#[test]
fn a_failure_with_nothing_to_go_back_to_loops_what_was_heard_and_is_told_once() {
    let notes = fails_from(steps(Beat::new(3, 2), Beat::ZERO, Beat::ONE, 60), Beat::whole(9));
    let mut sequencer = Performance::new();
    sequencer.propose(generation(vec![slot("lead", 1, notes)]), 0.0).expect("accepted");
    let filled = sequencer.fill_to(Beat::whole(16));
    assert_eq!(filled.faults.len(), 1);
    assert_eq!(filled.faults[0].comes_back, None);
    assert_eq!(
        onsets(&filled.events, &sequencer, "lead"),
        ["0", "3/2", "3", "9/2", "6", "15/2", "17/2", "10", "23/2", "25/2", "14", "31/2"]
    );
    assert_eq!(sequencer.view().slots().next().map(|slot| slot.rung), Some(Rung::Loop));
}

#[test]
fn a_late_take_goes_down_the_ladder_and_climbs_at_a_boundary() {
    let (first, first_ready) = late(steps(Beat::whole(2), Beat::ZERO, Beat::ONE, 60));
    let mut sequencer = Performance::new();
    let proposal = sequencer.propose(generation(vec![slot("lead", 1, first)]), 0.0).expect("accepted");
    assert_eq!(proposal.late, ["lead"]);
    let rung = |sequencer: &Performance| sequencer.view().slots().next().map(|slot| slot.rung);
    let play = |sequencer: &mut Performance, to: i64| {
        let events = sequencer.fill_to(Beat::whole(to)).events;
        onsets(&events, sequencer, "lead")
    };
    assert!(play(&mut sequencer, 2).is_empty());
    assert_eq!(rung(&sequencer), Some(Rung::Rest));
    *first_ready.borrow_mut() = true;
    sequencer.arrived();
    assert_eq!(play(&mut sequencer, 6), ["4"]);
    assert_eq!(rung(&sequencer), Some(Rung::Fresh));

    let (second, second_ready) = late(quarter(72));
    sequencer.propose(generation(vec![slot("lead", 2, second)]), seconds(6)).expect("accepted");
    assert_eq!(play(&mut sequencer, 10), ["6", "8"]);
    assert_eq!(rung(&sequencer), Some(Rung::Stale));
    *first_ready.borrow_mut() = false;
    sequencer.arrived();
    assert_eq!(play(&mut sequencer, 14), ["10", "12"]);
    assert_eq!(rung(&sequencer), Some(Rung::Loop));
    *second_ready.borrow_mut() = true;
    sequencer.arrived();
    assert_eq!(play(&mut sequencer, 18), ["14", "16", "17"], "not before the bar");
    assert_eq!(rung(&sequencer), Some(Rung::Fresh));
}

#[test]
fn climbing_waits_for_a_boundary_of_several_bars() {
    let (notes, ready) = late(steps(Beat::whole(2), Beat::ZERO, Beat::ONE, 60));
    let first = Generation { quantum: Quantum::Bars(4), ..generation(vec![slot("lead", 1, quarter(50))]) };
    let mut sequencer = playing(first, 1);
    let next = Generation { quantum: Quantum::Bars(4), ..generation(vec![slot("lead", 2, notes)]) };
    assert_eq!(sequencer.propose(next, 0.5).expect("accepted").entered.boundary, Beat::whole(16));
    sequencer.fill_to(Beat::whole(17));
    *ready.borrow_mut() = true;
    sequencer.arrived();
    let events = sequencer.fill_to(Beat::whole(36)).events;
    let told = onsets(&events, &sequencer, "lead");
    assert_eq!(told.len(), 15 + 2, "{told:?}");
}

#[test]
fn hush_ends_every_note_until_the_next_proposal() {
    let long = || slot("pad", 1, steps(Beat::whole(16), Beat::ZERO, Beat::whole(16), 60));
    let mut sequencer = playing(generation(vec![long()]), 2);
    let ends = sequencer.hush(0.2);
    assert_eq!(text(&ends, &sequencer), ["2 pad off"]);
    assert!(sequencer.fill_to(Beat::whole(5)).events.is_empty());
    assert_eq!(sequencer.view().slots().count(), 0);
    let proposal = sequencer.propose(generation(vec![long()]), 2.6).expect("accepted");
    assert_eq!(proposal.entered.boundary, Beat::whole(6), "the next beat on a silent host");
    assert_eq!(proposal.entered.changed, ["pad"]);
}

#[test]
fn missed_time_is_skipped_in_phase() {
    let mut sequencer = playing(generation(vec![slot("lead", 1, quarter(60))]), 2);
    let ends = sequencer.skip(3600.1);
    assert_eq!(notes(&ends, &sequencer).len(), 1);
    let events = sequencer.fill(3601.1).events;
    assert_eq!(onsets(&events, &sequencer, "lead"), ["7201", "7202"]);
}

#[test]
fn more_than_the_plan_holds_is_cut_and_told_once() {
    let dense = steps(Beat::new(1, 200), Beat::ZERO, Beat::ONE, 60);
    let mut sequencer = Performance::new();
    let gain = Strip::new().with(Control::GAIN, Pattern::steady(f64::NAN));
    let spec = SlotSpec { strip: gain, ..slot("lead", 1, dense) };
    let proposal = sequencer.propose(generation(vec![spec]), 0.0).expect("accepted");
    let told: Vec<String> = proposal.notices.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "slot \"lead\" (line 1): more than 512 events in a bar; 288 are left out, slow the pattern down",
            "slot \"lead\" (line 1): gain is not a finite number here; it keeps its last value",
        ]
    );
    let filled = sequencer.fill_to(Beat::whole(16));
    let told: Vec<String> = filled.notices.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        ["slot \"lead\" (line 1): more than 64 notes at once; the rest are left out, shorten the notes"]
    );
    let mut sounding = 0;
    for event in &filled.events {
        match event.action {
            Action::NoteOn { .. } => sounding += 1,
            Action::NoteOff { .. } => sounding -= 1,
            _ => {}
        }
        assert!(sounding <= MOST_SOUNDING as i32);
    }
}

#[test]
fn drawings_come_stroke_by_stroke() {
    let point = |time| Point { x: 0.5, y: 0.5, width: 0.01, time };
    let stroke = |from, to| Stroke { points: vec![point(from), point(to)] };
    let sketches = Pattern::pure(Sketch::new(vec![stroke(0.0, 1.0), stroke(1.0, 2.0)]));
    let cat = SlotSpec { part: Part::Drawing { sketches }, ..slot("cat", 1, Pattern::silence()) };
    let mut sequencer = Performance::new();
    sequencer.propose(generation(vec![cat]), 0.0).expect("accepted");
    let events = sequencer.fill_to(Beat::whole(7)).events;
    assert_eq!(
        text(&events, &sequencer),
        ["0 cat stroke first", "2 cat stroke", "4 cat stroke first", "6 cat stroke"]
    );
}

#[test]
fn the_plan_shows_what_was_is_and_may_be() {
    let mut sequencer = playing(generation(vec![slot("lead", 1, quarter(60))]), 6);
    sequencer
        .propose(generation(vec![slot("lead", 2, steps(Beat::whole(2), Beat::ZERO, Beat::ONE, 72))]), 3.0)
        .expect("accepted");
    let plan = sequencer.plan(seconds(4), Beat::whole(2), Beat::whole(8));
    let rows: Vec<String> = plan.iter().map(|note| format!("{} {:?}", note.start, note.zone)).collect();
    assert_eq!(
        rows,
        [
            "2 Played",
            "3 Played",
            "4 Played",
            "5 Committed",
            "6 Tentative",
            "7 Tentative",
            "8 Tentative",
            "10 Tentative"
        ]
    );
    let events = sequencer.fill_to(Beat::whole(12)).events;
    assert_eq!(onsets(&events, &sequencer, "lead"), ["6", "7", "8", "10"], "as it was shown");
}

#[test]
fn a_late_control_waits_and_a_failing_one_is_a_failure() {
    let with =
        |gain| SlotSpec { strip: Strip::new().with(Control::GAIN, gain), ..slot("lead", 1, quarter(60)) };
    let mut sequencer = Performance::new();
    let gain = Pattern::try_new(|_| Err(QueryError::Late));
    sequencer.propose(generation(vec![with(gain)]), 0.0).expect("accepted");
    let events = sequencer.fill_to(Beat::ONE).events;
    assert!(!text(&events, &sequencer).iter().any(|line| line.contains("gain")));
    let gain = Pattern::try_new(|_| Err(QueryError::Failed("no such field `volume`".into())));
    let mut other = with(gain);
    other.fingerprint = 2;
    assert_eq!(
        sequencer.propose(generation(vec![other]), 0.5).expect_err("refused").to_string(),
        "slot \"lead\" (line 1): no such field `volume`"
    );
}

/// A part that counts its bars from where it began and never comes round: bar n plays pitch n.
fn unending() -> lilt_score::Pattern<lilt_score::Controls> {
    Pattern::try_new(|query| {
        let bar = |at: Beat| (at - query.origin).floor_div(query.bar);
        let asked = lilt_score::Query { span: query.span, ..query };
        (bar(query.span.start).max(0)..=bar(query.span.end))
            .map(|n| {
                steps(Beat::whole(1_000_000), query.origin + query.bar * Beat::whole(n), Beat::ONE, n as u8)
            })
            .map(|pattern| pattern.query(asked))
            .collect::<Result<Vec<_>, QueryError>>()
            .map(|events| events.concat())
    })
}

fn stream(fingerprint: u64, stream: u64) -> SlotSpec {
    SlotSpec { stream: Some(stream), ..slot("lead", fingerprint, unending()) }
}

/// `beat:pitch` of the notes that begin.
fn struck(events: &[Timed]) -> Vec<String> {
    let note = |event: &Timed| match &event.action {
        Action::NoteOn { strike, .. } => Some(format!("{}:{}", event.beat, strike.tone.pitch()?.midi())),
        _ => None,
    };
    events.iter().filter_map(note).collect()
}

#[test]
fn a_stream_begins_where_its_slot_begins_to_play_it() {
    let mut sequencer = playing(generation(vec![slot("other", 9, quarter(60))]), 6);
    let quantum = Generation { quantum: Quantum::Beat, ..generation(vec![stream(1, 7)]) };
    let proposal = sequencer.propose(quantum, 3.01).expect("accepted");
    assert_eq!(proposal.entered.boundary, Beat::whole(7));
    let mut events = sequencer.fill_to(Beat::whole(17)).events;
    events.retain(|event| sequencer.view().slot_name(event.slot) == Some("lead"));
    assert_eq!(struck(&events), ["8:1", "12:2", "16:3"], "its bars are those of all others");
}

#[test]
fn a_stream_goes_on_through_edits_of_its_slot() {
    let mut sequencer = playing(generation(vec![stream(1, 7)]), 6);
    let propose = |sequencer: &mut Performance, spec, now| {
        sequencer.propose(generation(vec![spec]), now).expect("accepted");
    };
    propose(&mut sequencer, stream(2, 7), seconds(6));
    assert_eq!(struck(&sequencer.fill_to(Beat::whole(14)).events), ["8:2", "12:3"], "another sound");
    propose(&mut sequencer, stream(3, 8), seconds(14));
    assert_eq!(struck(&sequencer.fill_to(Beat::whole(22)).events), ["16:0", "20:1"], "another stream");
    propose(&mut sequencer, stream(2, 7), seconds(22));
    assert_eq!(struck(&sequencer.fill_to(Beat::whole(30)).events), ["24:6", "28:7"], "taken back");
    sequencer.hush(seconds(30));
    propose(&mut sequencer, stream(2, 7), seconds(32));
    let beat =
        sequencer.view().pending().map(|_| sequencer.view().next_boundary(seconds(32)).0).expect("it waits");
    let after = struck(&sequencer.fill_to(beat + Beat::whole(5)).events);
    assert!(after[0].ends_with(":0"), "after silence it begins anew: {after:?}");
}

#[test]
fn a_stream_that_is_late_repeats_its_own_last_bar() {
    let (late, ready) = late(unending());
    *ready.borrow_mut() = true;
    let mut sequencer = playing(generation(vec![slot("lead", 1, quarter(60))]), 2);
    let spec = SlotSpec { stream: Some(7), ..slot("lead", 2, late) };
    sequencer.propose(generation(vec![spec]), seconds(2)).expect("accepted");
    assert_eq!(struck(&sequencer.fill_to(Beat::whole(9)).events)[2..], ["4:0", "8:1"]);
    *ready.borrow_mut() = false;
    sequencer.arrived();
    let rung = |sequencer: &Performance| sequencer.view().slots().next().map(|slot| slot.rung);
    assert_eq!(struck(&sequencer.fill_to(Beat::whole(17)).events), ["12:1", "16:1"]);
    assert_eq!(rung(&sequencer), Some(Rung::Loop));
    *ready.borrow_mut() = true;
    assert_eq!(struck(&sequencer.fill_to(Beat::whole(25)).events), ["20:4", "24:5"]);
    assert_eq!(rung(&sequencer), Some(Rung::Fresh));
}
