//! How long a pattern takes to answer, as the sequencer asks it: a bar at a time.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use lilt_score::{Beat, Pattern, Query, Seed, Span, mini};

fn ask<T: 'static>(criterion: &mut Criterion, name: &str, pattern: &Pattern<T>) {
    let bar = Beat::whole(4);
    let query = |n: i64| Query::new(Span::new(bar * Beat::whole(n), bar * Beat::whole(n + 1)), bar);
    let events = pattern.query(query(0)).map_or(0, |events| events.len());
    let mut group = criterion.benchmark_group("pattern_query");
    group.throughput(Throughput::Elements(events as u64));
    let mut n = 0;
    group.bench_function(name, |bench| {
        bench.iter(|| {
            n = (n + 1) % 1000;
            pattern.query(query(n))
        });
    });
    group.finish();
}

fn patterns(criterion: &mut Criterion) {
    let words = |text: &str| mini::parse(text).map(|mini| mini.pattern());
    for (name, text) in [
        ("sequence", "bd sd hh cp"),
        ("drums", "bd*2 [~ sd] hh*4 <cp [rs rs]>"),
        ("euclid", "bd(3,8) , sd(5,8,2) , hh(<7 9>,16)"),
        ("nested", "<[a b*2 [c d]*<2 3>] {e f g}%8>*1.5?0.2 , [h | i | j]*8"),
        ("dense", "[bd sd hh cp]*64"),
    ] {
        match words(text) {
            Ok(pattern) => ask(criterion, name, &pattern),
            Err(error) => panic!("{text}: {error}"),
        }
    }
    if let Ok(pattern) = words("bd*2 [~ sd] hh*4") {
        let combined =
            pattern.fast(Beat::new(3, 2)).rev().every(3, |it| it.late(Beat::ONE)).degrade(0.2, Seed(1));
        ask(criterion, "combined", &combined);
    }
    ask(criterion, "signal", &Pattern::perlin(Seed(1)).segment(32));
    criterion.bench_function("parse", |bench| {
        bench.iter(|| {
            mini::parse(std::hint::black_box("<[a b*2 [c d]*<2 3>] {e f g}%8>*1.5?0.2 , [h | i | j]*8"))
        });
    });
}

criterion_group!(benches, patterns);
criterion_main!(benches);
