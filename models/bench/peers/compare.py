#!/usr/bin/env python3
"""Times peers beside Lilt in one run, one thread each, and prints one table.

    pip install numpy onnx onnxruntime safetensors torch
    (cd FOLDER && npm install --ignore-scripts @magenta/music)
    python3 models/bench/peers/compare.py --node FOLDER

A peer that is not installed leaves its place empty. ONNX Runtime runs the weights of `folk`
(models/compare_onnxruntime.py); PyTorch and magenta.js run networks of the same sizes with random
weights, which take the same time. Sides take turns where a run is short.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

os.environ.update(OMP_NUM_THREADS="1", MKL_NUM_THREADS="1", RAYON_NUM_THREADS="1")

ROOT = pathlib.Path(__file__).resolve().parents[3]
WEIGHTS = ROOT / "models/weights/folk.safetensors"
TURNS = 5
BATCH = 64


def lines(command, folder=ROOT):
    """What a program says, one JSON object a line, by the work's name."""
    said = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout
    rows = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    return {row["work"]: row["p50_ms"] for row in rows}


def ours(batch):
    command = [ROOT / "target/release/bench-step", "--batch", str(batch), "--runs", "300"]
    return next(iter(lines(command).values()))


def onnx_step():
    """A function that gives ONNX Runtime's milliseconds for one step of `folk`."""
    sys.path.insert(0, str(ROOT / "models"))
    import numpy
    from compare_onnxruntime import Network, load_file

    # How many rows a step adds up: one for each group of features (models/src/folk/features.rs).
    network = Network({name: tensor.astype(numpy.float32) for name, tensor in load_file(WEIGHTS).items()}, 25)
    return lambda: statistics.median(network.step() for _ in range(300))


def torch_step():
    """A function that gives PyTorch's milliseconds for one step of 64 states: 2×512 and the two heads."""
    import torch

    torch.set_num_threads(1)
    embed = torch.nn.EmbeddingBag(739, 256, mode="sum")
    lstm = torch.nn.LSTM(256, 512, 2)
    duration, gate, pitch = torch.nn.Linear(512, 26), torch.nn.Linear(512, 256), torch.nn.Linear(256, 53)
    rows = torch.randint(0, 739, (BATCH, 25))

    def step():
        state = (torch.zeros(2, BATCH, 512), torch.zeros(2, BATCH, 512))
        times = []
        with torch.inference_mode():
            for _ in range(40):
                begun = time.perf_counter()
                top, state = lstm(embed(rows)[None], state)
                duration(top), pitch(torch.relu(gate(top)))
                times.append(1e3 * (time.perf_counter() - begun))
        return statistics.median(times)

    return step


def turns(peer, mine):
    """Medians of both, which take turns; none for a peer that is not there."""
    try:
        step = peer()
        step()
    except ImportError as error:
        print(f"not there: {error}", file=sys.stderr)
        step = None
    pairs = [(step() if step else None, mine()) for _ in range(TURNS)]
    return (statistics.median(p for p, _ in pairs) if step else None), statistics.median(m for _, m in pairs)


def number(ms):
    return f"{ms:,.0f}" if ms >= 100 else f"{ms:.3g}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--node", type=pathlib.Path, help="where @magenta/music is installed")
    arguments = parser.parse_args()
    build = ["cargo", "build", "--release", "--workspace", "--locked"]
    subprocess.run(build, cwd=ROOT, check=True)

    table = [
        ("one step, 2×512", "ONNX Runtime", *turns(onnx_step, lambda: ours(1))),
        (f"one step of {BATCH}, 2×512", "PyTorch", *turns(torch_step, lambda: ours(BATCH))),
    ]
    magenta = {}
    if arguments.node:
        magenta = lines(["node", ROOT / "models/bench/peers/magenta.mjs"], arguments.node)
    lilt = lines([ROOT / "target/release/lilt", "bench", "--json"])
    for work, theirs, mine in [
        ("continue, 8 + 32 steps, 2×512", "continue", "continue folk 8 + some 32 notes"),
        ("sample of a 2-bar latent model", "sample", "sample melody 2 bars"),
        ("interpolate 2 clips into 8", "interpolate", "interpolate melody, 2 bars, 8 steps"),
    ]:
        table.append((work, "magenta.js", magenta.get(theirs), lilt[mine]))

    print("| work | peer | peer, ms | Lilt, ms | times as fast |\n|---|---|---|---|---|")
    for work, name, peer, mine in table:
        there = (number(peer), f"{peer / mine:.1f}") if peer else ("not there", "")
        print(f"| {work} | {name} | {there[0]} | {number(mine)} | {there[1]} |")
    load = os.getloadavg()[0]
    print(f"\nLoad of the machine at the end: {load:.1f} on {os.cpu_count()} processors.")


if __name__ == "__main__":
    main()
