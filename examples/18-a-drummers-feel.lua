-- 18. A drummer's feel.
-- You hear: a stiff beat for two bars, then the same hits as a drummer would play
-- them, harder and softer, early and late; and every fourth bar a fill.
-- Change: `style = "funk"` to `style = "jazz"` (`lilt models drums` lists them); then the seed;
-- `temperature = 1` beside it plays looser (a groove has 0.75 when nothing is said).
-- Break: `style = "funk"` to `style = "fnuk"`. Lilt says: `style` cannot be "fnuk"

tempo(96)

local drummer = model("drums", { style = "funk", bpm = 96 })

local stiff = clip {
  { sound = "bd", start = 0 },   { sound = "hh", start = 0 },
  { sound = "hh", start = 0.5 }, { sound = "sd", start = 1 },
  { sound = "hh", start = 1 },   { sound = "hh", start = 1.5 },
  { sound = "bd", start = 1.75 }, { sound = "hh", start = 2 },
  { sound = "bd", start = 2.5 }, { sound = "hh", start = 2.5 },
  { sound = "sd", start = 3 },   { sound = "hh", start = 3 },
  { sound = "hh", start = 3.5 }, { sound = "sd", start = 3.75 },
  length = 4,
}

local played = drummer:groove(stiff .. stiff, { seed = 2 })
local fill = drummer:fill(played, { seed = 5 })

play("kit", stiff .. stiff .. played .. played:slice(0, 4) .. fill):on(synth "kit"):gain(0.8)
play("bass", "<[e2 ~ ~ e2 ~ g2 ~ ~] [a2 ~ ~ a2 ~ g2 e2 ~]>"):on(synth "bass"):gain(0.55)
