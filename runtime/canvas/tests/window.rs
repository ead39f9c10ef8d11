//! The window's picture beside the one that is painted without a display, of the same frames. It needs Xvfb and a
//! Vulkan driver (packages `xvfb` and `mesa-vulkan-drivers`), starts a display of its own, and fails without:
//! `cargo test --profile canvas -p lilt-canvas --features window --test window -- --nocapture`

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use lilt_canvas::{CopyView, Frame, LayerView, Show, SoundView, StrokeView, png, scene};
use lilt_score::Blend;
use resvg::tiny_skia::Pixmap;

/// Size of the pictures.
const SIZE: (u32, u32) = (640, 360);
/// How much a channel may differ where the two round the edge of a line otherwise, and how many pixels may differ
/// more.
const TOLERANCE: (u8, f64) = (40, 0.015);
/// How much channels may differ on average: what lies in the middle of lines and grounds is the same.
const AVERAGE: f64 = 1.5;
/// Longest wait for a picture on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// A display without a screen.
struct Display {
    server: Child,
    name: String,
}

impl Display {
    fn open() -> Display {
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1280x720x24", "-nolisten", "tcp"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("this test needs Xvfb and a Vulkan driver: apt-get install xvfb mesa-vulkan-drivers");
        let mut number = String::new();
        let said = server.stdout.take().expect("it was asked for");
        BufReader::new(said).read_line(&mut number).expect("Xvfb says its number");
        Display { server, name: format!(":{}", number.trim()) }
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        // It may have ended already.
        let _ended = self.server.kill();
        let _ended = self.server.wait();
    }
}

/// What the window shows of a frame, as pixels of red, green, blue and 255.
fn seen(display: &Display, frame: &Frame) -> Pixmap {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("window.png");
    let mut canvas = Command::new(env!("CARGO_BIN_EXE_lilt-canvas"))
        .args(["--size", &format!("{}x{}", SIZE.0, SIZE.1), "--screenshot"])
        .arg(&file)
        .env("DISPLAY", &display.name)
        .env_remove("WAYLAND_DISPLAY")
        .env_remove("WAYLAND_SOCKET")
        .stdin(Stdio::piped())
        .spawn()
        .expect("the canvas starts");
    let mut line = frame.to_line();
    line.push('\n');
    canvas.stdin.take().expect("it was asked for").write_all(line.as_bytes()).expect("it reads");
    let until = Instant::now() + PATIENCE;
    while canvas.try_wait().expect("it can be asked").is_none() {
        if Instant::now() > until {
            // It may have ended just now.
            let _ended = canvas.kill();
            panic!("the window took no picture of itself");
        }
        thread::sleep(Duration::from_millis(50));
    }
    let bytes = std::fs::read(&file).expect("the window saved its picture");
    Pixmap::decode_png(&bytes).expect("a PNG")
}

/// How many pixels differ by more than is tolerated, and by how much channels differ on average.
fn difference(one: &Pixmap, other: &Pixmap) -> (f64, f64) {
    assert_eq!((one.width(), one.height()), (other.width(), other.height()));
    let apart = |(a, b): (&u8, &u8)| a.abs_diff(*b);
    let all: u64 = one.data().iter().zip(other.data()).map(|pair| u64::from(apart(pair))).sum();
    let pixels = one.data().chunks(4).zip(other.data().chunks(4));
    let more = pixels.filter(|(a, b)| a.iter().zip(*b).any(|pair| apart(pair) > TOLERANCE.0)).count();
    (more as f64 / f64::from(one.width() * one.height()), all as f64 / one.data().len() as f64)
}

#[test]
fn the_window_shows_what_is_painted_without_one() {
    let whole = Frame::from_line(include_str!("golden/performance.json").trim_end()).expect("a frame");
    let stage = |blend| {
        let turned = CopyView {
            matrix: [0.0, 1.0, -1.0, 0.0, 1.0, 0.0],
            colour: 0x4fd1ff,
            opacity: 0.8,
            glow: 0.6,
            ..CopyView::default()
        };
        let straight = CopyView { matrix: CopyView::default().matrix, colour: 0xffb347, ..turned };
        let strokes: Vec<StrokeView> = whole.layers[0].strokes.clone();
        let layers = vec![
            LayerView { strokes: strokes.clone(), copies: vec![turned], ..LayerView::default() },
            LayerView { blend, strokes, copies: vec![straight] },
        ];
        Frame { show: Show::Stage, background: Some(0x203050), layers, ..whole.clone() }
    };
    let samples: Vec<f32> = (0..4_096).map(|index| (index as f32 / 40.0).sin() * 0.6).collect();
    let heard = |show, sound| Frame { show, sound: Some(sound), layers: Vec::new(), ..whole.clone() };
    let frames = [
        ("plan", whole.clone()),
        ("normal", stage(Blend::Normal)),
        ("add", stage(Blend::Add)),
        ("multiply", stage(Blend::Multiply)),
        ("lighten", stage(Blend::Lighten)),
        ("scope", heard(Show::Scope, SoundView::wave(&samples))),
        ("spectrum", heard(Show::Spectrum, SoundView::spectrum(&samples, 48_000.0))),
    ];
    let display = Display::open();
    let kept = std::env::var_os("LILT_KEEP").map(std::path::PathBuf::from);
    let mut wrong = Vec::new();
    for (name, frame) in frames {
        let window = seen(&display, &frame);
        let bytes = png(&scene(&frame, SIZE.0, SIZE.1)).expect("a picture");
        let painted = Pixmap::decode_png(&bytes).expect("it was encoded above");
        if let Some(folder) = &kept {
            window.save_png(folder.join(format!("{name}-window.png"))).expect("kept");
            painted.save_png(folder.join(format!("{name}-painted.png"))).expect("kept");
        }
        let (share, average) = difference(&window, &painted);
        println!("{name}: {:.2} % of the pixels differ, channels by {average:.2} on average", 100.0 * share);
        if share > TOLERANCE.1 || average > AVERAGE {
            wrong.push(name);
        }
    }
    assert!(wrong.is_empty(), "{wrong:?} differ by more than is tolerated");
}
