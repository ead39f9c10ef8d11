-- 32. Ambient.
-- You hear: almost nothing, for as long as you like: two pads that breathe against each other,
-- bells that fall where they will, a voice very far away, and a low note that holds it all.
-- Nothing here is in step: four slots have rates of their own and meet again after hours.
-- Change: `rate(5/7)` to `rate(2/3)`; then the key to "D lydian", then put on your coat and walk.
-- Break: `key "E lydian"` to `key "E lidian"`. Lilt says: `E lidian` is no key

tempo(60)
key "E lydian"
seed(4)

play("ground", "<e1 e1 [e1@3 b1] e1>")
  :on(synth("sub", { attack = 2, release = 3 })):gain(0.45)

play("breath in", degrees("<[0,4,9] [1,4,8] [0,4,8] [-1,3,9]>"))
  :on(synth("pad", { attack = 2, release = 4 })):rate(5/7):gain(0.45)
  :lowpass(sine(28):range(500, 2600)):reverb(0.7):size(0.9):width(1.7)

play("breath out", degrees("<[2,6] [4,9] [3,8] [1,5]>"):octave(-1))
  :on(synth("string", { attack = 1.5, release = 3 })):rate(3/5):gain(0.34)
  :tremolo(0.25):tremolorate(0.4):reverb(0.7):pan(sine(19):range(-0.6, 0.6))

play("bells", (degrees("7 ~ ~ 9 ~ ~ 11 ~") + irand(4)):degradeBy(0.45):velocity(rand:range(0.2, 0.6)))
  :on(synth "bell"):rate(3/4):gain(0.5):delay(0.6):delaytime(1.5):delayfeedback(0.7):reverb(0.8):size(1)
  :pan(perlin(5):range(-0.9, 0.9))

play("far voice", degrees("<[4@3 ~] ~ [5@2 4 2] ~ [1@3 ~] ~ ~ ~>"):octave(1))
  :on(synth("voice", { attack = 0.8, release = 2, vibrato = 15 })):vowel("<5 [5 4]>")
  :gain(0.2):reverb(1):size(1):damp(0.7)

play("air", "e5"):on(synth("noise", { attack = 3, release = 3 }))
  :gain(perlin(9):range(0, 0.06)):bandpass(sine(45):range(600, 3000)):pan(sine(31):range(-0.8, 0.8))
