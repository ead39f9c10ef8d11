---@meta
-- Every word of Lilt, for the Lua language server. Made by `lilt doc --stubs lua`.

---A clip of music in ABC, the notation of folk tunes: letters are notes, c is the octave above C, a number behind one makes it longer. Of a book of tunes it is the first, unless you say which. What stands before the first bar line is an upbeat. Its tempo, key and metre are kept and not applied: tempo(tune:tempo()) does that.
---@param text any ABC in double brackets: fields such as K:G (the key), M:6/8 (the metre) and L:1/8 (the length of a letter) in lines of their own, then the music; all fields may be left out
---@return any
function abc(text, options) end

---Plays the notes with these velocities in turn.
---@param music any what is accented: a clip note by note, other music in equal parts of each bar
---@param forces any a list of numbers from 0 to 1
---@return any
function accent(music, forces) end

---Chords under what is being played on keys, as music: which ones come is foreseen from the notes, and settled a beat before they sound. They are in the script's key, where it says one before; otherwise the key is found. It is silent until something was played and where nothing was for two bars. accompany puts its chords and its bass on slots.
---@return any
function accompaniment(options) end

---Chords and a bass under what is being played on keys, in the script's key or one that they find, a step ahead: each chord is foreseen from the notes, settled a beat before it sounds, and the next one is mended where it was wrong. What it gives is the slot of the chords: accompany():on "pad".
---@return any
function accompany(options) end

---The pitches of a chord one after the other.
---@param pitches any a list, as chord gives it
---@return any
function arpeggio(pitches, options) end

---Sets the ground that is drawn on.
---@param colour any sky, amber, mint, rose, iris, lemon, ember, dusk, moss or lilac, a name of CSS such as midnightblue, or #rrggbb
---@return any
function background(colour) end

---The sketch with every point moved by a function.
---@param sketch any what is moved
---@param bend any a function that takes x and y and gives x and y
---@return any
function bent(sketch, bend) end

---A clip in which the chords sound one after the other.
---@param chords any a list of chords, each a list of pitches
---@param beats any how long each lasts; 4 when left out
---@param velocity any how hard, 0 to 1; 0.6 when left out
---@return any
function block(chords, beats, velocity) end

---A signal. By chance 0 or 1, another value at each moment. Without beats, one wave a bar.
---@param beats any how long one wave takes; a bar when left out
---@return any
function brand(beats) end

---Names a bus: what slots send to it with slot:to goes through its controls together, and then to the master. It takes every control of a slot, quantum, silent, solo, to and duck.
---@param name any of the bus, 1 to 64 letters; a name that no slot has
---@return any
function bus(name) end

---The music against itself, each voice later than the one before. A clip stays one.
---@param music any a clip, a pattern or a text of notes
---@return any
function canon(music, options) end

---Where a knob, a fader or a pedal stands that sends this controller by MIDI, from whichever device: a signal from 0 to 1, heard as it is turned.
---@param number any of the controller, 0 to 127
---@param unsaid any where it stands before it was touched, 0 to 1; 0 when left out
---@return any
function cc(number, unsaid) end

---In a loop: one of several values, by chance.
---@param values any a list
---@return any
function choose(values) end

---The pitches of a chord, from its root up.
---@param name any a root and what kind, as in "Am", "F#m7", "Cmaj7", "G7", "Dsus4", "C/E"; `lilt doc notation` lists all
---@param octave any of the root; 3 when left out
---@return any
function chord(name, octave) end

---Chords by their symbols, or by Roman numerals in a key, in mini-notation: all notes of each at once.
---@param text any as in "<C Am7 F G>" or "<I vi IV V7>"; a numeral may have a kind behind it, and b or # before it, as in "bVII"
---@param scale any where numerals are used, their key; the script's when left out
---@return any
function chords(text, scale) end

---A circle.
---@return any
function circle(options) end

---Where a hand last put the pen down on the canvas, or clicked: two numbers, rightwards and downwards, 0 to 1 on the stage's square and beyond it outside; 0.5 and 0.5 while nobody did. The script is read again when the pen is lifted.
---@return any
function clicked() end

---Makes music by hand: a list of notes, and how long it lasts. A note is a pitch alone, "~" for a rest, or a table of options.
---@return any
function clip(given) end

---Follows the MIDI clock of a drum machine or another program: its tempo, its beats, its start, stop, continue and song position. Until it comes, and when it is lost, Lilt goes on at the tempo that it has. A clock that was started before Lilt heard it gives the tempo alone: start it once more, and the bars lie on each other.
---@param device any a part of the name that `lilt devices` lists
---@return any
function clock_in(device, options) end

---Sends a MIDI clock to a port, 24 ticks a beat, so that a drum machine or another program follows Lilt's tempo: it is started at the next bar line, and stopped where nothing plays any more.
---@param port any a part of the port's name; a port of that name is opened when there is none
---@return any
function clock_out(port) end

---A signal. From 1 softly down to 0 and up again. Without beats, one wave a bar.
---@param beats any how long one wave takes; a bar when left out
---@return any
function cosine(beats) end

---A reward that is learnt from two lists of clips, in a blink: above 0 for what moves like the first, below 0 for what moves like the second (a logistic regression on how dense, long, loud, high and wide their notes are, and how they step). To push a model out of its safe spot, let its own samples be the bad ones.
---@param good any a list of clips
---@param bad any another
---@return any
function critic(good, bad) end

---In a loop: tells loops that sync with this name where it is in time.
---@param name any any text
---@return any
function cue(name) end

---One pitch of a scale: 1 is the tonic, 8 the tonic above in a scale of seven, 0 the pitch below.
---@param number any which, a whole number of any size
---@param name any a tonic and a scale; the script's key when left out
---@param octave any of degree 1; 4 when left out
---@return any
function degree(number, name, octave) end

---Steps of a scale in mini-notation: 0 is its tonic, 7 the tonic above in a scale of seven, -1 the step below; # and b raise and lower a step.
---@param text any numbers, as in "0 2 4# <7 9>"
---@param scale any a tonic and a scale, as in "D dorian"; the key that the script has set so far when left out, or else C major
---@return any
function degrees(text, scale) end

---Fills a slot with a drawing whose strokes appear in time, again and again. All drawings lie on one stage, those of higher layers over the others. What it gives can be told how to look, and every look is an option too: draw(…):size("1 .5"):hue(sine); `lilt doc looks` lists them.
---@param name any of the slot, 1 to 64 letters; each slot once
---@param drawing any a sketch; a list of sketches, one a round; a text or numbers that pick one of several; or a function that takes the first beat of each round and gives a sketch
---@return any
function draw(name, drawing, options) end

---The sketch that a hand drew on the canvas, with mouse, pen or finger; the script is read again when a stroke is finished. A sketch without strokes while nothing was drawn; Delete in the window empties it, and K keeps it beside the script, for `lilt train sketch`, and empties it.
---@return any
function drawn() end

---A pattern of drums in mini-notation; it fills one bar.
---@param text any bd sd rs cp hh oh lt mt ht cr rd cb, as in "bd*2 [~ sd]"
---@return any
function drums(text) end

---Call and answer: what is played on keys is heard on a slot of its own, and when a phrase is over the model goes on with it, once, from the next beat. What it gives is the slot of the answers: duet(model "folk"):on "pluck".
---@param model any one that goes on with notes, as in model "folk", model "melody", model "performance" or markov { … }
---@return any
function duet(model, options) end

---The music with every note changed by a function. What gives nil is left out. With a number of bars in place of the music: music whose first so many bars are what the function gives for 1, the next what it gives for 2, and so on. It is asked a stretch and four bars ahead of what you hear, and may ask a model.
---@param music any what is changed, as music:each does; a clip stays one; or a number of bars, 1 to 256
---@param change any a function that takes a note (a table) and gives one; or one that takes the number of the stretch and gives music
---@return any
function each(music, change) end

---Two takes by turns, of which you choose one: a like while one of them sounds, or a nope while the other does, says that you would rather hear the first, and taste learns from both.
---@param a any a clip
---@param b any another
---@return any
function either(a, b, options) end

---A signal that follows what another slot strikes: it jumps to 1 where a note begins, lower where it is struck softly, and falls back to 0. It is known from the plan and not from the sound, so what is rendered moves as what is played. With two texts or numbers it is envelope.
---@param slot any its name, or what play(…) gave
---@return any
function env(slot, options) end

---A number that moves in straight lines from one point to the next, all as long, and then stays at the last.
---@param points any numbers, as in "0 1 0.3 0"
---@param beats any how long all of it takes
---@return any
function envelope(points, beats) end

---Hits spread over steps as evenly as can be (Toussaint 2005), as a text in mini-notation.
---@param hits any how many, from 0 to steps
---@param steps any among how many, from 1 to 256
---@param word any what each hit says; "bd" when left out
---@param rotation any how many steps later; 0 when left out
---@return any
function euclid(hits, steps, word, rotation) end

---Empties `state`.
---@return any
function forget() end

---The clips one after the other. Or, without a clip, the form of the whole piece: which parts it has, in their order, and how many bars each lasts. Slots play in some of them with slot:only and slot:except, and parts { … } plays other music in each. A part may come again. Bar 0 of the form lies where it is first heard; editing it does not begin it anew.
---@return any
function form(given) end

---In a loop: a drum of the kit or a recorded sound where the loop is in time.
---@param sound any bd sd rs cp hh oh lt mt ht cr rd cb for the kit, or the name of a recorded sound, as `lilt doc sounds` lists them: "breaks", "breaks:2"; "bd:0" is the recorded one. The options are those of note
---@return any
function hit(sound, options) end

---Moves notes a little in time and in force, as hands do.
---@return any
function humanize(clip, options) end

---The chord with its lowest pitches put an octave higher.
---@param chord any a list of pitches
---@param number any how many pitches; 1 when left out
---@return any
function inversion(chord, number) end

---Turns the melody upside down around a pitch.
---@param music any what is turned; drums stay; a clip stays one
---@param axis any the pitch that stays where it is; the first pitch of a clip, or c4, when left out
---@return any
function invert(music, axis) end

---Whole numbers by chance, from 0 up to the one before count; another at each moment, the same with the same seed.
---@param count any how many there are, 1 to 65536
---@return any
function irand(count) end

---A signal. From 1 straight down to 0, then from 1 again. Without beats, one wave a bar.
---@param beats any how long one wave takes; a bar when left out
---@return any
function isaw(beats) end

---Follows the transport of JACK: its start, its stop, where it is, and its tempo where a program gives it bars and beats. While it stands still nothing plays.
---@return any
function jack_transport(options) end

---Sets the key that models and scales take when nothing else is said. Without a text, gives the key.
---@param name any a tonic and a scale, as in "D dorian" or "E minor pentatonic"; models that know modes alone take the nearest
---@return any
function key(name) end

