-- 1. A first note.
-- You hear: one note of an electric piano in every bar.
-- Change: `"c4"` to `"c4 e4 g4"`, and save; then to "c4*4", then to "<c4 e4 g4 b4>*4".
-- Break: `"c4"` to `"h4"`. Lilt says: `h4` is no note

play("hello", "c4")
