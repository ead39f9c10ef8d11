//! How long an evaluation takes: scripts of about 100 lines, evaluated again and again as keystrokes do, and how
//! long until their next bars are planned. Prints a JSON object for each.

use std::sync::Arc;
use std::time::Instant;

use lilt_inference::{Catalogue, Inference, Model, ModelError};
use lilt_script::{Engine, Limits};
use lilt_sequencer::Performance;

struct NoModels;

impl Catalogue for NoModels {
    fn names(&self) -> Vec<String> {
        Vec::new()
    }

    fn load(&self, name: &str) -> Result<Arc<dyn Model>, ModelError> {
        Err(ModelError::UnknownModel { name: name.to_owned(), nearest: None, known: Vec::new() })
    }
}

/// Twelve slots of eight lines each, with patterns, clips, functions and a drawing.
fn script() -> String {
    let mut text = "tempo(112)\nmeter \"4/4\"\nkey \"D dorian\"\nlocal energy = 0.7\n".to_owned();
    for i in 0..12 {
        text += &format!(
            "local tune{i} = clip {{\n  {{ pitch = 60, duration = 1/2 }}, {{ pitch = \"e4\" }}, 67, 69, length = 4,\n}}\n\
             play(\"lead {i}\", tune{i}:transpose({i}) .. tune{i}:reverse()):on(synth \"pluck\")\n  \
             :gain(0.5 + energy / 4)\n  :lowpass(function(beat) return 600 + 2200 * energy * math.sin(beat) end)\n\
             play(\"beat {i}\", drums \"bd(3,8), hh*8? ~ <oh sd>\"):pan(\"0 0.5\")\n\
             draw(\"ring {i}\", circle {{ radius = 0.{i}1 }})\n"
        );
    }
    text
}

/// A set that uses more than forty verbs.
const FORTY_VERBS: &str = include_str!("forty-verbs.lua");

fn main() {
    measure("evaluate slots, clips and functions", &script());
    measure("evaluate forty verbs", FORTY_VERBS);
}

fn measure(work: &str, text: &str) {
    let inference = Inference::new(NoModels, 1).expect("a thread");
    let mut engine = Engine::new(inference, Box::new(()), Limits::default()).expect("an engine");
    let mut performance = Performance::new();
    let (mut evaluated, mut planned) = (Vec::new(), Vec::new());
    let mut now = 0.0;
    for i in 0..500 {
        let typed = format!("{text}-- {i}\nplay(\"typed\", \"c4*{}\")\n", 1 + i % 8);
        let start = Instant::now();
        let generation = match engine.evaluate(&typed, "set.lua").result {
            Ok(generation) => generation,
            Err(diagnostic) => panic!("{}", diagnostic.render(&typed)),
        };
        evaluated.push(start.elapsed());
        now += 0.05;
        performance.propose(generation, now).expect("a plan");
        performance.fill(now + 0.12);
        planned.push(start.elapsed());
    }
    for (what, times) in [(work.to_owned(), &mut evaluated), (format!("{work}, to new plan"), &mut planned)] {
        times.sort();
        let ms = |part: f64| times[(times.len() as f64 * part) as usize].as_secs_f64() * 1e3;
        println!(
            "{{\"work\":\"{what}\",\"lines\":{},\"p50_ms\":{:.3},\"p95_ms\":{:.3},\"p99_ms\":{:.3},\"runs\":{}}}",
            text.lines().count(),
            ms(0.5),
            ms(0.95),
            ms(0.99),
            times.len()
        );
    }
}
