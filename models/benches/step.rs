//! One step of two LSTM layers of 512 units, on every set of instructions, alone and in batches.

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use lilt_models::step::{Kernel, LayerWeights, LstmStack, LstmWeights, Scratch};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const HIDDEN: usize = 512;
const WIDTH: usize = 128;
const FEATURES: usize = 512;

fn weights() -> LstmWeights {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut numbers = |count: usize| (0..count).map(|_| rng.random_range(-0.05..0.05)).collect::<Vec<f32>>();
    let mut layer = |input: usize| LayerWeights {
        weight_ih: numbers(4 * HIDDEN * input),
        weight_hh: numbers(4 * HIDDEN * HIDDEN),
        bias: numbers(4 * HIDDEN),
    };
    let layers = vec![layer(WIDTH), layer(HIDDEN)];
    LstmWeights { embed: numbers(FEATURES * WIDTH), width: WIDTH, hidden: HIDDEN, layers }
}

fn step(criterion: &mut Criterion) {
    let weights = weights();
    let mut group = criterion.benchmark_group("lstm step 2×512");
    for kernel in Kernel::available() {
        let stack = match LstmStack::new(&weights, kernel) {
            Ok(stack) => stack,
            Err(error) => panic!("the weights above fit together: {error}"),
        };
        for batch in [1, 16, 64] {
            let heard: Vec<[u16; 25]> = (0..batch)
                .map(|state| std::array::from_fn(|group| ((group * 19 + state) % FEATURES) as u16))
                .collect();
            let mut scratch = Scratch::default();
            group.throughput(Throughput::Elements(batch as u64));
            group.bench_function(BenchmarkId::new(kernel.to_string(), batch), |bencher| {
                bencher.iter_batched_ref(
                    || vec![stack.start(); batch],
                    |states| stack.step(&mut scratch, &heard, states),
                    BatchSize::LargeInput,
                );
            });
        }
    }
    group.finish();
}

criterion_group!(benches, step);
criterion_main!(benches);
