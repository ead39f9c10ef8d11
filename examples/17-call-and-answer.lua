-- 17. Call and answer.
-- You hear: two bars that you wrote, then two bars in which the model goes on
-- from them; then your tune an octave lower, as a bass that knows what is coming.
-- Change: `"d4", duration = 1 }` to `"c4", duration = 1 }`; then any note: the answer follows.
-- Break: `{ bars = 2,` to `{ bar = 2,`. Lilt says: `continue` has no option `bar`

tempo(108)
key "E dorian"

local folk = model "folk"

local call = clip {
  { pitch = "e4", duration = 1 },   { pitch = "g4", duration = 1/2 },
  { pitch = "a4", duration = 1/2 }, { pitch = "b4", duration = 1 },
  { pitch = "a4", duration = 1/2 }, { pitch = "g4", duration = 1/2 },
  { pitch = "f#4", duration = 1 },  { pitch = "d4", duration = 1 },
  { pitch = "e4", duration = 2 },
}

local answer = folk:continue(call, { bars = 2, temperature = 0.7, seed = 4 })

play("call",   call .. clip { length = 8 }):on(synth "keys"):gain(0.8):pan(-0.3)
play("answer", clip { length = 8 } .. answer):on(synth "pluck"):gain(0.7):pan(0.3):delay(0.2)
play("bass",   (call:stretch(2)):transpose(-24)):on(synth "bass"):gain(0.6)
play("drums",  drums "bd [~ bd] sd ~, hh*8?"):gain(0.5)