---The computer's keyboard as a piano, typed in the canvas or in the terminal of `lilt live`: A to L are white keys, the row above has the black ones, Z and X move by an octave. In the canvas a key sounds while it is down; a terminal does not tell when it comes up: there it sounds for half a second, or for as long as it repeats.
---@return any
function keys_in() end

---What goes to an output leaves so much later than it is meant, or earlier where the number is less than 0, whatever the tempo: for a synthesiser that is slow, or one that is quicker than the sound card.
---@param output any the name of a MIDI port as the script writes it, the host and the port of OSC, as in "127.0.0.1:57120", or "sound" for the sound card against all others
---@param milliseconds any -250 to 250
---@return any
function latency(output, milliseconds) end

---Stands for the number of the knob that you move next: write cc(learn()), turn the knob, and Lilt writes its number into your text in the place of learn(). Several are learnt one after the other, from the top.
---@return any
function learn() end

---A straight line of a drawing. With three numbers it is no drawing but a signal: line(90, 140, 32) goes from 90 to 140 in the first 32 beats and stays there, for a control or the tempo.
---@return any
function line(options) end

---Plays in the session of Ableton Link: in one tempo, with bars on bars, with every other program of the session. Lilt speaks to Carabiner, a small free program that knows Link and that you start beside it. Who changes `tempo` in the script changes it for all.
---@return any
function link(options) end

---Plays a function round after round in the slot of that name: note and hit play where it is in time, and sleep moves it on. It is run ahead of what you hear, so nothing waits. An edit of its own text takes over with its next round; any other edit leaves it going. Chance in a round follows the script's seed and the round's number.
---@param name any of the slot, and of the cue that each round gives as it begins
---@param round any a function that takes the number of the round, from 1; it must sleep, or sync with another loop
---@return any
function loop(name, round) end

---From strokes to melodies and back: a sketch as a clip, each stroke a voice that is high where it is drawn high; a clip as a sketch, left what is early.
---@param thing any a sketch or a clip
---@return any
function map(thing, options) end

---A model of your own clips: it plays what follows what in them, and begins as they begin. It is a model like any other: sample, continue, interpolate, tilt, score. Waits for clips that are still being made.
---@param clips any a clip, or a list of clips
---@return any
function markov(clips, options) end

---Sets the metre: a bar is one cycle of a pattern. Without a text, gives the metre.
---@param signature any a count and a unit, 4/4 when a script says nothing
---@return any
function meter(signature) end

---A keyboard, a box of knobs or another program that sends MIDI. As music it is what is played on it, heard at once: play("keys", midi_in "Keys"):on "pad". One that is not there is taken up when it comes.
---@param device any a part of the name that `lilt devices` lists
---@return any
function midi_in(device) end

---A trained model, of music or of drawings. What it makes is there a moment later: the script goes on meanwhile, and so does the music. `lilt models NAME` tells what else a model can be told, such as a style.
---@param name any of the model; `lilt models` lists them
---@return any
function model(name, options) end

---Which of the sounds of a name: a pattern that sounds once :sound("…") or, as degrees, :scale("…") is written behind it.
---@param numbers any a text of numbers from 0, a number, a signal or a function of the beat
---@return any
function n(numbers) end

---Chance that can be asked again: a number from 0 to 1 for each seed and n, always the same.
---@param seed any a whole number
---@param n any which number of that seed
---@return any
function noise(seed, n) end

---In a loop: a note where the loop is in time.
---@param pitch any "c4", 60, or a list of them, which sound together
---@return any
function note(pitch, options) end

---A pattern of notes in mini-notation; it fills one bar. play takes such a text as it is.
---@param text any pitches by name or number, as in "c4 [e4 g4] ~ <c5 b4>"
---@return any
function notes(text) end

---A reward for what is far from what has been played: minus the likeness to the nearest of the clips, from -1 for one of them to 0.
---@param clips any what is known
---@return any
function novelty(clips) end

---A pattern of numbers in mini-notation: for controls, and to reckon with.
---@param text any numbers, as in "0 .5 <1 2>"
---@return any
function numbers(text) end

---So many octaves higher, or lower when negative.
---@param music any what is moved; a clip stays one
---@param number any how many; 1 when left out
---@return any
function octave(music, number) end

---Calls a function for each bar, beat or phrase of four bars, as the plan comes to it: some seconds before you hear it. It plays nothing and changes nothing that is declared. It is good for print, so that you see where you are, and for `state`, which functions of the beat can read. One that fails is told of and called no more.
---@param what any "bar", "beat" or "phrase"
---@param call any a function that takes its number, from 1
---@return any
function on(what, call) end

---The music, and then silence: it is played one time from where its slot begins, as with slot:restart. Of other music than a clip, its first bar.
---@param music any a clip, or notes
---@return any
function once(music) end

---A value that another program or a phone sends by OSC to port 57130, as a signal: a number as it was sent, from 0 to 1 with most faders.
---@param address any as in "/fader/1"
---@return any
function osc_in(address, options) end

---Music that is another in each part of the form, each from its own first bar. Parts that it does not name are silent. It keeps to the bars of the piece whatever rate and metre its slot has; where a part fades, what was before goes on into it, softer and softer.
---@param music any a table of music by the names of parts
---@return any
function parts(music) end

---A signal. By chance from 0 to 1, another value with each wave and a smooth way between. Without beats, one wave a bar.
---@param beats any how long one wave takes; a bar when left out
---@return any
function perlin(beats) end

---The last phrase that was played on keys, as a clip: what lies between two rests, bar lines or pedals. The script is read again when one ends. A clip without notes while there is none.
---@return any
function phrase(options) end

---Fills a slot with music, again and again. What it gives can be told how to sound: play(…):on(…):gain(…).
---@param name any of the slot, 1 to 64 letters; each slot once
---@param music any a clip, a pattern, a text in mini-notation, a pitch, or a function that takes the first beat of a bar and gives one of these
---@return any
function play(name, music, options) end

---What was played on keys, as a clip: the last bars, the newest as the last of them. The script is read again when what is played comes to a rest of half a beat. A clip without notes while nothing was played.
---@return any
function played(options) end

---A polygon with equal sides, one corner up.
---@return any
function polygon(options) end

---Writes values to the performer.
---@return any
function print() end

---Chords on the degrees of a scale, as a list of lists of pitches, for block. Each takes every other pitch of the scale. The function chords gives a pattern of them.
---@param numerals any degrees in Roman numerals, with a 7 for a fourth pitch, as in "ii7 V7 I"; with b or # before one, or a kind of chord behind it, as in "bVII IVm"; or chord symbols, as in "C Am7"
---@param scale any a tonic and a scale; the script's key when left out
---@param octave any of the tonic; 3 when left out
---@return any
function progression(numerals, scale, octave) end

---Moves each start to the nearest place of a grid.
---@param music any what is moved; a clip stays one
---@param grid any the places, in beats; 1/4 when left out
---@return any
function quantize(music, grid) end

---Sets where a change of the script may begin to sound. A slot may have its own: `slot:quantum`.
---@param length any "now", "beat", "bar" (the default), "phrase" (four bars), a part of a beat such as "1/2 beat", or a number of bars from 1 to 64
---@return any
function quantum(length) end

---A signal. By chance from 0 to 1, another value at each moment; the same with the same seed. Without beats, one wave a bar.
---@param beats any how long one wave takes; a bar when left out
---@return any
function rand(beats) end

---A clip of the music in a file that lies in the script's folder or in a folder below it. Saving the file is heard like saving the script. Drums of MIDI files play on the kit. Tempo, key and metre are kept and not applied: tempo(song:tempo()) does that.
---@param file any its name: ABC (.abc), or MIDI (.mid .midi .smf .kar .rmi), as in "tunes/reel.abc"
---@return any
function read(file, options) end

---What a drawing shows, among the 345 kinds of Quick, Draw!: a list of all kinds, the likeliest first, each with its kind and its p, a probability. With a kind the probability of just that. Waits for a sketch that is still being made.
---@param sketch any what is looked at
---@param kind any one of the kinds, as in "cat"; all of them when left out
---@return any
function recognize(sketch, kind) end

---Silence.
---@param beats any how long
---@return any
function rest(beats) end

---The pitches from the last to the first, in the rhythm of the clip.
---@param music any what is turned: of other music than clips each bar, with its rhythm; a clip stays one
---@return any
function retrograde(music) end

---A bass line: the lowest pitch of each chord, in one octave.
---@param chords any a list of chords, each a list of pitches
---@param beats any how long each lasts; 4 when left out
---@param octave any in which the line lies; 2 when left out
---@return any
function roots(chords, beats, octave) end

---A signal. From 0 straight up to 1, then from 0 again. Without beats, one wave a bar.
---@param beats any how long one wave takes; a bar when left out
---@return any
function saw(beats) end

---The pitches of a scale from its tonic to the tonic above, as a list.
---@param name any a tonic and a scale, as in "D dorian"; the script's key when left out
---@param octave any of the first pitch; 4 (which begins at middle C) when left out
---@return any
function scale(name, octave) end

---Sets where chance comes from: another number, another performance, and the same number always the same one.
---@param number any a whole number, 0 when a script says nothing
---@return any
function seed(number) end

---Sets what the canvas shows: "plan", a lane of notes for each slot and the drawings beside them; "stage", the drawings alone over the whole window; "code", the script over the drawings, with what sounds lit; "scope", the wave of what is heard, as on an oscilloscope, under the drawings; "spectrum", how loud each pitch of it is, low ones left; or "tilt", the particles of the tilts that run: a line each, a dot as large as its weight, and where they are resampled, lines that end and fork. It is seen live, not in renderings.
---@param view any one of these; "plan" when a script says nothing
---@return any
function show(view) end

---Holds a slot silent; it keeps its place in the music.
---@param name any of a slot
---@return any
function silence(name) end

---A signal. From 0 softly up to 1 and down again. Without beats, one wave a bar.
---@param beats any how long one wave takes; a bar when left out
---@return any
function sine(beats) end

---Makes a drawing by hand: a list of strokes, each a list of points { x, y } or { x, y, width }. x goes right and y goes down, from 0 to 1 over the shorter side of the canvas.
---@return any
function sketch(given) end

---In a loop: moves on by so many beats. What is played then sounds so much later.
---@param beats any 0 or more
---@return any
function sleep(beats) end

---The clip with every pitch moved to the nearest one of a scale, downwards when two are as near.
---@param clip any what is moved; drums stay
---@param name any a tonic and a scale; the script's key when left out
---@return any
function snap(clip, name) end

---Lets only this slot be heard, and others that are soloed.
---@param name any of a slot
---@return any
function solo(name) end

