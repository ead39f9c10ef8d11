-- 4. Recorded sounds.
-- You hear: drum machines as they were recorded, a break that is cut into eight and put together
-- in another order, a kalimba, a voice that is now and then played backwards, and wind.
-- `sound` takes names, and `:2` the third of a name; `lilt doc sounds` lists what comes with Lilt,
-- `lilt play breaks:1` plays one. Your own go into a folder `samples` beside this script:
-- samples/dog/bark.wav is `sound "dog"`.
-- Change: `splice(8, cuts)` to `splice(16, cuts)`; then the numbers of the cuts, then `breaks:1`.
-- Break: `"909bd*4` to `"909bt*4`. Lilt says: there is no sound `909bt`

tempo(124)
key "D dorian"
form "song@12 calm@4"

local cuts = "<[0 1 2 3 4 5 6 7] [0 3 2 3 4 5 [6 6] 7] [0 1 2 3 4 2 [4 4] [7 6]] [0 0 3 3 4 [5 5 5 5] 6 1]>"

play("machine", sound "909bd*4, ~ 909cp, [~ 909oh]*4"):gain(0.5)
play("break", sound("breaks:1"):splice(8, cuts)):gain(0.55):except "calm"

play("kalimba", degrees("<[0 4 7 9] [8 7 4 3] [5 ~ 4 2] [3 2 0 ~]>*2"):sound "pluck:2")
  :gain(0.8):pan(sine(12):range(-0.6, 0.6)):delay(0.3):reverb(0.25)
play("bass", notes("<d2 d2 f2 c2>(3,8)"):sound "bass:3"):gain(0.35)

play("voice", sound("~ voice ~ <voice:2 ~>"):speed("<1 -1>")):gain(0.4):reverb(0.6):only "song"
play("shaker", sound "sh*8, ~ ~ ~ <~ tb>"):gain("0.5 0.25"):pan(0.4)
play("wind", sound("noise:2"):loopAt(4)):gain(sine(32):range(0.05, 0.25)):only "calm"
