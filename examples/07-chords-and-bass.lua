-- 7. Chords and a bass.
-- You hear: four chords under a walking bass, and a filter that opens and closes.
-- A function may stand wherever a number may: it is asked again and again, with
-- the beat as its argument, while the music plays.
-- Change: `beat / 16` to `beat / 4`; then the chords, then the bass to another octave.
-- Break: `function(beat) return` to `function(beat)`. Lilt says: a value is missing before
-- `1500`

tempo(96)
key "A minor"

play("chords", "<[a3,c4,e4] [f3,a3,c4] [c4,e4,g4] [g3,b3,d4]>")
  :on(synth "pad")
  :lowpass(function(beat) return 1500 + 1200 * math.sin(beat / 16 * 2 * math.pi) end)
  :reverb(0.4)
  :gain(0.45)

play("bass", "<[a1 a1 e2 a1] [f1 f1 c2 f1] [c2 c2 g1 c2] [g1 g1 d2 b1]>")
  :on(synth "bass")
  :gain(0.7)

play("drums", drums "bd ~ [~ bd] ~, ~ sd ~ sd, hh*8"):gain(0.65)