---Recorded sounds and instruments in mini-notation, each at the pitch that it has; it fills one bar. `lilt doc sounds` lists what there is. Also called s.
---@param names any of sounds, as in "bd*2 [~ sd] breaks:2"; behind a colon stands which of a name's sounds, from 0
---@return any
function sound(names) end

---The instruments of a SoundFont, for play(…):on(…). The file lies in the script's folder or below; `lilt doc gm.sf2` lists what it holds. Its loops, envelopes, filters, vibrato and choke groups are played; its reverb and chorus, and what moves the loudness, are not: a slot has its own.
---@param file any its path from there, as in "gm.sf2" or "fonts/gm.sf2"
---@return any
function soundfont(file) end

---A spiral from the middle out.
---@return any
function spiral(options) end

---A signal. 0 in the first half of each wave, 1 in the second. Without beats, one wave a bar.
---@param beats any how long one wave takes; a bar when left out
---@return any
function square(beats) end

---A table that outlives each evaluation: what is written into it is there at the next keystroke. A script that fails leaves it as it was. It holds numbers, texts, true, false and tables of these: 20000 values at most, and 4 MiB of texts.
---@return any
function state(given) end

---Notes that start together start one after the other, from the lowest up.
---@param music any what is strummed; a clip stays one
---@param amount any how much later each starts than the one below, in beats; 1/32 when left out
---@return any
function strum(music, amount) end

---Delays every second place of a grid.
---@param music any what swings; of other music than clips the grid is counted in bars of four beats; a clip stays one
---@param amount any how far, as a part of the grid: 0 is straight, 1/3 is a triplet feel (the default)
---@param grid any the places, in beats; 1/2 when left out
---@return any
function swing(music, amount, grid) end

---In a loop: moves on to the next cue of this name from another loop; a loop's own name is cued where each of its rounds begins. Cues of one name at one moment are one.
---@param name any of a cue, or of a loop
---@return any
function sync(name) end

---A built-in instrument, for play(…):on. `lilt doc instruments` lists them.
---@param name any "pluck", "bass", "pad", "keys", "lead", "bell", "acid", "supersaw" … or "kit" (the drums)
---@param options any a number, a text of numbers or a signal for each control that it understands, as in { attack = 0.1 }; a note that says one itself goes before
---@return any
function synth(name, options) end

---What you like, as a reward that you teach while you listen: model("folk"):tilt(taste "mine") leans toward it. Press like or nope a moment after you heard something (what models played 0.3 to 2.5 seconds before is meant), by a key that you name here or by a command of your editor; what you said is kept in the file NAME.taste beside the script, a line each, and heard in the next take. The same text and the same file sound the same. It learns eight things: leaps, different pitches, how many notes, rising lines, returning bars, height, repeated notes and notes off the beat. So far it was shown to learn simulated tastes.
---@param name any its name, and its file's
---@return any
function taste(name, options) end

---Sets the tempo; the music glides to it. Without a number, gives the tempo; of one that moves, the tempo at the beat that a function is asked for, or where the music is while the script is read. A tempo that moves is followed by the quarter of a beat, counted from where the performance began, as in tempo(line(90, 140, 32)), tempo "<120 60>" or tempo(sine(64):range(100, 140)).
---@param bpm any quarter notes a minute, 20 to 999; 120 when a script says nothing; or a text or a signal of such numbers
---@return any
function tempo(bpm) end

---Leaves notes out by chance, always the same ones.
---@param music any what is thinned; a clip stays one
---@param part any how many stay, from 0 to 1; 1/2 when left out
---@param seed any another number, other notes; 0 when left out
---@return any
function thin(music, part, seed) end

---In a loop: of several values the next in each round, round and round. All ticks of one round are at the same place.
---@param values any a list
---@return any
function tick(values) end

---The clip so many times.
---@param clip any what is repeated
---@param number any how often, from 1 to 256
---@return any
function times(clip, number) end

---One sketch with the strokes of all.
---@param sketches any a list of sketches
---@return any
function together(sketches) end

---A signal. From 0 straight up to 1 and down again. Without beats, one wave a bar.
---@param beats any how long one wave takes; a bar when left out
---@return any
function tri(beats) end

---A signal. The same as tri. Without beats, one wave a bar.
---@param beats any how long one wave takes; a bar when left out
---@return any
function triangle(beats) end

---The sketch turned around the middle of the canvas.
---@param sketch any what is turned
---@param angle any in radians, clockwise
---@return any
function turned(sketch, angle) end

---A sine wave from left to right.
---@return any
function wave(options) end

options = {}

---The clip that was given, or an error that says that one was expected.
---@param what any the function's name, for the message
---@param value any what the caller wrote
---@return any
function options.clip(what, value) end

---Other music than a clip, as a pattern: a pattern, or a text of notes. Of all else nil.
---@param value any what the caller wrote
---@return any
function options.music(value) end

---The options that were given, with the defaults for the others.
---@param what any the function's name, for the message
---@param given any the table that the caller wrote, or nil
---@param defaults any a table with every option the function takes, but for the others
---@param others any names of options without a default, which may be anything; none when left out
---@return any
function options.read(what, given, defaults, others) end

reward = {}

---A reward for lines that go some ways: the part of the ink that does, 0 to 1.
---@param degrees any a list: 0 is level, 90 upright, 45 falls to the right
---@return any
function reward.angles(degrees) end

---A melody that does not foretell itself: minus its beats, times how well the melody one, two and three beats before predicts it, from 0 to 1 (the mean size of the three autocorrelations).
---@param clip any what is measured
---@return any
function reward.autocorrelation(clip) end

---Fewer leaps are better: minus the number of steps wider than a whole tone.
---@param clip any what is measured
---@return any
function reward.calm(clip) end

---Closed lines: 1 where every line comes back to where it began, 0 where each ends as far away as it can.
---@param sketch any what is measured
---@return any
function reward.closed(sketch) end

---A reward for a line's shape: one for each step of the melody that goes the right way, minus one for the opposite way.
---@param shape any "rising", "falling", "arch" or "valley"; or a melody to go along with; or a list, step by step, of -1 (down), 0 (level) and 1 (up); or a list of other numbers, whose ups and downs count. A shape that is over begins again
---@param beats any how long a shape with a name is; four bars when left out
---@return any
function reward.contour(shape, beats) end

---A reward for so many notes a beat: minus the distance from it.
---@param target any notes a beat
---@return any
function reward.density(target) end

---A reward for likeness to a sketch, where it lies: 1 for the same lines, less the farther they are from each other.
---@param model any the sketch to be like
---@return any
function reward.drawn_like(model) end

---Higher music is better: the mean pitch of the melody, in octaves above middle C.
---@param clip any what is measured
---@return any
function reward.height(clip) end

---A reward for keeping to a key: minus one for each note outside it.
---@param name any a tonic and a scale; the script's key when left out
---@return any
function reward.in_key(name) end

---A reward for staying in a scale: the part of the notes that are in it.
---@param name any a tonic and a scale; the script's key when left out
---@return any
function reward.in_scale(name) end

---How much is drawn: the length of all lines, in sides of the canvas.
---@param sketch any what is measured
---@return any
function reward.ink(sketch) end

---After a leap of a fifth or more, one when the melody turns back, minus one when it goes on the same way.
---@param clip any what is measured
---@return any
function reward.leaps_resolved(clip) end

---A reward for likeness to a clip: up to one for each of its notes, when the same tone starts at the same time. Another pitch counts less, the farther it is; missing and added notes take away. A beginning is compared with as much of the clip.
---@param model any the clip to be like
---@return any
function reward.like(model) end

---A reward for a motif, at any pitch: one each time that the melody plays it.
---@param pattern any the motif as a clip, or its steps in semitones as a list
---@return any
function reward.motif(pattern) end

---A rule: 0 where it holds, minus infinity where it does not, so that such music never comes. Music that is still being made has to keep it too: ask for what a good beginning has as well.
---@param condition any a function from a clip to true or false
---@return any
function reward.must(condition) end

---A rule out of a reward that counts down: 0 while it has nothing to count, minus infinity below 0.
---@param reward any a reward, as reward.in_key gives it
---@return any
function reward.never(reward) end

---Curves are better: minus the part of the ink that lies straight, -1 to 0.
---@param sketch any what is measured
---@return any
function reward.no_straight_lines(sketch) end

---Camouflage: how far from sure recognize is, minus the logarithm of its likeliest kind's probability.
---@param sketch any what is measured
---@return any
function reward.not_recognized(sketch) end

---Notes beside the beat are better: their number, as a part of all notes.
---@param clip any what is measured
---@return any
function reward.off_beat(clip) end

---Independent voices: minus one for each pair of voices that moves in parallel fifths or octaves. The voices of a chord are its notes from low to high; between chords of different sizes only the lowest and the highest are compared.
---@param clip any what is measured
---@return any
function reward.parallels(clip) end

---Steps that sing well: up to 0.09 for each whole tone, major third, fourth, fifth or major sixth, -0.3 for a major seventh, -1 for more than an octave.
---@param clip any what is measured
---@return any
function reward.preferred_intervals(clip) end

---A reward for staying where a voice can sing: minus one for each note outside.
---@param low any the lowest pitch that is welcome, a number or a name
---@param high any the highest
---@return any
function reward.range(low, high) end

---A reward for drawings that are taken for something: the logarithm of its probability (see recognize). At strength 1 a tilted model draws what it would draw if it had been asked for the kind.
---@param kind any one of the kinds of recognize, as in "cat"
---@return any
function reward.recognized_as(kind) end

---A reward against hammering: minus one for each melody note that strikes a pitch once more than is allowed in a row.
---@param most any how often a pitch may sound in a row; 4 when left out
---@return any
function reward.repeats(most) end

---A reward for form: one for each bar with three different pitches or more that was heard before, note for note.
---@param beats any how long a bar is; the script's metre when left out
---@return any
function reward.returning_bars(beats) end

---Upward steps are better: the sum of the contour, as a part of all steps.
---@param clip any what is measured
---@return any
function reward.rising(clip) end

---The music theory of RL Tuner (Jaques et al. 2017) as one reward, a sum of nine. Its code gives the terms of motifs and autocorrelation at every eighth note, here once a bar and once a beat. Its weights made a few good things crowd out the others; these make a tilted `folk` better by each of them (models/README.md).
---@param name any a tonic and a scale; the script's key when left out
---@return any
function reward.rl_tuner(name, weights) end

---Trills and tremolos high up: one for each melody note from c5 up that comes within half a beat from another pitch at most four semitones away and turns back, half of one when it goes on.
---@param clip any what is measured
---@return any
function reward.shimmer(clip) end

---How large it is: the longer side of what is drawn, in sides of the canvas.
---@param sketch any what is measured
---@return any
function reward.size(sketch) end

