// What the extension decides without VS Code: which files are scripts, and how a status reads.
"use strict";

/** Whether a Lua text says that it is a script of Lilt: its first line is a comment that begins with `lilt`. */
function isMarked(text) {
  return /^--+\s*lilt\b/i.test(text);
}

/** From what a model expected to what it did not; a note of 1 nat is the second, one of 9 the last. */
const BLOCKS = [..."▁▂▃▄▅▆▇█"];
/** How many notes of a slot are shown. */
const NOTES = 8;

/**
 * What is known of the surprises of the slots, by name, after one more status: the newest nats, and a block for
 * each of the last notes. Notes that follow each other faster than the status comes are left out.
 */
function followSurprises(rows, status) {
  const told = (status.slots || []).filter((slot) => typeof slot.surprise === "number");
  return new Map(
    told.map(({ name, surprise }) => {
      const row = rows.get(name) || { newest: null, blocks: [] };
      if (row.newest === surprise) {
        return [name, row];
      }
      const height = Math.min(BLOCKS.length - 1, Math.floor(BLOCKS.length * (1 - Math.exp(-surprise / 4))));
      return [name, { newest: surprise, blocks: [...row.blocks, BLOCKS[height]].slice(-NOTES) }];
    }),
  );
}

/**
 * One slot in words: its rung, how its newest notes surprised, what it plays, the ESS and ln Z of a tilted take, what
 * its costliest function costs.
 */
function slotText(slot, row) {
  const words = [slot.rung, row && row.blocks.join(""), slot.playing];
  if (typeof slot.ess === "number") {
    words.push(`ESS ${Math.round(slot.ess * 100)}%`);
  }
  if (typeof slot.logZ === "number") {
    words.push(`ln Z ${slot.logZ.toFixed(1)}`);
  }
  const { cost } = slot;
  if (cost && cost.share >= 0.1) {
    words.push(`${cost.what} takes ${cost.millisecondsPerCall.toFixed(1)} ms a call, ${Math.round(cost.share * 100)}% of its time`);
  }
  if (slot.silent) {
    words.push("silent");
  }
  return words.filter(Boolean).join(" · ");
}

/** The text of the status bar. */
function statusText(status) {
  if (!status.attached) {
    return "$(debug-disconnect) lilt: no host";
  }
  const where = `${status.bar}.${Math.floor(status.beatInBar)}`;
  const icon = status.playing ? "$(play)" : "$(debug-stop)";
  const fallen = status.slots.filter((slot) => slot.rung && slot.rung !== "fresh");
  const rungs = fallen.map((slot) => `${slot.name} ${slot.rung}`).join(", ");
  const error = status.lastError ? ` $(error) line ${status.lastError.line}` : "";
  const baking = (status.baking || []).map(({ model, progress }) => `  baking ${model} ${Math.round(progress * 100)}%`).join("");
  const recording = status.recording ? "  recording" : "";
  const place = `${icon} lilt ${where}  ${+status.tempo.toFixed(2)} bpm  gen ${status.generation}`;
  return place + (rungs && `  ${rungs}`) + baking + recording + error;
}

/**
 * The marks behind the lines of a script of `lineCount` lines: `{ line, text }`, lines counted from 0. `surprises`
 * are those of `followSurprises`.
 */
function slotMarks(status, lineCount, surprises = new Map()) {
  if (!status.attached) {
    return [];
  }
  return status.slots
    .filter((slot) => typeof slot.line === "number" && slot.line >= 1 && slot.line <= lineCount)
    .map((slot) => ({ line: slot.line - 1, text: `  ▸ ${slotText(slot, surprises.get(slot.name))}` }));
}

module.exports = { followSurprises, isMarked, slotMarks, slotText, statusText };
