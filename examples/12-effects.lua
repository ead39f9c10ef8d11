-- 12. Effects.
-- You hear: a dry little riff that is sent through a corridor of effects, two bars each: echo,
-- a phaser, a crusher, a vowel; a pad that opens and closes, and ducks when the kick comes; and
-- a room that grows. The drums go through a bus, a desk of their own.
-- Every effect is a knob of the slot, and every knob may move: by a text in turns, by a wave,
-- by a function of the beat. At 0 it costs nothing.
-- Change: `delaytime(3/4)` to `delaytime(1/3)`; then `crush` down to 3.
-- Break: `phaser(` to `phasor(`. Lilt says: a slot has no `phasor`

tempo(98)

play("kick", drums "bd [~ bd] [~ bd] ~"):gain(0.5):to "drums"
play("rest", drums "~ sd, hh*8"):gain(0.5):to "drums"
bus("drums"):compressor(0.4):high("<0!6 -8 4>")

play("riff", "<[a3 ~ c4 a3 ~ d4 ~ e4] [g4 e4 ~ d4 c4 ~ a3 ~]>")
  :on(synth("saw", { cutoff = 2200, fenv = 1.5, fdecay = 0.2, release = 0.15 }))
  :gain(0.5)
  :delay("<.5!2 0!6>"):delaytime(3/4):delayfeedback(0.6)
  :phaser("<0!2 .8!2 0!4>"):phaserrate(0.8)
  :crush("<16!4 5!2 16!2>"):coarse("<1!4 4!2 1!2>")
  :vowel("<0!6 [1 4] [2 5]>")

play("pad", "<[a2,e3,c4] [f2,c3,a3] [d3,a3,f4] [e3,b3,g#4]>/2")
  :on(synth "supersaw"):gain(0.4)
  :lowpass(sine(64):range(300, 5000)):resonance(0.2):chorus(0.5):width(1.6)
  :duck("kick", { depth = 0.7, release = 0.3 })

play("drop", "<a5 ~ e6 ~>/2"):on(synth "bell"):gain(0.3)
  :reverb(0.9):size(sine(64):range(0.2, 1)):damp(0.2)

play("bass", notes("<a1 a1 f1 f1 d2 d2 e2 e2>"):ply(4))
  :on(synth "bass"):drive("<0 .3>"):gain(0.45):tremolo(sine(32):range(0, 0.6)):tremolorate(6)
