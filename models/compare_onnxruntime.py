#!/usr/bin/env python3
"""Times one step of `folk` in Lilt and in ONNX Runtime: the same weights, one thread each, by turns.

    pip install numpy onnx onnxruntime safetensors
    python3 models/compare_onnxruntime.py

The graph is the network of models/src/folk/network.rs: a sum of embedding rows, the LSTM layers,
the logits of the duration, and those of the pitch given a duration. Both sides hear the same rows
(models/src/folk/measure.rs), so their logits must agree. ONNX Runtime is called with bound inputs
and outputs; what such a call costs without work is measured too and taken off its time.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import load_file

ROOT = pathlib.Path(__file__).resolve().parent.parent
WARM_UP = 50
# Largest difference of two logits: Lilt rounds hidden states and the weights of the layers to whole numbers
# of 16 bits (models/src/step/quantized.rs).
TOLERANCE = 1e-2


def gates(tensor, hidden):
    """From the order i, f, g, o to that of ONNX: i, o, f, g."""
    i, f, g, o = (tensor[k * hidden : (k + 1) * hidden] for k in range(4))
    return np.concatenate([i, o, f, g])


def build(weights):
    """The network as an ONNX model, and its sizes."""
    hidden = weights["duration.weight"].shape[1]
    embed = weights["embed.weight"].shape[1]
    layers = sum(name.endswith("weight_hh") for name in weights)
    constants, nodes = {}, []

    def node(kind, inputs, outputs, **attributes):
        nodes.append(helper.make_node(kind, inputs, outputs, **attributes))

    def constant(name, array):
        constants[name] = np.ascontiguousarray(array)
        return name

    constant("axis 0", np.array([0], np.int64))
    constant("axis 1", np.array([1], np.int64))
    constant("one step", np.array([1, 1, embed], np.int64))
    constant("row", np.array([1, hidden], np.int64))
    node("Gather", [constant("embed", weights["embed.weight"]), "rows"], ["embedded"])
    node("ReduceSum", ["embedded", "axis 0"], ["summed"])
    node("Reshape", ["summed", "one step"], ["x0"])
    for layer in range(layers):
        name = f"lstm.{layer}"
        bias = gates(weights[f"{name}.bias"], hidden)
        inputs = [
            f"x{layer}",
            constant(f"{name}.w", gates(weights[f"{name}.weight_ih"], hidden)[None]),
            constant(f"{name}.r", gates(weights[f"{name}.weight_hh"], hidden)[None]),
            constant(f"{name}.b", np.concatenate([bias, np.zeros_like(bias)])[None]),
            "",
            f"h{layer}",
            f"c{layer}",
        ]
        outputs = [f"y{layer}", f"new h{layer}", f"new c{layer}"]
        node("LSTM", inputs, outputs, hidden_size=hidden)
        node("Squeeze", [f"y{layer}", "axis 1"], [f"x{layer + 1}"])
    node("Reshape", [f"x{layers}", "row"], ["top"])

    def linear(source, weight, bias, target):
        inputs = [source, constant(weight, weights[weight])]
        inputs += [constant(bias, weights[bias])] if bias else []
        node("Gemm", inputs, [target], transB=1)

    linear("top", "duration.weight", "duration.bias", "durations")
    linear("top", "pitch.hidden.weight", None, "pitch hidden")
    node("Gather", [constant("pitch.duration", weights["pitch.duration.weight"]), "duration"], ["chosen"])
    node("Add", ["pitch hidden", "chosen"], ["before"])
    node("Relu", ["before"], ["u"])
    linear("u", "pitch.weight", "pitch.bias", "pitches")

    value = helper.make_tensor_value_info
    states = [f"{kind}{layer}" for layer in range(layers) for kind in "hc"]
    inputs = [value("rows", TensorProto.INT64, [None]), value("duration", TensorProto.INT64, [1])]
    inputs += [value(state, TensorProto.FLOAT, [1, 1, hidden]) for state in states]
    classes = [("durations", len(weights["duration.bias"])), ("pitches", len(weights["pitch.bias"]))]
    outputs = [value(name, TensorProto.FLOAT, [1, count]) for name, count in classes]
    outputs += [value(f"new {state}", TensorProto.FLOAT, [1, 1, hidden]) for state in states]
    initializers = [numpy_helper.from_array(array, name) for name, array in constants.items()]
    graph = helper.make_graph(nodes, "folk", inputs, outputs, initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return model, states, hidden


def session(model):
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    return ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


class Network:
    """The network in ONNX Runtime; two bindings take turns, so that a step's state is the next one's."""

    def __init__(self, weights, rows_per_step):
        model, states, hidden = build(weights)
        self.features = weights["embed.weight"].shape[0]
        self.duration_classes, pitches = weights["duration.weight"].shape[0], weights["pitch.weight"].shape[0]
        self.session = session(model)
        self.rows_per_step = rows_per_step
        value = ort.OrtValue.ortvalue_from_numpy
        self.rows = value(np.zeros(rows_per_step, np.int64))
        self.duration = value(np.zeros(1, np.int64))
        self.durations = value(np.zeros((1, self.duration_classes), np.float32))
        self.pitches = value(np.zeros((1, pitches), np.float32))
        self.states = [{s: value(np.zeros((1, 1, hidden), np.float32)) for s in states} for _ in range(2)]
        self.bindings = [self.binding(self.states[turn], self.states[1 - turn]) for turn in range(2)]
        self.step_number = 0

    def binding(self, before, after):
        binding = self.session.io_binding()
        binding.bind_ortvalue_input("rows", self.rows)
        binding.bind_ortvalue_input("duration", self.duration)
        binding.bind_ortvalue_output("durations", self.durations)
        binding.bind_ortvalue_output("pitches", self.pitches)
        for state in before:
            binding.bind_ortvalue_input(state, before[state])
            binding.bind_ortvalue_output(f"new {state}", after[state])
        return binding

    def step(self):
        """One step; returns its milliseconds."""
        n = self.step_number
        rows = [(n * 7 + group * 31) % self.features for group in range(self.rows_per_step)]
        self.rows.update_inplace(np.array(rows, np.int64))
        self.duration.update_inplace(np.array([n % self.duration_classes], np.int64))
        binding = self.bindings[n % 2]
        start = time.perf_counter_ns()
        self.session.run_with_iobinding(binding)
        self.step_number += 1
        return (time.perf_counter_ns() - start) / 1e6


def empty_call():
    """Milliseconds of a call that does nothing, in the middle of many."""
    value = helper.make_tensor_value_info
    x, y = (value(name, TensorProto.FLOAT, [1]) for name in "xy")
    graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "empty", [x], [y])
    empty = session(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8))
    binding = empty.io_binding()
    numbers = [ort.OrtValue.ortvalue_from_numpy(np.zeros(1, np.float32)) for _ in range(2)]
    binding.bind_ortvalue_input("x", numbers[0])
    binding.bind_ortvalue_output("y", numbers[1])
    times = []
    for _ in range(2000):
        start = time.perf_counter_ns()
        empty.run_with_iobinding(binding)
        times.append((time.perf_counter_ns() - start) / 1e6)
    return statistics.median(times)


def lilt(command, weights, runs, *more):
    line = subprocess.run(
        [*command, "--weights", str(weights), "--runs", str(runs), *more],
        check=True, capture_output=True, text=True, cwd=ROOT,
    ).stdout
    return json.loads(line)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=pathlib.Path, default=ROOT / "models/weights/folk.safetensors")
    parser.add_argument("--runs", type=int, default=500, help="steps a turn")
    parser.add_argument("--turns", type=int, default=7)
    parser.add_argument("--bench-step", help="the program, when it is built already")
    arguments = parser.parse_args()
    command = [arguments.bench_step]
    if not arguments.bench_step:
        build_command = ["cargo", "build", "--release", "-p", "lilt-models", "--bin", "bench-step"]
        subprocess.run(build_command, check=True, cwd=ROOT)
        command = ["cargo", "run", "--quiet", "--release", "-p", "lilt-models", "--bin", "bench-step", "--"]
    path = arguments.weights.resolve()
    weights = {name: tensor.astype(np.float32) for name, tensor in load_file(path).items()}

    steps = 64
    ours = lilt(command, path, 1, "--logits-after", str(steps))
    network = Network(weights, ours["rows_per_step"])
    for _ in range(steps):
        network.step()
    difference = max(
        np.abs(network.durations.numpy()[0] - np.array(ours["durations"])).max(),
        np.abs(network.pitches.numpy()[0] - np.array(ours["pitches"])).max(),
    )
    if not difference <= TOLERANCE:
        sys.exit(f"the logits after {steps} steps differ by {difference}: these are not the same networks")

    for _ in range(WARM_UP):
        network.step()
    rows = {"ONNX Runtime": [], "Lilt": []}
    for _ in range(arguments.turns):
        times = sorted(network.step() for _ in range(arguments.runs))
        rows["ONNX Runtime"].append((times[len(times) // 2], times[len(times) * 99 // 100]))
        turn = lilt(command, path, arguments.runs)
        rows["Lilt"].append((turn["p50_ms"], turn["p99_ms"]))
    empty = empty_call()
    median = {name: [statistics.median(column) for column in zip(*turns)] for name, turns in rows.items()}
    ratio = median["Lilt"][0] / (median["ONNX Runtime"][0] - empty)
    runs = f"{arguments.turns} turns of {arguments.runs} steps"
    print(f"One step, one thread, {runs}; logits agree within {difference:.1e} after {steps} steps.\n")
    print("| | p50 ms | p99 ms |\n|---|---|---|")
    print("| ONNX Runtime {} | {:.4f} | {:.4f} |".format(ort.__version__, *median["ONNX Runtime"]))
    print("| of which an empty call | {:.4f} | |".format(empty))
    print("| Lilt, {} | {:.4f} | {:.4f} |".format(ours["kernel"], *median["Lilt"]))
    print(f"\nLilt takes {ratio:.2f} of ONNX Runtime's time without the empty call.")


if __name__ == "__main__":
    main()
