-- 14. Bar by bar.
-- You hear: a tune that is told bar by bar: a little function is asked for each two bars, and knows
-- how often it was asked before. It begins with one note, finds a second, climbs, and falls.
-- `each(2, f)` is music that a function gives, stretch by stretch, ahead of what you hear; `on("bar", f)`
-- is called as each bar comes, and may print where you are.
-- Change: `local high = 8` to `local high = 4`; then what the function gives when it comes home.
-- Break: `return degrees(text)` to `return nonsense(text)`. Lilt says: unknown name `nonsense`

tempo(126)
key "G mixolydian"

local high = 8 -- stretches until it has climbed to the top

local function story(n)
  local round = (n - 1) % (2 * high)
  local top = if round < high then round else 2 * high - 1 - round
  if round == 2 * high - 1 then return "<[g4 ~ d4 ~] g3>" end
  local text = "0"
  for step = 1, top do text ..= if step % 3 == 0 then " [" .. step .. " ~]" else " " .. step end
  return degrees(text)
end

play("story", each(2, story)):on(synth "pluck"):gain(0.7):delay(0.2):reverb(0.2)
play("shadow", each(2, story):octave(-1):late(1/2)):on(synth "keys"):gain(0.4):pan(0.4)

play("ground", "<[g2,d3] [g2,d3] [f2,c3] [g2,d3]>"):on(synth "organ"):gain(0.25):lowpass(sine(32):range(400, 2500))
play("bass", "<g1 g1 f1 g1>(5,8)"):on(synth "bass"):gain(0.55)
play("feet", drums "bd ~ bd ~, ~ cp?0.3 ~ cp, hh*8?0.2"):gain(0.55)

on("bar", function(bar)
  if bar % 4 == 1 then print("bar", bar) end
end)
