-- 50. Knobs that bend a filter.
-- You hear: an acid line. With a MIDI keyboard or a box of knobs at hand, controller 74 (most often
-- the knob named cutoff) opens the filter and the wheel (1) sets how far each note sweeps it; a phone
-- that sends OSC turns the echo by /fader/1. Without any of them they stand where the text says.
-- Change: `cc(74, 0.3)` to `cc(74, 0.6)`; then "saw" to "supersaw".
-- Break: `cc(74, 0.3)` to `cc(174, 0.3)`. Lilt says: `cc` is 174: write a whole number from 0 to 127

tempo(128)

local line = notes("c2*4 [c3 c2] eb2 [g2 c2] <bb1 [c2 g1]>")

play("acid", line:cutoff(cc(74, 0.3):range(150, 5000)):fenv(cc(1, 0.4) * 4):fdecay(0.15))
  :on(synth("saw", { resonance = 0.7, drive = 0.4 }))
  :delay(osc_in("/fader/1", { unsaid = 0.2 }))
play("beat", drums "bd*4, ~ cp ~ cp, ~ hh ~ hh ~ hh ~ hh")