---Smooth lines: 1 where the pen turns evenly, as in a circle, down to 0 where it jerks at every step.
---@param sketch any what is measured
---@return any
function reward.smooth(sketch) end

---A reward that is a sum over notes: each note by itself, or with the one before it. A tilted `folk` or `markov` then leans toward every next note instead of waiting for whole bars, and fewer particles do. It adds up with other rewards, and -math.huge forbids a note.
---@param worth any a function from a note (its pitch or sound, start, duration and velocity) to a number; its second argument is the note before, by start and then from low to high, or nil at the beginning
---@return any
function reward.step(worth) end

---Straight lines: the part of the ink that lies straight, 0 to 1. Minus it is a dislike of rulers.
---@param sketch any what is measured
---@return any
function reward.straight(sketch) end

---Left like right: 1 for a drawing that is its own mirror image, less the farther it is from one.
---@param sketch any what is measured
---@return any
function reward.symmetry(sketch) end

---A reward for coming home: one when the melody begins on the tonic, one more when it ends there.
---@param name any a tonic and a scale; the script's key when left out
---@return any
function reward.tonic(name) end

---One summit and one valley: one when the highest pitch sounds once only, one more when the lowest does.
---@param clip any what is measured
---@return any
function reward.unique_extremes(clip) end

---A reward for bars that say something: one for each with three different pitches or more.
---@param beats any how long a bar is; the script's metre when left out
---@return any
function reward.varied_bars(beats) end

---More different pitches are better: their number, as a part of all notes.
---@param clip any what is measured
---@return any
function reward.variety(clip) end

---@class clip
local clip = {}

---Of a clip that read or abc gave: the chords above its notes, such as "Am", as a clip in which they sound; nothing where it has none.
---@return any
function clip:chords() end

---This clip, then the next one; the same as first .. next.
---@param next any a clip
---@return any
function clip:concat(next) end

---The shape of the melody, as a list of -1 (down), 0 (level) and 1 (up).
---@return any
function clip:contour() end

---Of a clip that a tilted model made: how much of its particles the reward left in play, from 1 (the model agrees) down to 0 (it fights the model). Waits for the clip.
---@return any
function clip:ess() end

---The steps of the melody in semitones, as a list; the melody is the highest note at each moment.
---@return any
function clip:intervals() end

---Of a clip that read or abc gave: its key, as key takes it; nothing where the file tells none.
---@return any
function clip:key() end

---How many steps of the melody are wider than a whole tone.
---@return any
function clip:leaps() end

---How long the clip lasts, in beats.
---@return any
function clip:length() end

---How like two clips are, from 0 to 1: notes that start together count, in full for the same pitch, less for a near one.
---@param other any a clip
---@return any
function clip:likeness(other) end

---Of a clip that a tilted model made: the logarithm of the mean of e to the strength times reward over the model's music. Waits for the clip.
---@return any
function clip:log_z() end

---Of a clip that read or abc gave: its metre at the start, as meter takes it; nothing where the file tells none.
---@return any
function clip:meter() end

---The notes as a list of tables: pitch or sound, start, duration and velocity. Waits for a clip that is still being made.
---@return any
function clip:notes() end

---The notes from the last to the first.
---@return any
function clip:reverse() end

---What begins between two beats, moved to the beginning.
---@param from any the first beat
---@param to any the beat to end before; the end of the clip when left out
---@return any
function clip:slice(from, to) end

---Both clips at once, as long as the longer one.
---@param other any a clip
---@return any
function clip:stack(other) end

---As many times as long: 2 is half as fast.
---@param factor any above 0
---@return any
function clip:stretch(factor) end

---Of a clip that read or abc gave: the chords above its notes as a list of tables: chord (as it is written), start and duration in beats.
---@return any
function clip:symbols() end

---Of a clip that read or abc gave: its tempo at the start, in quarter notes a minute; nothing where the file tells none.
---@return any
function clip:tempo() end

---Of a clip that read or abc gave: its title; nothing where it has none.
---@return any
function clip:title() end

---Of a clip that was read from a MIDI file: what the file's tracks are asked for by, as a list: their names, or places where names are missing or twice.
---@return any
function clip:tracks() end

---Every pitch higher, or lower when negative; drums stay.
---@param semitones any how far; fractions bend between the keys
---@return any
function clip:transpose(semitones) end

---Of a clip that was read from ABC: the titles of all tunes of the book, as a list.
---@return any
function clip:tunes() end

---Of a clip that was read from ABC: what its voices are asked for by, as a list.
---@return any
function clip:voices() end

---@class drawing
local drawing = {}

---Of a slot that draws; an option of draw too. How it meets what lies under it: "normal" hides it, "add" lights it up, "multiply" darkens it, "lighten" keeps the lighter of the two.
---@param amount any a text: normal, add, multiply, lighten; several follow each other
---@return any
function drawing:blend(amount) end

---Of a slot that draws; an option of draw too. Its colour, by a name or as #rrggbb; the slot's own when left out.
---@param amount any a text: sky, amber, mint, rose, iris, lemon, ember, dusk, moss, lilac, a name of CSS such as tomato, or #rrggbb; several follow each other, as in "sky <rose amber>"
---@return any
function drawing:colour(amount) end

---Of a slot that draws; an option of draw too. How long a stroke takes to vanish, when its hold is over or another drawing takes its place, in beats.
---@param amount any 0 to 64: a number, a text of numbers, a signal or a function of the beat
---@return any
function drawing:fade(amount) end

---Of a slot that draws; an option of draw too. How much light its lines give off around them.
---@param amount any 0 to 1: a number, a text of numbers, a signal or a function of the beat
---@return any
function drawing:glow(amount) end

---Of a slot that draws; an option of draw too. How many times it is seen across, and as often down, each time as much smaller.
---@param amount any 1 to 8: a number, a text of numbers, a signal or a function of the beat
---@return any
function drawing:grid(amount) end

---Of a slot that draws; an option of draw too. How long a stroke stays once the pen has left it, in beats; until it is drawn anew when left out.
---@param amount any 0 to 4096: a number, a text of numbers, a signal or a function of the beat
---@return any
function drawing:hold(amount) end

---Of a slot that draws; an option of draw too. How far its colour is turned around the wheel of colours: 1 is once around, and back at its own.
---@param amount any -10000 to 10000: a number, a text of numbers, a signal or a function of the beat
---@return any
function drawing:hue(amount) end

---Of a slot that draws; an option of draw too. In how many mirrors around the middle of the canvas it is seen; 1 is off.
---@param amount any 1 to 12: a number, a text of numbers, a signal or a function of the beat
---@return any
function drawing:kaleidoscope(amount) end

---Of a slot that draws; an option of draw too. Which drawings it lies over: those of lower layers, and of its own those that are named before it.
---@param amount any -99 to 99: a number, a text of numbers, a signal or a function of the beat
---@return any
function drawing:layer(amount) end

---Of a slot that draws; an option of draw too. How light its colour is: 0 is black, 1 leaves it alone.
---@param amount any 0 to 2: a number, a text of numbers, a signal or a function of the beat
---@return any
function drawing:lightness(amount) end

---Of a slot that draws; an option of draw too. How much it hides of what lies under it: 0 is not to be seen.
---@param amount any 0 to 1: a number, a text of numbers, a signal or a function of the beat
---@return any
function drawing:opacity(amount) end

---Of a slot that draws; an option of draw too. How many times it is seen around the middle of the canvas, turned a little further each time.
---@param amount any 1 to 24: a number, a text of numbers, a signal or a function of the beat
---@return any
function drawing:ring(amount) end

---Of a slot that draws; an option of draw too. How far it is turned clockwise around its middle, in turns.
---@param amount any -10000 to 10000: a number, a text of numbers, a signal or a function of the beat
---@return any
function drawing:rotate(amount) end

---Of a slot that draws; an option of draw too. How strong its colour is: 0 is grey, 1 leaves it alone.
---@param amount any 0 to 2: a number, a text of numbers, a signal or a function of the beat
---@return any
function drawing:saturation(amount) end

---Of a slot that draws; an option of draw too. How large: 1 leaves it alone.
---@param amount any 0 to 16: a number, a text of numbers, a signal or a function of the beat
---@return any
function drawing:size(amount) end

---Of a slot that draws; an option of draw too. For how long it is still seen, fainter and fainter, where it was before it moved, in beats.
---@param amount any 0 to 16: a number, a text of numbers, a signal or a function of the beat
---@return any
function drawing:trail(amount) end

---Of a slot that draws; an option of draw too. How wide its pen is: 1 leaves it alone.
---@param amount any 0 to 40: a number, a text of numbers, a signal or a function of the beat
---@return any
function drawing:width(amount) end

---Of a slot that draws; an option of draw too. Where the middle of the drawing lies, from left (0) to right (1) over the shorter side of the canvas.
---@param amount any -8 to 8: a number, a text of numbers, a signal or a function of the beat
---@return any
function drawing:x(amount) end

---Of a slot that draws; an option of draw too. Where the middle of the drawing lies, from top (0) to bottom (1) over the shorter side of the canvas.
---@param amount any -8 to 8: a number, a text of numbers, a signal or a function of the beat
---@return any
function drawing:y(amount) end

---@class input
local input = {}

---Its pitch wheel as a signal, -1 to 1.
---@return any
function input:bend() end

---The same of one device alone.
---@param number any of the controller, 0 to 127
---@param unsaid any where it stands before it was touched, 0 to 1; 0 when left out
---@return any
function input:cc(number, unsaid) end

---How hard its keys are pressed after they were struck, as a signal from 0 to 1.
---@return any
function input:pressure() end

---The program that was chosen on it, as a signal of numbers from 0.
---@return any
function input:program() end

---@class model
local model = {}

---A model that has learnt a reward, so that it plays what `tilt` finds by trying many pieces side by side, at the speed of the plain model. It learns in the background, a minute or two (`chorale` takes minutes, and learns less of it: there a tilt does better); until then the exact tilt plays, and what was learnt comes in at the next boundary. It comes close to the tilt and is not equal to it: the host says what the reward gained and what it cost. One that fails says so and is tried again when you save again. All models can learn but `markov`, for which the exact tilt is quick.
---@param reward any as for model:tilt
---@return any
function model:bake(reward, options) end

---Of `chorale`: fills what is missing of up to four voices.
---@param clip any the voices, with holes
---@return any
function model:complete(clip, options) end

---Makes music that follows a clip: the answer alone, without the clip. A model of drawings goes on from a sketch, whose strokes stay: the answer is the whole drawing.
---@param clip any what it follows; of a model of drawings a sketch
---@return any
function model:continue(clip, options) end

