//! How long a pattern takes to answer, as the sequencer asks it: a bar at a time.

mod patterns;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use lilt_score::{Beat, Pattern, Query, Seed, Span, mini};

fn ask<T: 'static>(criterion: &mut Criterion, name: BenchmarkId, pattern: &Pattern<T>) {
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
    for named in patterns::all() {
        ask(criterion, BenchmarkId::new(named.name, named.text), &named.pattern);
    }
    ask(criterion, BenchmarkId::from_parameter("signal"), &Pattern::perlin(Seed(1)).segment(32));
    criterion.bench_function("parse", |bench| {
        bench.iter(|| {
            mini::parse(std::hint::black_box("<[a b*2 [c d]*<2 3>] {e f g}%8>*1.5?0.2 , [h | i | j]*8"))
        });
    });
}

criterion_group!(benches, patterns);
criterion_main!(benches);
