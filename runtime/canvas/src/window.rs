//! The window: takes the newest frame thirty times a second and draws it.

use std::path::PathBuf;

use bevy_window::WindowMode;
use lilt_canvas::program::{Inbox, Options};
use lilt_canvas::{Frame, scene};
use nannou::prelude::*;

use crate::painter;

/// Pictures a second: as often as frames come.
const RATE: f64 = 30.0;
/// Pictures drawn before a screenshot is taken: the first are drawn while the window
/// still finds its size.
const SETTLED: u64 = 20;
/// Pictures drawn after that before the program ends, so that the file is written.
const SAVED: u64 = 60;

/// Opens the window, and comes back when it is closed or standard input ends.
pub fn run() {
    nannou::app(open).update(update).run();
}

/// What the window remembers.
struct Canvas {
    inbox: Option<Inbox>,
    frame: Frame,
    window: Entity,
    screenshot: Option<PathBuf>,
    /// Pictures drawn since the first frame came.
    drawn: u64,
}

fn open(app: &App) -> Canvas {
    // The command line was read once before the window was opened, and was right.
    let options = Options::parse(std::env::args_os().skip(1));
    let (size, fullscreen, screenshot) = match options {
        Ok(options) => (options.size, options.fullscreen, options.screenshot),
        Err(_) => ((1280, 720), false, None),
    };
    let mut window = app.new_window::<Canvas>();
    if fullscreen {
        // nannou's own `fullscreen` only puts the window in the middle of the screen.
        let mode = WindowMode::BorderlessFullscreen(MonitorSelection::Primary);
        window = window.window(Window { mode, ..default() });
    }
    let window = window
        .title("Lilt")
        .size(size.0, size.1)
        .present_mode(PresentMode::Mailbox)
        .view(view)
        .primary()
        .build();
    app.set_update_rate(RATE);
    let inbox = match Inbox::open(std::io::BufReader::new(std::io::stdin())) {
        Ok(inbox) => Some(inbox),
        Err(error) => {
            eprintln!("lilt-canvas: frames cannot be read: {error}");
            None
        }
    };
    Canvas { inbox, frame: Frame::default(), window, screenshot, drawn: 0 }
}

fn update(app: &App, canvas: &mut Canvas) {
    let Some(inbox) = &canvas.inbox else { return app.quit() };
    if let Some(frame) = inbox.newest() {
        canvas.frame = frame;
        canvas.drawn = canvas.drawn.max(1);
    }
    if canvas.drawn > 0 {
        canvas.drawn += 1;
    }
    match &canvas.screenshot {
        // The frames of a screenshot may come from a file that has ended.
        Some(_) if canvas.drawn == 0 && !inbox.ended() => {}
        Some(file) if canvas.drawn == SETTLED => app.window(canvas.window).save_screenshot(file.clone()),
        Some(_) if (1..SETTLED + SAVED).contains(&canvas.drawn) => {}
        None if !inbox.ended() => {}
        _ => app.quit(),
    }
}

fn view(app: &App, canvas: &Canvas) {
    let size = app.window(canvas.window).size_points();
    painter::paint(&app.draw(), &scene(&canvas.frame, size.x.round() as u32, size.y.round() as u32));
}
