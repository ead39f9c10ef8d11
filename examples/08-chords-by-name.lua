-- 8. Chords by their names.
-- You hear: eight bars of chords that lead into each other with the shortest steps, a bass
-- on their roots, a run through their notes, and a tune written as steps of the scale.
-- `voicing` finds the near way from chord to chord; `arp` plays a chord note by note; in
-- `degrees` 0 is the tonic, 2 the third, 7 the octave, in whatever key the script says.
-- Change: `"<Dm9 G13 Cmaj9 A7` to `"<Fmaj7 E7 Am7 D9`; then the key to "C minor", and hear the tune follow.
-- Break: `A7 Dm7` to `A7 Hm7`. Lilt says: `Hm7` is no chord

tempo(100)
key "C major"

local changes = "<Dm9 G13 Cmaj9 A7 Dm7 Fm6 Em7 A7>"

play("chords", chords(changes):voicing():struct "~ x ~ [x x]")
  :on(synth "keys"):gain(0.55):reverb(0.2)

play("arp", chords(changes):voicing():arp("0 1 2 3 2 1 3 2"):octave(1))
  :on(synth "pluck"):gain(0.3):pan(-0.35):delay(0.2)

play("bass", "<d2 g1 c2 a1 d2 f2 e2 a1>(3,8)"):on(synth "bass"):gain(0.6)

play("tune", degrees "<[4 ~ 3 1] [2 4@3] [4@2 2 0] ~ [5 ~ 4 3] [2 1@3] [0 2 4 6] [5@2 ~@2]>")
  :on(synth "lead"):gain(0.3):pan(0.25):reverb(0.3)

play("drums", drums("bd ~ [~ bd] ~, ~ rs, hh*8"):swingBy(1/4, 4)):gain(0.55)
