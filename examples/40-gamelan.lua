-- 40. Gamelan.
-- You hear: bronze: a slow tune of sixteen beats, the same tune in pairs and in doubles over it,
-- small gongs that divide the round, and one great gong that closes it and opens the next.
-- The tuning has five equal steps to the octave, as no piano has; each instrument is a pair, one
-- of them a hair sharp, so that it shimmers. Every third and fourth round is soft, for the flute.
-- Change: `local step = 2.4` to `local step = 2`, a whole-tone scale; then the tempo to 72.
-- Break: `slendro "<[~ ~ ~ 6]` to `slendro "<[~ ~ ~ 6`. Lilt says: `>` cannot stand here,
-- inside `[`

tempo(100)
form "loud@8 soft@8"

local step = 2.4 -- semitones: five to the octave
local place = { ["1"] = 0, ["2"] = 1, ["3"] = 2, ["5"] = 3, ["6"] = 4 } -- as Javanese players count

local function slendro(text)
  return notes((text:gsub("%d", function(tone) return 50 + step * place[tone] end)))
end

-- The tune, four beats to the bar, and how the others play around it.
local balungan = { "2 1 2 6", "2 1 6 5", "3 2 3 1", "6 5 3 2" }
local function round(turn)
  local bars = {}
  for at, bar in balungan do bars[at] = "[" .. bar:gsub("(%d) (%d) (%d) (%d)", turn) .. "]" end
  return slendro("<" .. table.concat(bars, " ") .. ">")
end

local function bronze(name, music, ring, loud)
  local voice = synth("fm", { fmh = 2.76, fm = 1.4, fmdecay = ring / 5, decay = ring, sustain = 0, release = ring })
  for side, sharp in { -0.15, 0.15 } do
    play(name .. side, music:transpose(sharp)):on(voice):pan(sharp * 3):gain(loud):reverb(0.4):size(0.7)
  end
end

bronze("saron",  round "%1 %2 %3 %4", 1.2, 0.5)
bronze("peking", round("%1 %1 %2 %2 %3 %3 %4 %4"):octave(1), 0.4, "<0.3!8 0.12!8>")
bronze("bonang", round("%1 %2 %1 %2 %3 %4 %3 %4"):octave(1):degradeBy("<0!8 0.3!8>"), 0.7, 0.28)
bronze("gender", round("[%1 ~ %2 %1] [%2 %1 ~ %2] [%3 ~ %4 %3] [%4 %3 ~ %4]"):mask("<0!8 1!8>"), 0.9, 0.3)
bronze("kenong", slendro "<[~ ~ ~ 6] [~ ~ ~ 5] [~ ~ ~ 1] [~ ~ ~ 2]>", 2.5, 0.45)

local hanging = synth("fm", { fmh = 1.41, fm = 2, fmdecay = 0.5, decay = 5, sustain = 0, release = 3 })
play("kempul", slendro("<~ [~ 5 ~ ~] [~ 3 ~ ~] [~ 6 ~ ~]>"):octave(-1)):on(hanging):gain(0.45):reverb(0.4)
play("gong", slendro("<~ ~ ~ [~ ~ ~ 2]>"):octave(-2)):on(hanging):gain(0.9):reverb(0.5)
play("ketuk", drums("[~ cb]*4"):tune(-9):decay(0.3)):gain(0.25):pan(0.3)
play("kendang", drums("[lt ~ mt lt] [~ lt] [mt ~ ht ~] [lt mt]"):velocity("0.6 0.4 0.7 0.5"):humanize(1/48, 0.1))
  :gain("<0.7!8 0.35!8>")

play("suling", slendro("<[6 _ _ 5] [6 5 3 _] [2 _ _ 3] [5 3 2 _] [3 _ 5 6] [5 _ _ ~] [1 2 3 _] 2>"):octave(2))
  :on(synth("sine", { attack = 0.08, noise = 0.08, vibrato = 30, release = 0.2 })):gain(0.25):reverb(0.5):only "soft"
