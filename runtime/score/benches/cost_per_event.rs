//! What one event costs, asked a bar at a time: a line of JSON for each pattern, which
//! `runtime/score/compare_strudel.mjs` sets beside Strudel's. `events` are those that begin in the first 96 bars.

mod patterns;

use std::hint::black_box;
use std::time::{Duration, Instant};

use lilt_score::{Beat, Pattern, Query, Span, mini};

/// Bars that are asked in a round: the patterns come round in fewer.
const BARS: i64 = 96;
/// How long each pattern is asked at least.
const LONG_ENOUGH: Duration = Duration::from_millis(150);

fn main() {
    for named in patterns::all() {
        let events = round(&named.pattern);
        let mut rounds = Vec::new();
        let began = Instant::now();
        while began.elapsed() < LONG_ENOUGH {
            let round_began = Instant::now();
            black_box(round(&named.pattern));
            rounds.push(round_began.elapsed());
        }
        rounds.sort();
        let ns = rounds[rounds.len() / 2].as_nanos() as f64 / events as f64;
        println!(
            "{{\"name\":{:?},\"text\":{:?},\"events\":{events},\"ns_per_event\":{ns:.1}}}",
            named.name, named.text
        );
    }
}

/// Asks every bar; how many events began.
fn round(pattern: &Pattern<mini::Word>) -> usize {
    let bar = Beat::whole(4);
    let begun = |n: i64| {
        let span = Span::new(bar * Beat::whole(n), bar * Beat::whole(n + 1));
        let events = pattern.query(Query::new(span, bar)).unwrap_or_default();
        events.iter().filter(|event| event.onset().is_some()).count()
    };
    (0..BARS).map(begun).sum()
}
