-- 3. A melody in one line.
-- You hear: a tune of four bars, and under it a bass, a chord and a shaker, each
-- written in one line of text.
-- Words share the bar; `[a b]` share one place; `a@3` is three places long; `a!3` is a
-- thrice; `a*2` twice as fast; `a/2` half as fast; `<a b>` takes turns; `~` rests; `a . b c`
-- groups as brackets do; `{a b c}%4` goes round, four to a bar; `a .. d` counts up.
-- Change: `d5@3` to `[d5 e5]@3`; then take a bracket away, and hear how the bar shares itself.
-- Break: `[b4@3 g4]` to `[b4@3 g4`. Lilt says: `>` cannot stand here, inside `[`

tempo(104)

play("tune", [[
  <[e4 g4 a4 b4] [d5@3 b4] [a4 g4 . a4 b4 a4 . g4@2] [e4!2 [f#4 g4]@2]
   [e5 d5 b4 a4] [b4@3 g4] [a4 b4 . a4 g4 e4 . d4@2] [e4@3 ~]>
]]):on(synth "pluck"):gain(0.6):reverb(0.25)

play("chord", "<e3'min7 d3'maj e3'min7 b2'min>/2"):on(synth "string"):gain(0.3)
play("bass",  "{e2 ~ e2 [~ b1] d2 ~}%4"):on(synth "bass"):gain(0.55)
play("count", "52 .. <55 59>"):on(synth "bell"):gain(0.25):pan(0.4):delay(0.2)
play("shaker", drums "hh!3 [hh hh] . hh*4"):gain(0.6):pan(-0.3)
