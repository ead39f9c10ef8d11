-- 5. Instruments and their knobs.
-- You hear: one phrase that walks from instrument to instrument, a bar on each, over a
-- bass whose filter somebody turns, slowly, up and down again.
-- `lilt doc instruments` lists them all, `lilt doc controls` what can be turned. A knob takes a
-- number, a text of numbers, or a wave: `sine(32):range(300, 2400)` is there and back in 32 beats.
-- Change: `"<fm organ string voice>"` to `"<bell square keys pluck>"`; then resonance to 0.9.
-- Break: `"acid"` to `"acit"`. Lilt says: there is no instrument `acit`

tempo(116)
key "A minor"

play("phrase", notes("<[a4 c5 e5 c5] [g4 b4 d5 b4] [f4 a4 c5 e5] [e4 g#4 b4 d5]>")
  :on("<fm organ string voice>"):attack("<.005 .01 .06 .04>"):release("<.4 .1 .3 .3>"))
  :gain(0.55):reverb(0.25)

play("bass", notes("<a1 g1 f1 e1>"):ply(8)):on(synth("acid", {
  cutoff    = sine(32):range(300, 2400),
  resonance = 0.7,
  fenv      = 2.5,
  fdecay    = 0.18,
  accent    = "0 .2 0 .8 0 .3 .6 0",
})):gain(0.6)

play("stars", "e6(<3 5 2 4>,8,2)"):on(synth("fm", { fmh = 3.5, fm = 4, fmdecay = 0.2 }))
  :gain(0.22):pan(tri(6):range(-0.8, 0.8)):delay(0.35)

play("drums", drums("bd*4, ~ cp, [~ hh]*4"):tone("<.5 .7>"):decay(0.8)):gain(0.75)
