//! The verbs that single models have of their own, for hover, completion and `lilt doc`. Which a model
//! has, its description says; what it answers, [`super::model`] asks for.

pub(super) const DOCS: &[&str] = &[
    "model:groove(clip, options)
Of `drums`: plays a stiff clip as a drummer would. Every hit stays; how hard each sounds, and how early or late, is the drummer's.
@param clip the hits
@param temperature 0 a drummer at their steadiest, 1 as loose as all drummers taken together, up to 4; 0.75 when left out
@param seed another number, another performance; from the script's seed when left out
@example play(\"kit\", model(\"drums\"):groove(clip { { sound = \"bd\", start = 0 }, { sound = \"sd\", start = 1 }, length = 2 }))",
    "model:fill(clip, options)
Of `drums`: the fill that follows a beat: the fill alone, without the clip.
@param clip what it follows
@param bars how long the fill is, 1 to 256; 1 when left out
@param temperature 0 to 4; 1 when left out
@param seed another number, another fill; from the script's seed when left out
@example local beat = model(\"drums\"):sample { bars = 3 } play(\"kit\", beat .. model(\"drums\"):fill(beat))",
    "model:more(clip, options)
Of `melody`: the same clip with more of something, or less. An amount of 1 is 2 notes a bar, 6.6 semitones, or 13 of 100 notes off the beat, which is how much songs differ; where a clip cannot go so far, it goes as far as it can.
@param clip what is changed
@param attribute of what: \"density\" (notes), \"pitch\" (height) or \"syncopation\" (notes off the beat); \"density\" when left out
@param amount how much more, -3 to 3, below 0 is less; 1 when left out
@example local m = model(\"melody\") local tune = m:sample { bars = 2 } play(\"busy\", m:more(tune, { attribute = \"density\", amount = 1 }))",
    "model:harmonise(clip, options)
Of `chorale`: writes the other three voices to a melody.
@param clip the melody
@param voice which voice it is: \"soprano\", \"alto\", \"tenor\" or \"bass\"; \"soprano\" when left out
@param temperature 0 to 4; 1 when left out
@param seed another number, another setting; from the script's seed when left out
@example play(\"choir\", model(\"chorale\"):harmonise(clip { 67, 69, 71, 72 }, { temperature = 0.5 }))",
    "model:complete(clip, options)
Of `chorale`: fills what is missing of up to four voices.
@param clip the voices, with holes
@param temperature 0 to 4; 1 when left out
@param seed another number, another setting; from the script's seed when left out
@example play(\"choir\", model(\"chorale\"):complete(clip { 67, \"~\", \"~\", 72 }))",
    "model:rewrite(clip, options)
Of `chorale`: writes one voice anew to the others.
@param clip the voices
@param voice which is written anew: \"soprano\", \"alto\", \"tenor\" or \"bass\"; \"bass\" when left out
@param temperature 0 to 4; 1 when left out
@param seed another number, another voice; from the script's seed when left out
@example local choir = model(\"chorale\") play(\"choir\", choir:rewrite(choir:sample { bars = 2 }, { voice = \"alto\" }))",
];
