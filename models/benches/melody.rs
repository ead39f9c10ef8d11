//! What a performer waits for: clips of two bars from the shipped weights of `melody`, in one thread.

use std::hint::black_box;
use std::path::Path;

use candle_core::Device;
use criterion::{Criterion, criterion_group, criterion_main};
use lilt_inference::{Conditions, Interpolates, Interpolation, Model, Piece, Sampling, Watch};
use lilt_models::melody::model::MelodyModel;
use lilt_score::{Beat, Clip, Span};

fn clips(criterion: &mut Criterion) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("weights");
    let model = MelodyModel::load(&folder, &Device::Cpu).expect("the shipped weights");
    let watch = Watch::new();
    let request = |bars, seed| Sampling::new(bars, 1.0, seed, Conditions::default()).expect("in range");
    let tune = model.sample(&request(4, 3), &watch).expect("a tune").into_clip().expect("a clip");
    let bars = |from: i64| -> Clip {
        tune.slice(Span::new(Beat::whole(4 * from), Beat::whole(4 * from + 8))).expect("two bars")
    };
    let (from, to) = (bars(0), bars(2));
    criterion.bench_function("sample 2 bars", |bencher| {
        bencher.iter(|| model.sample(black_box(&request(2, 1)), &watch).expect("a clip"));
    });
    criterion.bench_function("one point of two bars between two clips", |bencher| {
        bencher
            .iter(|| model.between(&from, &to, black_box(&[0.5]), &request(2, 1), &watch).expect("a clip"));
    });
    let way = Interpolation::new(8, request(2, 1)).expect("in range");
    criterion.bench_function("interpolate 2 clips into 8", |bencher| {
        bencher.iter(|| {
            model.interpolate(&Piece::from(&from), &Piece::from(&to), black_box(&way), &watch).expect("clips")
        });
    });
}

criterion_group!(benches, clips);
criterion_main!(benches);
