-- 13. Three against four.
-- You hear: a beat in four, bells in three, a marimba in seven and a bass in five: they fall
-- together now and then, and drift apart again; every fourth bar the tempo leans forward.
-- `:meter "3/4"` gives a slot bars of its own; `:rate(3/2)` lets it play three bars in two;
-- `{a b c}%4` goes round three steps, four to the bar; a tempo may move like any number.
-- Change: `:meter "3/4"` to `:meter "5/4"`; then `%5` to `%6`; then the tempo to `tempo(line(60, 180, 64))`.
-- Break: `:rate(3/2)` to `:rate("fast")`. Lilt says: `rate` expects a number from 1/64 to 64,
-- got the text "fast"

tempo "<104 104 104 116>"
key "A dorian"

play("beat", drums "bd [~ bd] sd ~, hh*8, ~ ~ ~ [~ <~ oh>]"):gain(0.6)

play("bells", degrees("<[7 9 11] [8 9 13]>"):octave(1)):meter "3/4"
  :on(synth "bell"):gain(0.3):pan(-0.4):reverb(0.4)

play("marimba", degrees "{0 4 2 7 4 9 5}%8")
  :on(synth("fm", { fmh = 4, fm = 1.2, fmdecay = 0.06, decay = 0.4, sustain = 0 })):gain(0.5):pan(0.3)

play("bass", "{a1 ~ e2 g1 a1}%5"):on(synth "bass"):gain(0.6)

play("clave", drums "rs(3,8), cb(5,16,2)"):rate(3/2):gain(0.3):pan(0.6):delay(0.2)

play("pad", chords("<Am7 D9>"):voicing()):rate(1/2):on(synth "pad"):gain(0.3):reverb(0.4)