---Of `drums`: the fill that follows a beat: the fill alone, without the clip.
---@param clip any what it follows
---@return any
function model:fill(clip, options) end

---Of `drums`: plays a stiff clip as a drummer would. Every hit stays; how hard each sounds, and how early or late, is the drummer's.
---@param clip any the hits
---@return any
function model:groove(clip, options) end

---Of `chorale`: writes the other three voices to a melody.
---@param clip any the melody
---@return any
function model:harmonise(clip, options) end

---The way from one clip to another: a list of clips, both ends included. Both must be equally long. Of a model of drawings, the way from one sketch to another.
---@param from any the first clip, or sketch
---@param to any the last clip, or sketch
---@return any
function model:interpolate(from, to, options) end

---Of `melody`: the same clip with more of something, or less. An amount of 1 is 2 notes a bar, 6.6 semitones, or 13 of 100 notes off the beat, which is how much songs differ; where a clip cannot go so far, it goes as far as it can.
---@param clip any what is changed
---@return any
function model:more(clip, options) end

---The way from one clip to another as one thing: `:at` says where on it the music is. Both must be equally long. Of a model of drawings, the way from one sketch to another.
---@param from any the clip, or sketch, at 0
---@param to any the clip, or sketch, at 1
---@return any
function model:morph(from, to, options) end

---Of `chorale`: writes one voice anew to the others.
---@param clip any the voices
---@return any
function model:rewrite(clip, options) end

---Makes music from nothing: a clip. A model of drawings makes a sketch.
---@return any
function model:sample(options) end

---How much a clip surprises the model: nats a note on average, smaller is more expected; of a sketch nats a point. Waits for the answer.
---@param clip any what is scored; of a model of drawings a sketch
---@return any
function model:score(clip) end

---Music without end: a pattern that the model makes a few bars ahead of what you hear, each part going on from the sixteen bars or more before it. It is no loop: each part is made anew. A model may still repeat a phrase, as tunes do, and the same seed gives the same stream. It begins where its slot begins to play it, and edits of anything else leave it going. Of a model of drawings, a drawing in each bar that goes on where the one before has left the pen, which never ends.
---@return any
function model:stream(options) end

---How much each note of a clip, or each point of a sketch, surprises the model, in nats: a list of numbers. Waits for the answer.
---@param clip any what is scored; of a model of drawings a sketch
---@return any
function model:surprise(clip) end

---The same clip, its notes coloured on the canvas by how much each surprises the model: the redder, the less expected. Say it last: a clip that is changed afterwards has its plain colour again; a slot or a pattern may change.
---@param clip any what is scored and given back
---@return any
function model:surprised(clip) end

---A model that leans toward what a reward likes, exactly: its music x, or its drawing x, is as likely as p(x) times e to the strength times reward(x). Tilt it again and the rewards add up. It can be asked all that the model can be asked. On stage, where many particles take longer than a bar, you hear a first draft by an eighth of them until the take is there; what is rendered has none.
---@param reward any a taste, or a function that takes a clip, or of a model of drawings a sketch, and gives a number, larger is better; -math.huge forbids. Rewards can be added, subtracted and multiplied by numbers. What reward.step makes is known note by note, and fewer particles go astray.
---@return any
function model:tilt(reward, options) end

---@class morph
local morph = {}

---The music at a place on the way: for a number the clip that lies there; for a text of numbers or a function of the beat a pattern, which looks at the beginning of each bar where it is. Of sketches, a drawing or a pattern of drawings.
---@param place any 0 (the first clip) to 1 (the last)
---@return any
function morph:at(place) end

---The way as a map, to be drawn: the path through the model's latent space (a straight line where it has none), each piece small over its point, and a ring around the one at a place. It takes the lower part of the stage, and a click beside it is what `morph:clicked` answers.
---@param place any as of at: 0 (the first) to 1 (the last), a text of numbers or a function of the beat
---@return any
function morph:chart(place) end

---The place on the way that a hand clicked last on the canvas, near the path of its map: 0 (the first) to 1 (the last). The script is read again at each click.
---@param otherwise any the place where nobody has clicked yet; 0 when left out
---@return any
function morph:clicked(otherwise) end

---The same way with more of something all along, where the model has the verb `more`. Waits for the way.
---@param attribute any of what, as in "density"; `lilt models melody` lists them
---@param amount any how much more, below 0 is less; 1 when left out
---@return any
function morph:more(attribute, amount) end

---@class pattern
local pattern = {}

---Octaves a second by which the sample gets faster, in octaves.
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:accelerate(amount, options) end

---Weight of the note: louder, and with a wider sweep of the filter.
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:accent(amount, options) end

---Numbers added: to numbers, degrees or pitches. The same as music + other.
---@param other any a number, a text of numbers, a signal, or other music
---@param options any { from = "left" }: who says when: this music ("left"), the other ("right"), "both", or "squeeze" for a bar of the other in each event
---@return any
function pattern:add(other, options) end

---How hard a MIDI instrument's keys are pressed; of notes that go to a port. Also called pressure.
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:aftertouch(amount, options) end

---Almost always, the function changes an event: nine in ten of them, by chance.
---@param change any a function that takes the music and gives another; verbs without their music do too, as in fast(2):rev()
---@param seed any another number, another throw; the script's own when left out
---@return any
function pattern:almostAlways(change, seed) end

---Almost never, the function changes an event: one in ten of them, by chance.
---@param change any a function that takes the music and gives another; verbs without their music do too, as in fast(2):rev()
---@param seed any another number, another throw; the script's own when left out
---@return any
function pattern:almostNever(change, seed) end

---What the function makes of the music, always.
---@param change any a function that takes the music and gives another; verbs without their music do too, as in fast(2):rev()
---@return any
function pattern:always(change) end

---The notes of a chord one after the other in its time.
---@param order any up, down, updown, downup, converge, diverge, thumbup or pinkyup; or which of them, from 0, as in "0 2 1 2"
---@return any
function pattern:arp(order) end

---Time from silence to the peak, in seconds. Also called att.
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:attack(amount, options) end

---Middle of a bandpass on the note alone; 0 is off, in hertz. Also called bpf, bandf.
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:bandpass(amount, options) end

---One event a bar, at a step of the bar, with what holds there.
---@param place any which step, from 0; 0 to 256, and it may move
---@param steps any of how many; 1 to 256, and it may move
---@return any
function pattern:beat(place, steps) end

---Where in its sound it begins, 0 to 1.
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:begin(amount, options) end

---How far a note on a MIDI port is bent, in semitones.
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:bend(amount, options) end

---The bar cut into pieces, of which these are played.
---@param pieces any how many; 1 to 64, and it may move
---@param which any which of them, from 0, one after the other, as in "0 2 [1 3]"
---@return any
function pattern:bite(pieces, which) end

---Every second bar squeezed into half the time, a quarter of a bar late: it sounds broken.
---@return any
function pattern:brak() end

---The music against itself, each voice later than the one before.
---@param voices any how many there are in all; 1 to 16, and it may move; 2 when left out
---@param beats any how much later each enters than the one before, in beats; 0 to 1024, and it may move; 4 when left out
---@param semitones any how much higher each is than the one before; -127 to 127, and it may move; 0 when left out
---@return any
function pattern:canon(voices, beats, semitones) end

---One after the other, a bar each. Also called slowcat.
---@param others any music, or texts of the same notation
---@return any
function pattern:cat(others) end

---A controller of MIDI, 0 to 127, with each note that goes to a port.
---@param number any which controller of MIDI; 0 to 127, and it may move
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:cc(number, amount, options) end

---At each moment where something begins, one of them by chance.
---@param others any music, or texts of the same notation
---@return any
function pattern:choose(others) end

---Each recorded sound cut into so many pieces, played one after the other in its time.
---@param pieces any how many; 1 to 256, and it may move
---@return any
function pattern:chop(pieces) end

---A chord on each note. The plain function chord gives a list of pitches.
---@param names any what kind, as in "maj7" or "<maj min7>"
---@return any
function pattern:chord(names) end

---Mix of the slot's chorus.
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:chorus(amount, options) end

---In each bar another part of it is what the function makes of the music, round and round.
---@param parts any into how many the bar is cut; 1 to 64, and it may move
---@param change any a function that takes the music and gives another; verbs without their music do too, as in fast(2):rev()
---@return any
function pattern:chunk(parts, change) end

---As chunk, from the last part to the first.
---@param parts any into how many the bar is cut; 1 to 64, and it may move
---@param change any a function that takes the music and gives another; verbs without their music do too, as in fast(2):rev()
---@return any
function pattern:chunkBack(parts, change) end

---Click of a drum's beater, or of an organ's keys.
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:click(amount, options) end

---How many samples each one of the note is held for; 1 is off.
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:coarse(amount, options) end

---Each bar squeezed into a part of it, and silence around it.
---@param from any where in the bar it begins, 0 to 1; 0 to 1, and it may move
---@param to any where it ends; 0 to 1, and it may move
---@return any
function pattern:compress(from, to) end

---One function changes the events that are one of these, and another the rest.
---@param which any what it is about: words such as bd or c4, or a control and its number such as n=2
---@param change any what changes the events that are one of these; verbs without their music do too, as in fast(2):rev()
---@param other any what changes all others; verbs without their music do too, as in fast(2):rev()
---@return any
function pattern:contrast(which, change, other) end

---Bits that are left of each sample of the note; 16 is off, in bits.
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:crush(amount, options) end

---Number of a choke group: the note silences the others of its slot with that number; 0 is none.
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:cut(amount, options) end

---Cutoff of the instrument's own filter, in hertz. Also called ctf.
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:cutoff(amount, options) end

---How fast the slot's reverb loses its treble. Also called roomlp.
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:damp(amount, options) end

---Time from the peak to the sustained level; for drums, a factor on how long they ring, in seconds. Also called dec.
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:decay(amount, options) end

---Leaves out half of the events by chance.
---@param seed any another number, another throw; the script's own when left out
---@return any
function pattern:degrade(seed) end

---Leaves events out by chance.
---@param chance any how likely an event is left out, 0 to 1; 0 to 1, and it may move
---@param seed any another number, another throw; the script's own when left out
---@return any
function pattern:degradeBy(chance, seed) end

---How much echo.
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:delay(amount, options) end

---How much of each echo the slot's delay repeats. Also called delayfb.
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:delayfeedback(amount, options) end

---Time from one echo of the slot's delay to the next, in beats. Also called delayt.
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:delaytime(amount, options) end

---How far apart the oscillators of a voice are, in cents.
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:detune(amount, options) end

---Hard distortion of the note, as of a pedal. Also called dist.
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:distort(amount, options) end

