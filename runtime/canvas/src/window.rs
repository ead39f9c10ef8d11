//! The window: takes the newest frame and draws it, thirty times a second where that leaves the machine to the
//! music, and tells what a hand draws.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use bevy_input::touch::TouchPhase;
use bevy_window::WindowMode;
use lilt_canvas::program::{HandEasel, Inbox, Options, Pace, Scribe};
use lilt_canvas::{Area, Frame, Hand, scene, square};
use nannou::prelude::*;

use crate::painter;

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
    easel: HandEasel,
    scribe: Option<Scribe>,
    pace: Pace,
    /// When the window opened; when the last tick was, and how much of a processor had been used by then.
    opened: Instant,
    ticked: (Instant, Duration),
}

impl Canvas {
    /// Seconds since the window opened.
    fn time(&self) -> f64 {
        self.opened.elapsed().as_secs_f64()
    }

    fn tell(&self, hand: Option<Hand>) {
        if let (Some(hand), Some(scribe)) = (hand, &self.scribe) {
            scribe.tell(hand);
        }
    }

    /// The place of sketches in the window, and a point of nannou's there: its origin is the middle of the
    /// window, and its y goes upwards.
    fn place(&self, app: &App, point: Point2) -> Option<([f64; 2], Area)> {
        let size = app.window(self.window).size_points();
        let square = square(&self.frame, size.x.round() as u32, size.y.round() as u32)?;
        // Nannou's prelude has a `from` of its own.
        let wide = <f64 as From<f32>>::from;
        Some(([wide(point.x + size.x / 2.0), wide(size.y / 2.0 - point.y)], square))
    }

    fn down(&mut self, app: &App, point: Point2) {
        if let Some((at, square)) = self.place(app, point) {
            let time = self.time();
            self.easel.down(at, square, time);
        }
    }

    fn moved(&mut self, app: &App, point: Point2) {
        if let Some((at, square)) = self.place(app, point) {
            let time = self.time();
            let sent = self.easel.moved(at, square, time);
            self.tell(sent);
        }
    }

    fn up(&mut self) {
        let time = self.time();
        let sent = self.easel.up(time);
        self.tell(sent);
    }
}

/// How much of a processor this program has used.
#[cfg(unix)]
fn used() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.try_into().unwrap_or(0), time.tv_nsec.try_into().unwrap_or(0))
}

/// Elsewhere nobody is asked, and the window is drawn as often as frames come.
#[cfg(not(unix))]
fn used() -> Duration {
    Duration::ZERO
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
        .mouse_pressed(pressed)
        .mouse_moved(|app, canvas, point| canvas.moved(app, point))
        .mouse_released(|_, canvas, _| canvas.up())
        .mouse_exited(|_, canvas| canvas.up())
        .touch(touched)
        .key_pressed(key)
        .primary()
        .build();
    let pace = Pace::default();
    app.set_update_rate(pace.ticks());
    let scribe = match Scribe::open(std::io::stdout()) {
        Ok(scribe) => Some(scribe),
        Err(error) => {
            eprintln!("lilt-canvas: what is drawn by hand cannot be told: {error}");
            None
        }
    };
    let inbox = match Inbox::open(std::io::BufReader::new(std::io::stdin())) {
        Ok(inbox) => Some(inbox),
        Err(error) => {
            eprintln!("lilt-canvas: frames cannot be read: {error}");
            None
        }
    };
    let (opened, easel) = (Instant::now(), HandEasel::new());
    let ticked = (opened, used());
    Canvas {
        inbox,
        frame: Frame::default(),
        window,
        screenshot,
        drawn: 0,
        easel,
        scribe,
        pace,
        opened,
        ticked,
    }
}

fn pressed(app: &App, canvas: &mut Canvas, button: MouseButton) {
    if button == MouseButton::Left {
        canvas.down(app, app.mouse());
    }
}

fn touched(app: &App, canvas: &mut Canvas, touch: TouchInput) {
    match touch.phase {
        TouchPhase::Started => canvas.down(app, touch.position),
        TouchPhase::Moved => canvas.moved(app, touch.position),
        TouchPhase::Ended | TouchPhase::Canceled => canvas.up(),
    }
}

fn key(_: &App, canvas: &mut Canvas, key: KeyCode) {
    if matches!(key, KeyCode::Delete | KeyCode::Backspace) {
        let wiped = canvas.easel.wipe();
        canvas.tell(Some(wiped));
    }
}

fn update(app: &App, canvas: &mut Canvas) {
    let Some(inbox) = &canvas.inbox else { return app.quit() };
    let time = canvas.time();
    let mut busy = canvas.easel.is_seen(time) || canvas.screenshot.is_some();
    if let Some(frame) = inbox.newest() {
        canvas.frame = frame;
        canvas.drawn = canvas.drawn.max(1);
        busy = true;
    }
    let (now, used) = (Instant::now(), used());
    let (since, before) = std::mem::replace(&mut canvas.ticked, (now, used));
    if let Some(rate) = canvas.pace.tick(now - since, used.saturating_sub(before), busy) {
        app.set_update_rate(rate);
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
    let (width, height) = (size.x.round() as u32, size.y.round() as u32);
    let mut picture = scene(&canvas.frame, width, height);
    if let Some(square) = square(&canvas.frame, width, height) {
        canvas.easel.draw(&mut picture, square, canvas.time());
    }
    painter::paint(&app.draw(), &picture);
}
