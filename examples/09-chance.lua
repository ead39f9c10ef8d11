-- 9. Chance.
-- You hear: dice at work: notes that come or stay away, a bar that is doubled now and then,
-- steps of a scale that nobody chose. It is the same each time it is played, since chance
-- begins at the seed: another number there is another performance.
-- `?` leaves out half, `?0.2` two in ten, `a | b` takes one of them; `degradeBy`, `sometimes`,
-- `rarely`, `somecycles` do it to any music; `rand`, `irand`, `perlin` are chance as numbers.
-- Change: `seed(12)` to `seed(13)`; then `irand(8)` to `irand(3)`, then `0.3` to `0.8`.
-- Break: `rarely(double)` to `rarely(2)`. Lilt says: `rarely` expects a change, as in
-- fast(2) or function(p) return p:rev() end, got 2

tempo(120)
key "C minor pentatonic"
seed(12)

local function double(music) return music:ply(2) end
local function high(music) return music:octave(1) end

play("dice", (degrees("0*8") + irand(8)):degradeBy(0.3):sometimes(high):rarely(double))
  :on(synth "pluck"):gain(0.65):pan(rand:range(-0.6, 0.6)):delay(0.2)

play("bass", "c2 [c2 | eb2] <g1 bb1 [g1 | f1]> [c2? g1?0.3]")
  :on(synth "bass"):gain(0.55)

play("pad", "<[c3,eb3,g3] [[bb2,d3,f3] | [ab2,c3,eb3]]>/2")
  :on(synth "pad"):gain(0.4):lowpass(perlin(8):range(500, 3000))

play("drums", drums("bd [~ bd?] sd [bd?0.3 ~], hh*8?0.2, ~ ~ ~ [cp | rs | oh]"):somecycles(double))
  :gain(0.6)
