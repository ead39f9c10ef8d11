-- 49. Call and answer.
-- You hear: a beat, and nothing else until you play: type on the letters A to L in the terminal
-- where `lilt live` runs. When you rest for a beat, a chain of notes that has learnt from the tune
-- in this text answers what you said, once, from the next beat.
-- Change: `rest = 1` to `rest = 0.5`; then markov(tune, { order = 2 }) to model "folk".
-- Break: `keys_in()` to `keys_on()`. Lilt says: unknown name `keys_on`

tempo(104)
key "D dorian"
seed(4)

play("beat", drums "bd ~ [~ bd] ~, ~ sd ~ sd, hh*8"):gain(0.7)
play("drone", "d2'sus4"):on(synth("pad", { attack = 2 })):gain(0.4):reverb(0.5)

local tune = clip { 62, 64, 65, 67, 69, 67, 65, 64, 62, 60, 62, 65, 64, 60, 62, "~" }

duet(markov(tune, { order = 2 }), { listen = keys_in(), rest = 1, bars = 2 })
  :on "pluck":gain(0.8):delay(0.2)
