-- 1. A first note.
-- You hear: one note of an electric piano in every bar.
-- Change: "c4" to "c4 e4 g4", then to "c4*4", then to "<c4 e4 g4 b4>*4".

play("hello", "c4")
