-- 20. A model of your own notes.
-- You hear: a model that was trained a moment ago on the two phrases below, and
-- goes on inventing from them; in the other ear the way from the one phrase to the
-- other in five steps.
-- Change: `order = 1` to `order = 3` (how far it looks back); then any note of the phrases;
-- then `smoothing` (how much it dares what you never played).
-- Break: `{ one, two }` to `{ one, "two" }`. Lilt says: `markov` expects a clip or a list of
-- clips, as in markov { a, b }, got the text "two"

tempo(120)
key "A minor"

local one = clip {
  "a4", { pitch = "c5", duration = 1/2 }, { pitch = "d5", duration = 1/2 }, "e5",
  { pitch = "d5", duration = 1/2 }, { pitch = "c5", duration = 1/2 },
}
local two = clip {
  "e5", { pitch = "d5", duration = 1/2 }, { pitch = "e5", duration = 1/2 }, "a4",
  { pitch = "g4", duration = 1/2 }, { pitch = "a4", duration = 1/2 },
}

local mine = markov({ one, two }, { order = 1, smoothing = 0.2 })

-- It never says the same pitch three times running, and it comes home.
local taste = reward.repeats(2) + reward.calm
local tune = mine:tilt(taste, { strength = 0.5 }):sample { notes = 24, seed = 3 }

local way = mine:interpolate(one, two, { steps = 5, seed = 1 })

play("invention", tune):on(synth "pluck"):gain(0.55):pan(-0.4)
play("way", way[1] .. way[2] .. way[3] .. way[4] .. way[5]):on(synth "bell"):pan(0.4):gain(0.5)
play("bass", "<a2 [a2 e2] f2 [g2 e2]>"):on(synth "bass"):gain(0.6)
