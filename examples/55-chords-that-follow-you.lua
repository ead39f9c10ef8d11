-- 55. Chords that follow you.
-- You hear: a kick and a hat, and nothing else until you play: a tune on the letters A to L in the
-- terminal or on the canvas. A step behind a pad and a bass go under it: each chord is guessed from
-- your notes, settled a beat before it sounds, and the next is mended where it was wrong. Without
-- the line `key "C"` they find the key by themselves, which takes some bars.
-- Change: `changes = 2` to `changes = 1`; then `bass = "sub"` to `bass = false`.
-- Break: `lead = 1` to `lead = 9`. Lilt says: `lead` is 9: write a number from 1 to 4

tempo(84)
seed(8)
key "C"

play("drums", drums "bd ~ [~ bd] ~, hh*8"):gain(0.6)
accompany({
  listen = keys_in(), keys = "pluck", bass = "sub",
  changes = 2, lead = 1,
}):on(synth("pad", { attack = 0.05, release = 0.4 })):gain(0.35):reverb(0.3)
