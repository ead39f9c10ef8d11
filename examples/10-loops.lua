-- 10. Loops.
-- You hear: a bell that thinks aloud, a beat under it, and a bass that waits for the beat to
-- give it a sign. Each is a little story: play this, wait so long, play that.
-- A loop goes round for ever. `sleep` moves it on in time, by the beat and never late; `sync`
-- waits for another loop's `cue`. Edit one: the others never notice.
-- Change: `sleep(3/4)` to `sleep(2/3)`; then the bell's notes.
-- Break: `sleep(1/2) -- and on` to `-- and on`. Lilt says: loop `beat` has no sleep: its next
-- round would begin at once

tempo(108)

loop("bell", function(round)
  local scale = if round % 8 < 5 then { "e5", "g5", "a5", "b5" } else { "d5", "f#5", "a5", "c6" }
  note(choose(scale), { length = 2, velocity = 0.5 })
  sleep(3/4)
  if round % 4 == 0 then
    note(choose(scale), { length = 3, pan = 0.6 })
    sleep(1)
  end
end):on "bell":reverb(0.4):gain(0.5)

loop("beat", function(round)
  cue "down"
  for step = 1, 8 do
    if step == 1 or step == 4 or (step == 8 and round % 4 == 0) then hit "bd" end
    if step % 4 == 3 then hit("sd", { velocity = 0.8 }) end
    hit("hh", { velocity = if step % 2 == 1 then 0.6 else 0.3 })
    sleep(1/2) -- and on
  end
end):gain(0.7)

loop("bass", function(round)
  sync "down"
  local root = ({ 40, 40, 36, 38 })[(round - 1) % 4 + 1]
  note(root, { length = 1.4 })
  sleep(3/2)
  note(root + 7, { length = 0.4 })
  sleep(1/2)
  note(root + 12, { length = 1 })
end):on "bass":gain(0.8)
