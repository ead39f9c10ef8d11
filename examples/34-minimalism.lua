-- 34. Minimalism.
-- You hear: one figure of twelve notes on two pianos; one of them is faster by a hair, so they
-- drift apart, note by note, until they meet again after sixteen bars. Marimbas and a pulse
-- are laid over what happens between them; chords change when you have forgotten that they can.
-- Change: `rate(17/16)` to `rate(13/12)`; then take any note out of the figure.
-- Break: `rate(17/16)` to `rate(0)`. Lilt says: `rate` expects a number from 1/64 to 64, got 0

tempo(132)
meter "6/4"
key "B minor"

local figure = notes "e4 f#4 b4 c#5 d5 f#4 e4 c#5 b4 f#4 d5 c#5"

play("piano one", figure):on(synth "keys"):gain(0.5):pan(-0.6):reverb(0.2)
play("piano two", figure):on(synth "keys"):gain(0.5):pan(0.6):rate(17/16):reverb(0.2)

local chord = "<[b2,d3,f#3,a3]!4 [g2,b2,d3,f#3]!4 [e2,b2,d3,g3]!4 [a2,c#3,e3,f#3]!4>"

play("pulse", notes(chord):struct("x*12"):gain(tri(24):range(0.3, 1)))
  :on(synth("sine", { attack = 0.01, decay = 0.12, sustain = 0.2, release = 0.1 })):gain(0.4)

play("marimba", notes("<b5 a5 f#5 d5>*2, <f#5 e5>(5,12)"):mask("<0!4 1!12>"):degradeBy(0.15))
  :on(synth("fm", { fmh = 4, fm = 1.2, fmdecay = 0.06, decay = 0.35, sustain = 0 })):gain(0.32):pan(0.2)

play("breath", notes(chord):octave(1):mask("<0!8 1!8>"))
  :on(synth("voice", { attack = 0.7, release = 1 })):vowel("<1 4 5 4>"):gain(sine(48):range(0.05, 0.25)):reverb(0.5)

play("bass", "<b1!4 g1!4 e1!4 a1!4>"):on(synth("organ", { attack = 0.2, release = 0.5 })):gain(0.4):lowpass(500)
play("maracas", drums "hh*12"):gain("0.5 0.2 0.3"):highpass(6000):pan(-0.25)
