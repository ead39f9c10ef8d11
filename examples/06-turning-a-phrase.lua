-- 6. Turning a phrase around.
-- You hear: a phrase of one bar that is never twice the same: backwards in every fourth bar,
-- with an echo a fifth higher, its second half doubled now and then; the bass is the same
-- phrase, four times as slow.
-- A verb takes music and gives music, so verbs stand in a row. Where a verb wants to know what
-- to do, it takes another verb: `every(4, rev)`.
-- Change: `every(4, rev)` to `every(2, rev)`; then `iter(4)` after it, then `jux(rev)`.
-- Break: `:every(4, rev)` to `:evry(4, rev)`. Lilt says: a pattern has no `evry`

tempo(112)
key "E dorian"

local phrase = notes "e4 [g4 a4] b4 [a4 f#4]"

local function rev(music) return music:rev() end
local function echo(music) return music:transpose(7):gain(0.4):pan(0.5) end
local function double(music) return music:ply(2) end

play("phrase", phrase:every(4, rev):off(3/16, echo):lastOf(8, double))
  :on(synth "pluck"):gain(0.6):reverb(0.2)

play("bass", phrase:slow(4):octave(-2):struct "x ~ x [~ x]")
  :on(synth "bass"):gain(0.55)

play("high", phrase:fast(2):octave(1):degradeBy(0.5):chunk(4, double))
  :on(synth "bell"):gain(0.2):pan(-0.4):delay(0.25)

play("drums", drums("bd [~ bd] sd ~, hh*8"):every(4, function(d) return d:linger(1/2) end))
  :gain(0.55)
