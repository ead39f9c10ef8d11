// Times magenta.js in Node, on the processor and in plain JavaScript: prints one JSON object a line.
// The weights are random, in the shapes of the checkpoints: time does not depend on them. Run by
// compare.py in a folder where `npm install --ignore-scripts @magenta/music` was run.

import { createRequire } from "node:module";
import { performance } from "node:perf_hooks";

const require = createRequire(process.cwd() + "/");
const { Response } = require("node-fetch");

// An address names a checkpoint; what would be downloaded is made up.
const checkpoints = {};
const made = async (address) => {
  const [, name, file] = String(address).match(/checkpoint\/(\w+)\/(.*)$/);
  const weights = Object.entries(checkpoints[name]).map(([name, shape]) => ({ name, shape, dtype: "float32" }));
  if (file === "weights_manifest.json") {
    return new Response(JSON.stringify([{ paths: ["weights"], weights }]));
  }
  const count = weights.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  const numbers = Float32Array.from({ length: count }, () => (Math.random() - 0.5) / 10);
  return new Response(Buffer.from(numbers.buffer), { headers: { "content-type": "application/octet-stream" } });
};
require.cache[require.resolve("node-fetch")].exports = Object.assign(made, { default: made, Response });

const tf = require("@tensorflow/tfjs");
const rnn = require("@magenta/music/node/music_rnn");
const vae = require("@magenta/music/node/music_vae");
globalThis.fetch = made;

function lstm(checkpoint, prefix, inputs, units) {
  checkpoint[`${prefix}kernel`] = [inputs + units, 4 * units];
  checkpoint[`${prefix}bias`] = [4 * units];
}

function linear(checkpoint, prefix, inputs, outputs, [kernel, bias]) {
  checkpoint[`${prefix}${kernel}`] = [inputs, outputs];
  checkpoint[`${prefix}${bias}`] = [outputs];
}

// Melody RNN: 38 classes, two layers of 512.
const melody = (checkpoints.melody = {});
lstm(melody, "rnn/multi_rnn_cell/cell_0/basic_lstm_cell/", 38, 512);
lstm(melody, "rnn/multi_rnn_cell/cell_1/basic_lstm_cell/", 512, 512);
linear(melody, "fully_connected/", 512, 38, ["weights", "biases"]);

// MusicVAE's smallest two-bar melodies (mel_2bar_small): 90 classes, an encoder of 512 each way, 256
// axes, a decoder of two layers of 256.
const latent = (checkpoints.latent = {});
for (const way of ["fw", "bw"]) {
  lstm(latent, `encoder/cell_0/bidirectional_rnn/${way}/multi_rnn_cell/cell_0/lstm_cell/`, 90, 512);
}
linear(latent, "encoder/mu/", 1024, 256, ["kernel", "bias"]);
linear(latent, "decoder/z_to_initial_state/", 256, 4 * 256, ["kernel", "bias"]);
lstm(latent, "decoder/multi_rnn_cell/cell_0/lstm_cell/", 90 + 256, 256);
lstm(latent, "decoder/multi_rnn_cell/cell_1/lstm_cell/", 256, 256);
linear(latent, "decoder/output_projection/", 256, 90, ["kernel", "bias"]);

// A tune of `count` notes, each `steps` sixteenths long.
const tune = (count, steps) => ({
  notes: Array.from({ length: count }, (_, i) => ({
    pitch: 60 + ((i * 5) % 12),
    quantizedStartStep: i * steps,
    quantizedEndStep: (i + 1) * steps,
  })),
  quantizationInfo: { stepsPerQuarter: 4 },
  totalQuantizedSteps: count * steps,
});

async function time(work, runs, call) {
  const times = [];
  for (let run = 0; run < runs + 2; run += 1) {
    const begun = performance.now();
    await call();
    times.push(performance.now() - begun);
  }
  // The first two warm up.
  const sorted = times.slice(2).sort((a, b) => a - b);
  console.log(JSON.stringify({ work, p50_ms: sorted[Math.floor(sorted.length / 2)], runs }));
}

console.error = console.warn = () => {};
const log = console.log;
console.log = (...words) => { if (String(words[0]).startsWith("{")) log(...words); };

await tf.setBackend("cpu");
const melodies = { type: "MelodyConverter", args: { minPitch: 48, maxPitch: 83 } };
const continuing = new rnn.MusicRNN("http://peer/checkpoint/melody", { type: "MusicRNN", dataConverter: melodies });
await continuing.initialize();
await time("continue", 10, () => continuing.continueSequence(tune(8, 1), 32, 1.0));

const bars = { type: "MelodyConverter", args: { minPitch: 21, maxPitch: 108, numSteps: 32 } };
const sampling = new vae.MusicVAE("http://peer/checkpoint/latent", { type: "MusicVAE", dataConverter: bars });
await sampling.initialize();
await time("sample", 10, () => sampling.sample(1, 1.0));
await time("interpolate", 5, () => sampling.interpolate([tune(16, 2), tune(8, 4)], 8, 1.0));
