-- 2. A beat.
-- You hear: a drum kit, and after four bars you know it by heart.
-- Words in the quotes share the bar evenly: `[a b]` squeezes two into one place,
-- `*4` repeats, `~` rests, `(3,8)` spreads three over eight, `?` leaves to chance,
-- `<a b>` takes turns from bar to bar, and a comma plays two things at once.
-- Change: `bd(3,8)` to `bd(5,8)`; then take the `?` away; then the tempo to 90.
-- Break: `cb?` to `cw?`. Lilt says: `cw` is no drum

tempo(118)

play("kick",  drums "bd(3,8)"):gain(0.75)
play("snare", drums "~ sd ~ <sd [sd sd]>"):reverb(0.15):gain(0.9)
play("hats",  drums "hh*8, ~ ~ ~ <~ oh>"):gain(0.75):pan(0.25)
play("spice", drums "~ cb? ~ rs?"):gain(0.5):pan(-0.4):delay(0.3)