---Numbers divided; by 0 is 0. The same as music / other.
---@param other any a number, a text of numbers, a signal, or other music
---@param options any { from = "left" }: who says when: this music ("left"), the other ("right"), "both", or "squeeze" for a bar of the other in each event
---@return any
function pattern:div(other, options) end

---Warm overdrive before the filter.
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:drive(amount, options) end

---Every note changed by a function, which may move it within its bar.
---@param change any a function that takes a note (a table: pitch or sound, start in beats from its bar, duration, velocity, bar from 0, and its controls) and gives the note, a list of notes, or nil to leave it out
---@return any
function pattern:each(change) end

---So many bars earlier; later when negative.
---@param bars any how far, in bars; -256 to 256, and it may move
---@return any
function pattern:early(bars) end

---The music again and again, each time later and softer.
---@param times any how often it sounds in all; 1 to 64, and it may move
---@param bars any how much later, in bars; -256 to 256, and it may move
---@param feedback any how loud each is, in parts of the one before; 0 to 1, and it may move; 7/10 when left out
---@return any
function pattern:echo(times, bars, feedback) end

---Where in its sound it ends, 0 to 1. Also called finish.
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:endAt(amount, options) end

---Hits spread over steps as evenly as can be. The plain function euclid gives a text.
---@param hits any how many; the steps that are left free when negative; -256 to 256, and it may move
---@param steps any among how many; 1 to 256, and it may move
---@param rotation any how many steps later; -256 to 256, and it may move; 0 when left out
---@return any
function pattern:euclid(hits, steps, rotation) end

---Hits spread over steps as evenly as can be, and the other music on the steps between.
---@param hits any how many; the steps that are left free when negative; -256 to 256, and it may move
---@param steps any among how many; 1 to 256, and it may move
---@param other any music, or a text of the same notation
---@return any
function pattern:euclidFull(hits, steps, other) end

---The steps that the hits of a Euclidean rhythm leave free.
---@param hits any how many; the steps that are left free when negative; -256 to 256, and it may move
---@param steps any among how many; 1 to 256, and it may move
---@param rotation any how many steps later; -256 to 256, and it may move; 0 when left out
---@return any
function pattern:euclidInv(hits, steps, rotation) end

---Hits spread over steps as evenly as can be, each as long as until the next.
---@param hits any how many; the steps that are left free when negative; -256 to 256, and it may move
---@param steps any among how many; 1 to 256, and it may move
---@param rotation any how many steps later; -256 to 256, and it may move; 0 when left out
---@return any
function pattern:euclidLegato(hits, steps, rotation) end

---Hits spread over steps as evenly as can be, and moved later.
---@param hits any how many; the steps that are left free when negative; -256 to 256, and it may move
---@param steps any among how many; 1 to 256, and it may move
---@param rotation any how many steps later; -256 to 256, and it may move
---@return any
function pattern:euclidRot(hits, steps, rotation) end

---In the first of so many bars, what the function makes of the music. Also called firstOf.
---@param bars any how many; 1 to 256, and it may move
---@param change any a function that takes the music and gives another; verbs without their music do too, as in fast(2):rev()
---@return any
function pattern:every(bars, change) end

---So many times as fast.
---@param factor any how many times; 1/64 to 64, and it may move
---@return any
function pattern:fast(factor) end

---One after the other in one bar. Also called sequence.
---@param others any music, or texts of the same notation
---@return any
function pattern:fastcat(others) end

---Time in which the filter's envelope rises, in seconds. Also called lpattack, lpa.
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:fattack(amount, options) end

---Time in which the filter's envelope falls to its sustained level, in seconds. Also called lpdecay, lpd.
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:fdecay(amount, options) end

---How far the filter's envelope opens the cutoff; below 0 it closes it, in octaves. Also called lpenv.
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:fenv(amount, options) end

---Each note lasts until the next begins, a bar at most: the rests between them are filled.
---@return any
function pattern:fill() end

---Each recorded sound is played as fast as it takes to last as long as its event.
---@return any
function pattern:fit() end

---How many bars its whole sound lasts, by playing it faster or slower; 0 leaves its speed alone.
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:fitBars(amount, options) end

---How many beats its whole sound lasts, by playing it faster or slower; 0 leaves its speed alone.
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:fitBeats(amount, options) end

---How many seconds its whole sound lasts, by playing it faster or slower; 0 leaves its speed alone.
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:fitSeconds(amount, options) end

---The function changes only the events that are one of these.
---@param which any what it is about: words such as bd or c4, or a control and its number such as n=2
---@param change any a function that takes the music and gives another; verbs without their music do too, as in fast(2):rev()
---@return any
function pattern:fix(which, change) end

---Mix of the slot's flanger.
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:flanger(amount, options) end

---Index of the frequency modulation: how bright it is. Also called fmi.
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:fm(amount, options) end

---Time in which the index of the frequency modulation falls, in seconds.
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:fmdecay(amount, options) end

---Ratio of the modulator to the note. Also called fmratio.
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:fmh(amount, options) end

---Folds the wave of the note back at its peaks.
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:fold(amount, options) end

---Time in which the filter's envelope falls when the note has ended, in seconds. Also called lprelease, lpr.
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:frelease(amount, options) end

---Sustained level of the filter's envelope. Also called lpsustain, lps.
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:fsustain(amount, options) end

---How loud: 1 leaves it alone.
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:gain(amount, options) end

---Soft, short notes between the notes, as drummers play them.
---@return any
function pattern:ghost() end

---Time in which the pitch comes from that of the slot's last note, in seconds. Also called slide, portamento.
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:glide(amount, options) end

---Takes away what is below, in hertz. Also called hpf, hcutoff.
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:highpass(amount, options) end

---Moves notes a little in time and in force, as hands do.
---@param time any how far at most, in beats; 0 to 1, and it may move; 1/64 when left out
---@param velocity any how much harder or softer at most; 0 to 1, and it may move; 1/10 when left out
---@param seed any another number, another throw; the script's own when left out
---@return any
function pattern:humanize(time, velocity, seed) end

---So many times as fast, and each sound too: higher, as a tape.
---@param factor any how many times; 1/64 to 64, and it may move
---@return any
function pattern:hurry(factor) end

---What the function makes of the music when that many bars of it are one.
---@param factor any how many times as slow; 1/64 to 64, and it may move
---@param change any a function that takes the music and gives another; verbs without their music do too, as in fast(2):rev()
---@return any
function pattern:inside(factor, change) end

---A melody upside down, around the axis; in steps of its scale where it has one. Of truths and plain numbers, 1 becomes 0 and 0 becomes 1. Also called inv.
---@param axis any the pitch that stays where it is, or a text of such; c4, or the tonic of the scale, when left out
---@return any
function pattern:invert(axis) end

---Each bar begins one part further on than the bar before, round and round.
---@param parts any into how many the bar is cut; 1 to 64, and it may move
---@return any
function pattern:iter(parts) end

---Each bar begins one part earlier than the bar before, round and round.
---@param parts any into how many the bar is cut; 1 to 64, and it may move
---@return any
function pattern:iterBack(parts) end

---The music left, and what the function makes of it right.
---@param change any a function that takes the music and gives another; verbs without their music do too, as in fast(2):rev()
---@return any
function pattern:jux(change) end

---The music to the left, and what the function makes of it to the right. Also called juxby.
---@param width any how far apart: 0 not at all, 1 fully; 0 to 1, and it may move
---@param change any a function that takes the music and gives another; verbs without their music do too, as in fast(2):rev()
---@return any
function pattern:juxBy(width, change) end

---In the last of so many bars, what the function makes of the music.
---@param bars any how many; 1 to 256, and it may move
---@param change any a function that takes the music and gives another; verbs without their music do too, as in fast(2):rev()
---@return any
function pattern:lastOf(bars, change) end

---So many bars later; earlier when negative.
---@param bars any how far, in bars; -256 to 256, and it may move
---@return any
function pattern:late(bars) end

---So many beats later; earlier when negative.
---@param beats any how far, in beats; -1024 to 1024, and it may move
---@return any
function pattern:later(beats) end

---At once what each function makes of the music, without the music itself.
---@param changes any functions that take the music and give another; verbs without their music do too, as in fast(2):rev()
---@return any
function pattern:layer(changes) end

---How long a note sounds, in parts of its place. Also called clip.
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:legato(amount, options) end

---The first part of each bar again and again until the bar is full.
---@param part any how much of the bar: its beginning, or its end when negative; -1 to 1, and it may move
---@return any
function pattern:linger(part) end

---Goes round between begin and end until the note ends.
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:loop(amount, options) end

---Each recorded sound lasts so many bars, played as fast as that needs, and so does the music. Also called loopat.
---@param bars any how many; 1/64 to 256, and it may move
---@return any
function pattern:loopAt(bars) end

---Takes away what is above, in hertz. Also called lpf.
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:lowpass(amount, options) end

---Only what begins where the text says so.
---@param when any 1 where it is heard, 0 where it is not
---@return any
function pattern:mask(when) end

---What is left of numbers when they are divided. The same as music % other.
---@param other any a number, a text of numbers, a signal, or other music
---@param options any { from = "left" }: who says when: this music ("left"), the other ("right"), "both", or "squeeze" for a bar of the other in each event
---@return any
function pattern:mod(other, options) end

---Numbers multiplied. The same as music * other.
---@param other any a number, a text of numbers, a signal, or other music
---@param options any { from = "left" }: who says when: this music ("left"), the other ("right"), "both", or "squeeze" for a bar of the other in each event
---@return any
function pattern:mul(other, options) end

---Which of the sounds of one name, from 0.
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:n(amount, options) end

---The music as it is: the function is left out. For trying things.
---@param change any a function that takes the music and gives another; verbs without their music do too, as in fast(2):rev()
---@return any
function pattern:never(change) end

---White noise mixed in before the filter.
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:noise(amount, options) end

---Each note a little later, or earlier: behind the beat, or before it.
---@param time any how much later each note is, in beats; earlier below 0; -1 to 1, and it may move
---@return any
function pattern:nudge(time) end

---Every pitch so many octaves higher; drums stay. Also called oct.
---@param octaves any how many; down when negative; -10 to 10, and it may move; 1 when left out
---@return any
function pattern:octave(octaves) end

---The music, and what the function makes of it, some time later.
---@param bars any how much later, in bars; -256 to 256, and it may move
---@param change any a function that takes the music and gives another; verbs without their music do too, as in fast(2):rev()
---@return any
function pattern:off(bars, change) end

---Often, the function changes an event: three quarters of them, by chance.
---@param change any a function that takes the music and gives another; verbs without their music do too, as in fast(2):rev()
---@param seed any another number, another throw; the script's own when left out
---@return any
function pattern:often(change, seed) end

