-- 2. A beat.
-- You hear: a drum kit, and after four bars you know it by heart.
-- Words in the quotes share the bar evenly: `[a b]` squeezes two into one place,
-- `*4` repeats, `~` rests, `(3,8)` spreads three over eight, `?` leaves to chance,
-- `<a b>` takes turns from bar to bar, and a comma plays two things at once.
-- Change: `(3,8)` to `(5,8)`; take the `?` away; tempo to 90.

tempo(118)

play("kick",  drums "bd(3,8)"):gain(0.85)
play("snare", drums "~ sd ~ <sd [sd sd]>"):reverb(0.15):gain(1.2)
play("hats",  drums "hh*8, ~ ~ ~ <~ oh>"):gain(0.9):pan(0.25)
play("spice", drums "~ cb? ~ rs?"):gain(0.5):pan(-0.4):delay(0.3)
