// What the extension decides without VS Code: which files are scripts, and how a status reads.
"use strict";

/** Whether a Lua text says that it is a script of Lilt: its first line is a comment that begins with `lilt`. */
function isMarked(text) {
  return /^--+\s*lilt\b/i.test(text);
}

/** One slot in words: its rung, what it plays, the effective sample size of a tilted take. */
function slotText(slot) {
  const words = [slot.rung, slot.playing];
  if (typeof slot.ess === "number") {
    words.push(`ESS ${Math.round(slot.ess * 100)}%`);
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
  return `${icon} lilt ${where}  ${+status.tempo.toFixed(2)} bpm  gen ${status.generation}` + (rungs && `  ${rungs}`) + error;
}

/** The marks behind the lines of a script of `lineCount` lines: `{ line, text }`, lines counted from 0. */
function slotMarks(status, lineCount) {
  if (!status.attached) {
    return [];
  }
  return status.slots
    .filter((slot) => typeof slot.line === "number" && slot.line >= 1 && slot.line <= lineCount)
    .map((slot) => ({ line: slot.line - 1, text: `  ▸ ${slotText(slot)}` }));
}

module.exports = { isMarked, slotMarks, slotText, statusText };