---What the function makes of the music as if that many bars were one.
---@param factor any how many bars; 1/64 to 64, and it may move
---@param change any a function that takes the music and gives another; verbs without their music do too, as in fast(2):rev()
---@return any
function pattern:outside(factor, change) end

---Every second bar backwards.
---@return any
function pattern:palindrome() end

---Where between left (-1) and right (1).
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:pan(amount, options) end

---Mix of the slot's phaser.
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:phaser(amount, options) end

---The numbers of this say which of the others plays: 0 is the first. What is beyond the last is the last.
---@param others any music, or texts of the same notation; or a list of these
---@return any
function pattern:pick(others) end

---Each event so many times in its own time.
---@param times any how many; 1/16 to 64, and it may move
---@return any
function pattern:ply(times) end

---Which sound a MIDI instrument plays, from 0; of notes that go to a port.
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:program(amount, options) end

---Width of the pulse, as a part of its cycle.
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:pw(amount, options) end

---Each note begins at the nearest place of a grid.
---@param grid any the places, in beats; 1/64 to 16, and it may move; 1/4 when left out
---@return any
function pattern:quantize(grid) end

---In each bar one of them by chance. Also called chooseCycles.
---@param others any music, or texts of the same notation
---@return any
function pattern:randcat(others) end

---Numbers from 0 to 1 spread from low to high.
---@param low any what 0 becomes; -1000000000 to 1000000000, and it may move
---@param high any what 1 becomes; -1000000000 to 1000000000, and it may move
---@return any
function pattern:range(low, high) end

---Rarely, the function changes an event: a quarter of them, by chance.
---@param change any a function that takes the music and gives another; verbs without their music do too, as in fast(2):rev()
---@param seed any another number, another throw; the script's own when left out
---@return any
function pattern:rarely(change, seed) end

---Time from the end of the note to silence, in seconds. Also called rel.
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:release(amount, options) end

---How much the instrument's filter rings at its cutoff, and the note's other filters at theirs. Also called res, lpq.
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:resonance(amount, options) end

---Begins anew with its first bar at each x. Of a slot, restart() is another thing: it begins at its first note where it enters.
---@param when any x where it begins anew
---@return any
function pattern:restart(when) end

---Each bar backwards.
---@return any
function pattern:rev() end

---How much room. Also called room.
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:reverb(amount, options) end

---Some bars out of the music, again and again. Also called rib.
---@param from any the first bar, from 0; -4096 to 4096, and it may move
---@param bars any how many; 1/64 to 4096, and it may move; 1 when left out
---@return any
function pattern:ribbon(from, bars) end

---Mix of a ring modulator on the note.
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:ring(amount, options) end

---Frequency of the note's ring modulator, in hertz. Also called ringf.
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:ringfreq(amount, options) end

---The notes of a chord begin one after the other, from the lowest up. Also called rolledBy.
---@param part any how much of its time the roll takes; from the top down when negative; -1 to 1, and it may move; 1/4 when left out
---@return any
function pattern:rolled(part) end

---What the events of each bar say moved to the events before them, round and round; the rhythm stays.
---@param places any how many; the other way when negative; -256 to 256, and it may move; 1 when left out
---@return any
function pattern:rot(places) end

---Numbers rounded to the nearest whole one.
---@return any
function pattern:round() end

---The numbers from 0 up to the one before this, in one bar.
---@return any
function pattern:run() end

---Numbers and degrees as the pitches of a scale: 0 is its tonic. Pitches move to the nearest of the scale. The plain function scale gives a list.
---@param name any a tonic and a scale, as in "C minor"; the script's key when left out
---@return any
function pattern:scale(name) end

---Every pitch so many steps of the scale higher.
---@param steps any how many; down when negative; -256 to 256, and it may move
---@param name any a tonic and a scale; that of the music, or else the script's key, when left out
---@return any
function pattern:scaleTranspose(steps, name) end

---The numbers up to 0 in the first bar, up to 1 in the second, and so on up to the one before this.
---@return any
function pattern:scan() end

---So many events a bar, each with what holds where it begins: it turns what flows into steps. Also called seg.
---@param steps any how many a bar; 1 to 256, and it may move
---@return any
function pattern:segment(steps) end

---All that the other says, in place of what this says.
---@param other any a number, a text of numbers, a signal, or other music
---@param options any { from = "left" }: who says when: this music ("left"), the other ("right"), "both", or "squeeze" for a bar of the other in each event
---@return any
function pattern:set(other, options) end

---Wave shaping that brings up what is quiet in the note.
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:shape(amount, options) end

---Size of the room of the slot's reverb. Also called roomsize, sz.
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:size(amount, options) end

---The recorded sound cut into pieces, of which these are played.
---@param pieces any how many; 1 to 256, and it may move
---@param which any which of them, from 0, one after the other, as in "0 2 [1 3]"
---@return any
function pattern:slice(pieces, which) end

---So many times as slow: it takes that many bars.
---@param factor any how many times; 1/64 to 64, and it may move
---@return any
function pattern:slow(factor) end

---Numbers that flow in a straight line from each to the next.
---@return any
function pattern:smooth() end

---In half of the bars, by chance, what the function makes of the music. Also called someCycles.
---@param change any a function that takes the music and gives another; verbs without their music do too, as in fast(2):rev()
---@param seed any another number, another throw; the script's own when left out
---@return any
function pattern:somecycles(change, seed) end

---In some bars, by chance, what the function makes of the music. Also called someCyclesBy.
---@param chance any how likely, 0 to 1; 0 to 1, and it may move
---@param change any a function that takes the music and gives another; verbs without their music do too, as in fast(2):rev()
---@param seed any another number, another throw; the script's own when left out
---@return any
function pattern:somecyclesBy(chance, change, seed) end

---Sometimes, the function changes an event: half of them, by chance.
---@param change any a function that takes the music and gives another; verbs without their music do too, as in fast(2):rev()
---@param seed any another number, another throw; the script's own when left out
---@return any
function pattern:sometimes(change, seed) end

---The function changes events by chance, and the others stay.
---@param chance any how likely, 0 to 1; 0 to 1, and it may move
---@param change any a function that takes the music and gives another; verbs without their music do too, as in fast(2):rev()
---@param seed any another number, another throw; the script's own when left out
---@return any
function pattern:sometimesBy(chance, change, seed) end

---What sounds each event: an instrument, or recorded sounds, which `lilt doc sounds` lists; behind a colon stands which of a name's sounds, from 0. A name that an instrument has too is the instrument, unless the sounds are your own; write pad:0 for the sound. Also called s, on.
---@param names any an instrument, or a text of names of instruments and of recorded sounds, as in "<pluck bell>" or "breaks:2"
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:sound(names, options) end

---How fast its sound is played, and so how high; a recorded sound is played backwards when negative.
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:speed(amount, options) end

---As slice, each piece played as fast as it takes to fill its time.
---@param pieces any how many; 1 to 256, and it may move
---@param which any which of them, from 0, one after the other, as in "0 2 [1 3]"
---@return any
function pattern:splice(pieces, which) end

---How far the oscillators of a voice stand apart in stereo.
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:spread(amount, options) end

---The numbers of this say which of the others is squeezed into each of its events, a bar of it.
---@param others any music, or texts of the same notation; or a list of these
---@return any
function pattern:squeeze(others) end

---All of it at once.
---@param others any music, or texts of the same notation
---@return any
function pattern:stack(others) end

---Each recorded sound cut into so many pieces: first the first piece of each, then the second of each, all in the bar.
---@param pieces any how many; 1 to 256, and it may move
---@return any
function pattern:striate(pieces) end

---The values of the music in a rhythm.
---@param when any x where an event begins, ~ where none does
---@return any
function pattern:struct(when) end

---The notes of a chord begin one after the other, from the lowest up, as on a guitar.
---@param amount any how much later each begins than the one before, in beats; from the top down when negative; -4 to 4, and it may move; 1/32 when left out
---@return any
function pattern:strum(amount) end

---The music again and again, each time later and softer: echo with its arguments in another order.
---@param times any how often it sounds in all; 1 to 64, and it may move
---@param feedback any how loud each is, in parts of the one before; 0 to 1, and it may move
---@param bars any how much later, in bars; -256 to 256, and it may move
---@return any
function pattern:stut(times, feedback, bars) end

---The music again and again, each time later, and as loud.
---@param times any how often it sounds in all; 1 to 64, and it may move
---@param bars any how much later, in bars; -256 to 256, and it may move
---@return any
function pattern:stutter(times, bars) end

---Numbers taken away. The same as music - other.
---@param other any a number, a text of numbers, a signal, or other music
---@param options any { from = "left" }: who says when: this music ("left"), the other ("right"), "both", or "squeeze" for a bar of the other in each event
---@return any
function pattern:sub(other, options) end

---The music, and at once what each function makes of it.
---@param changes any functions that take the music and give another; verbs without their music do too, as in fast(2):rev()
---@return any
function pattern:superimpose(changes) end

---Level that is held until the note ends. Also called sus.
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:sustain(amount, options) end

---Of each part of the bar, the second half comes late by a third: a triplet feel. The plain function swing(clip, amount) is that of clips.
---@param parts any into how many the bar is cut; 1/16 to 64, and it may move
---@return any
function pattern:swing(parts) end

---Of each part of the bar, the second half comes late.
---@param amount any how far, as a part of the half that comes late: 1/3 is a triplet feel; -1 to 1, and it may move
---@param parts any into how many the bar is cut; 1/16 to 64, and it may move
---@return any
function pattern:swingBy(amount, parts) end

---Leaves events out by chance: so many stay.
---@param part any how many stay; 0 to 1, and it may move; 1/2 when left out
---@param seed any another number, another throw; the script's own when left out
---@return any
function pattern:thin(part, seed) end

---Brightness of a drum: 0 is dull, 0.5 as it is, 1 bright.
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:tone(amount, options) end

---The music among the others, a bar each: first at their end, then one place earlier each time round.
---@param others any music, or texts of the same notation
---@return any
function pattern:tour(others) end

---Every pitch higher, or lower when negative; drums stay. What would leave 0 to 127 stays at its end.
---@param semitones any how far; -128 to 128, and it may move
---@return any
function pattern:transpose(semitones) end

---Depth of a tremolo on the note. Also called tremdp, tremolodepth.
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:tremolo(amount, options) end

---Swings of the note's tremolo a second, in hertz. Also called tremr.
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:tremolorate(amount, options) end

---Moves the pitch of anything, drums and samples too, in semitones.
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:tune(amount, options) end

---Only the events that degrade leaves out.
---@param seed any another number, another throw; the script's own when left out
---@return any
function pattern:undegrade(seed) end

---Only the events that degradeBy leaves out.
---@param chance any how likely an event stays, 0 to 1; 0 to 1, and it may move
---@param seed any another number, another throw; the script's own when left out
---@return any
function pattern:undegradeBy(chance, seed) end

