-- 56. A trombone becomes a flute.
-- You hear: a tune whose every note is a little less trombone and a little more flute, and back; over it
-- bells without their strokes, only what rings after them; below, something between a cow and a cello.
-- Change: `"flute"` to `"moo"`; then `onset(0.4)` to `onset(0)`.
-- Break: `t:at("trombone"` to `t:at("tromboen"`. Lilt says: the space has no sound `tromboen`

tempo(92)

local t = model "timbre"

play("lead", notes("c3 eb3 g3 <bb3 c4> [ab3 g3] f3 eb3 <d3 g2>"):slow(2))
  :on(t:at("trombone", "flute", sine(32)))
  :reverb(0.25)

play("tails", notes("<[g4 ~ c5 ~] [eb5 ~ ~ bb4]>"))
  :on(t:at("bell"):onset(0.4))
  :gain(0.7):reverb(0.5)

play("floor", notes("<c2 ab1 f2 g2>"))
  :on(t:at("moo", "cello", 0.4))
  :lowpass(1800)
