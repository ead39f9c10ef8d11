// What the host and its folder say, as editor-integration/PROTOCOL.md tells.

export interface Written {
  file: string;
  /** The first digits of the mark of the text in which the bytes count. */
  text: string;
  from: number;
  to: number;
}

export interface Diagnostic {
  severity: "error" | "warning" | "info";
  file: string;
  line: number;
  column: number;
  endColumn: number;
  message: string;
  help?: string;
}

export interface Slot {
  name: string;
  line: number | null;
  rung: "fresh" | "draft" | "stale" | "loop" | "rest" | null;
  playing: string;
  model: string | null;
  ess: number | null;
  surprise: number | null;
  silent: boolean;
  level: number;
}

export interface Status {
  generation: number;
  beat: number;
  bar: number;
  beatInBar: number;
  tempo: number;
  meter: string;
  playing: boolean;
  slots: Slot[];
  baking: { model: string; progress: number }[];
  lastError: Diagnostic | null;
  text?: string;
  recording?: string;
  audio: string;
  midi: string[];
}

export interface Planned {
  /** What is heard while this was written, in seconds since the performance began. */
  now: number;
  takenBack: { slot: number; from: number }[];
  begins: { note: number; slot: number; at: number; written: Written[] }[];
  ends: { note: number; slot: number; at: number }[];
}

export type HostMessage =
  | { type: "welcome"; protocol: number; file: string }
  | { type: "evaluated"; version: number | null; diagnostics: Diagnostic[]; micros: number }
  | ({ type: "status" } & Status)
  | ({ type: "planned" } & Planned)
  | { type: "text"; mark: string; text: string }
  | { type: "printed"; lines: string[] }
  | { type: "rewrite"; mark: string; from: number; to: number; text: string }
  | { type: "refused"; message: string }
  | { type: "goodbye"; message: string };

export type Command =
  | "commit"
  | "commitNow"
  | "hush"
  | "panic"
  | "clearState"
  | "like"
  | "nope"
  | "record"
  | "stopRecording";

export type ClientMessage =
  | { type: "hello"; protocol: 1 }
  | { type: "follow" }
  | { type: "change"; version: number; text: string }
  | { type: Command };

export interface Entry {
  name: string;
  title: string;
}

export type Question =
  | { type: "list" }
  | { type: "open"; name: string }
  | { type: "lesson"; name: string }
  | { type: "save"; name: string; text: string; over: string | null };

export type Answer =
  | { type: "listed"; playing: string; scripts: Entry[]; lessons: Entry[] }
  | { type: "text"; name: string; text: string; mark: string }
  | { type: "saved"; mark: string }
  | { type: "changed"; mark: string | null }
  | { type: "failed"; message: string };