---How many oscillators a voice has.
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:unison(amount, options) end

---How hard each note is struck, 0 to 1. Also called vel.
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:velocity(amount, options) end

---Swings of the vibrato a second, in hertz. Also called vibratorate.
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:vib(amount, options) end

---Depth of the vibrato, in cents. Also called vibmod, vmod.
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:vibrato(amount, options) end

---The notes of each chord put close together, the highest as near under the top as can be: chords in turn then move little. Also called voicings.
---@param top any the highest pitch that there may be; 24 to 127, and it may move; 72 when left out
---@return any
function pattern:voicing(top) end

---A vowel, as in "a o": 1 is a, 2 e, 3 i, 4 o, 5 u, in between they melt; 0 is off. Also called formant.
---@param amount any a number, a text of numbers, a signal or a function of the beat
---@param options any { from = "left" }: who says when: this music ("left"), the numbers ("right"), "both", or "squeeze"
---@return any
function pattern:vowel(amount, options) end

---At each moment where something begins, one of them by chance, some more likely than others.
---@param weights any how likely each is, as in "3 1 1": first this music, then the others
---@param others any music, or texts of the same notation
---@return any
function pattern:wchoose(weights, others) end

---While a number says so, what the function makes of the music.
---@param when any 1 where the function counts, 0 where it does not; -1000000000 to 1000000000, and it may move
---@param change any a function that takes the music and gives another; verbs without their music do too, as in fast(2):rev()
---@return any
function pattern:when(when, change) end

---Of every so many bars, from one of them on, what the function makes of the music.
---@param bars any how many; 1 to 256, and it may move
---@param from any from which of them on, from 0; 0 to 256, and it may move
---@param change any a function that takes the music and gives another; verbs without their music do too, as in fast(2):rev()
---@return any
function pattern:whenmod(bars, from, change) end

---In a part of each bar, what the function makes of the music.
---@param from any where in the bar, 0 to 1; 0 to 1, and it may move
---@param to any up to where; 0 to 1, and it may move
---@param change any a function that takes the music and gives another; verbs without their music do too, as in fast(2):rev()
---@return any
function pattern:within(from, to, change) end

---In each bar one of them by chance, some more likely than others. Also called wchooseCycles.
---@param weights any how likely each is, as in "3 1 1": first this music, then the others
---@param others any music, or texts of the same notation
---@return any
function pattern:wrandcat(weights, others) end

---A part of each bar, spread over the whole of it. Also called zoomArc.
---@param from any where in the bar it begins, 0 to 1; 0 to 1, and it may move
---@param to any where it ends; 0 to 1, and it may move
---@return any
function pattern:zoom(from, to) end

---@class place
local place = {}

---The same place without the beginning of each note: what rings after it.
---@param seconds any how much is left out, 0 to 4
---@return any
function place:onset(seconds) end

---@class sketch
local sketch = {}

---Of a sketch that a tilted model made: how much of its particles the reward left in play, from 1 (the model agrees) down to 0 (it fights the model). Waits for the sketch.
---@return any
function sketch:ess() end

---How like two sketches are, from 0 to 1: how near the points of each lie to the strokes of the other, on average.
---@param other any a sketch
---@return any
function sketch:likeness(other) end

---Of a sketch that a tilted model made: the logarithm of the mean of e to the strength times reward over the model's drawings. Waits for the sketch.
---@return any
function sketch:log_z() end

---The strokes as lists of points { x, y, width }. Waits for a sketch that is still being made.
---@return any
function sketch:strokes() end

---@class slot
local slot = {}

---Of a slot's whole sound. How hard the compressor of the slot works.
---@param amount any 0 to 1: a number, a text of numbers, a signal or a function of the beat
---@return any
function slot:compressor(amount) end

---How much echo.
---@param amount any 0 to 1
---@return any
function slot:delay(amount) end

---Sends the notes to SuperDirt, as Tidal does: its sounds and its effects, on Lilt's beat. Each slot has an orbit of its own. Controls are given by the names that Lilt has for them.
---@param sound any what plays them there, as in "superpiano"; the names of the notes' own sounds and drums when left out
---@return any
function slot:dirt(sound, options) end

---Turns the slot or bus down while another speaks, as a sidechain does.
---@param under any the slot or bus that is listened to
---@return any
function slot:duck(under, options) end

---Lets the slot be heard in all parts of the form but these.
---@param parts any names of parts
---@return any
function slot:except(parts) end

---Of a slot's whole sound. Sweeps of the flanger a second, in hertz.
---@param amount any 0.01 to 10: a number, a text of numbers, a signal or a function of the beat
---@return any
function slot:flangerrate(amount) end

---How loud: 1 leaves it alone. Every control takes a number, a text in mini-notation, or a function of the beat.
---@param amount any 0 to 2
---@return any
function slot:gain(amount) end

---Of a slot's whole sound. Gain above 4 kHz, in decibels.
---@param amount any -24 to 12: a number, a text of numbers, a signal or a function of the beat
---@return any
function slot:high(amount) end

---Takes away what is below.
---@param hertz any 20 to 20000
---@return any
function slot:highpass(hertz) end

---Of a slot's whole sound. Gain below 200 Hz, in decibels.
---@param amount any -24 to 12: a number, a text of numbers, a signal or a function of the beat
---@return any
function slot:low(amount) end

---Takes away what is above.
---@param hertz any 20 to 20000
---@return any
function slot:lowpass(hertz) end

---Gives the slot bars of its own: its patterns come round in those, against the others.
---@param signature any a count and a unit
---@return any
function slot:meter(signature) end

---Of a slot's whole sound. Gain around 1 kHz, in decibels.
---@param amount any -24 to 12: a number, a text of numbers, a signal or a function of the beat
---@return any
function slot:mid(amount) end

---Sends the notes to a MIDI port instead of an instrument.
---@param port any a part of the port's name; a port of that name is opened when there is none
---@param channel any 1 to 16; 1 when left out
---@return any
function slot:midi(port, channel) end

---Chooses what the notes sound on: an instrument, or recorded sounds, as in notation: "<pluck bell>", "breaks:2". A name that an instrument has too is the instrument, unless the sounds are your own; synth "saw" is always the instrument, "saw:0" always the sound.
---@param instrument any synth "…", an instrument of a SoundFont, or a name
---@return any
function slot:on(instrument) end

---Lets the slot be heard in these parts of the form alone; it keeps its place in the music. Of a bus it is what goes to it.
---@param parts any names of parts, as in slot:only("verse", "chorus") or slot:only "verse chorus"
---@return any
function slot:only(parts) end

---Sends each note to another program by OSC in place of an instrument, as a bundle with its moment: note, velocity, duration in seconds, and every control by its name, each followed by its number.
---@param host any the machine: "127.0.0.1" is this one; others need `lilt live --network`
---@param port any at which the program listens, 1 to 65535
---@param path any the address of the messages, as in "/play"
---@return any
function slot:osc(host, port, path) end

---Where between left and right.
---@param place any -1 (left) to 1 (right)
---@return any
function slot:pan(place) end

---Of a slot's whole sound. Sweeps of the phaser a second, in hertz.
---@param amount any 0.01 to 10: a number, a text of numbers, a signal or a function of the beat
---@return any
function slot:phaserrate(amount) end

---Sets where a change of this slot may begin to sound, whatever the script says for the others.
---@param length any "now", "beat", "bar", "phrase" (four bars), a part of a beat such as "1/2 beat", or a number of bars from 1 to 64
---@return any
function slot:quantum(length) end

---Lets the slot's own time go faster or slower than the others': its music, and the controls that move.
---@param factor any 1/64 to 64: 3/2 plays three of its bars in two
---@return any
function slot:rate(factor) end

---Begins the music at its first note where it enters. Without it new music enters in the middle of its phrase, where it would be had it played from the beginning. What plays already goes on until it is changed.
---@return any
function slot:restart() end

---How much room; 0.12 when a script says nothing.
---@param amount any 0 to 1
---@return any
function slot:reverb(amount) end

---Holds the slot silent; it keeps its place in the music.
---@return any
function slot:silent() end

---Lets only this slot be heard, and others that are soloed.
---@return any
function slot:solo() end

---What is played on a device sounds on this slot at once, beside what the slot plays: with its instrument and its effects.
---@param source any a device, as midi_in gives it, or its name
---@return any
function slot:through(source) end

---Sends the slot's sound to a bus in place of the master. A bus of which the script says nothing else is a neutral one. A bus may go to another.
---@param bus any its name, or what bus(…) gave
---@return any
function slot:to(bus) end

---Of a slot's whole sound. Stereo width: 0 is mono, 1 leaves it as it is, 2 doubles the sides.
---@param amount any 0 to 2: a number, a text of numbers, a signal or a function of the beat
---@return any
function slot:width(amount) end

---@class soundfont
local soundfont = {}

---One of its instruments.
---@param instrument any its name in the file or in General MIDI, as in "Trumpet"; or its program, 0 to 127, as in 56; or its bank
---@param program any the program, 0 to 127, where a bank is said
---@return any
function soundfont:at(instrument, program) end

---Its drum kit: drums sound, and keys as in General MIDI.
---@param program any which kit, 0 to 127; 0 when left out
---@return any
function soundfont:drums(program) end

---@class taste
local taste = {}

---What was learnt, in words, as in "likes: returning bars; dislikes: many leaps, high notes". Nothing is said of what may be chance.
---@return any
function taste:words() end

---@class timbre
local timbre = {}

---A place in the space of sounds, for play(…):on(…): that of a sound, or one on the way between two. Each note is played where its place is when it begins. The sounds are those of General MIDI and some of our own, such as moo, wind, engine and glass; `timbre:names()` lists them.
---@param sound any its name, as in "trombone", or a place; a word of the name will do, as in "bell"
---@param other any where the way leads
---@param way any how far it has come, 0 to 1; a text, a signal or a function moves it. 0.5 when left out
---@return any
function timbre:at(sound, other, way) end

---The straight way from one place to another: a list of places, both ends included.
---@param from any a sound's name, or a place
---@param to any a sound's name, or a place
---@return any
function timbre:interpolate(from, to, options) end

---The names of all sounds that have a place: a list.
---@return any
function timbre:names() end

---A place that nobody named, by chance.
---@return any
function timbre:sample(options) end

---The same space, leant toward what a function likes: `sample` of it draws 64 places, and one of them by how much the function likes what is heard there. A sound says its brightness(), in octaves over the pitch; noise(), 0 to 1; attack(), in seconds; loudness(), in decibels; and decay(), the decibels by which it falls in a second.
---@param reward any a function of a sound that gives a number
---@return any
function timbre:tilt(reward, options) end
