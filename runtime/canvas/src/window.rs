//! The window: takes the newest frame and draws it, thirty times a second where that leaves the machine to the
//! music, and tells what a hand draws.

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bevy_input::touch::TouchPhase;
use bevy_window::{Monitor, WindowMode, WindowPosition};
use lilt_canvas::program::{
    HandEasel, Inbox, Kept, Options, Overlay, Pace, Reel, Scribe, Sketchbook, Stats, missing_monitor,
};
use lilt_canvas::video::FFMPEG;
use lilt_canvas::{Area, Frame, Hand, Scene, scene, square};
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
    /// The frame as it was drawn last, before what the window says itself.
    scene: Scene,
    window: Entity,
    monitor: Option<usize>,
    /// How many monitors there are, while it is not known whether there is that one.
    monitors: Option<Arc<AtomicUsize>>,
    screenshot: Option<PathBuf>,
    /// Pictures drawn since the first frame came.
    drawn: u64,
    easel: HandEasel,
    scribe: Option<Scribe>,
    /// Letters of the piano that are down.
    keys: Vec<char>,
    /// Behind a lock that nobody else takes: what the window holds may be looked at from any of its engine's threads.
    sketchbook: Option<Mutex<Sketchbook>>,
    overlay: Overlay,
    /// Where recordings go, and the one that is made, with the second at which it began.
    folder: PathBuf,
    reel: Option<(f64, Reel)>,
    /// Recordings that are still being written.
    ending: Vec<Reel>,
    stats: Stats,
    shows_stats: bool,
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

    /// A key went down while letters play. True where it is one of the piano's.
    fn key_down(&mut self, key: KeyCode) -> bool {
        let Some(letter) = letter(key) else { return false };
        if !self.keys.contains(&letter) {
            self.keys.push(letter);
            self.tell(Some(Hand::Key { letter, down: true }));
        }
        true
    }

    fn key_up(&mut self, key: KeyCode) {
        let up = |known: &mut char| letter(key) == Some(*known);
        let letters: Vec<char> = self.keys.extract_if(.., up).collect();
        letters.into_iter().for_each(|letter| self.tell(Some(Hand::Key { letter, down: false })));
    }

    /// Another window has the keyboard: nobody will tell that keys come up.
    fn keys_up(&mut self) {
        let letters = std::mem::take(&mut self.keys);
        letters.into_iter().for_each(|letter| self.tell(Some(Hand::Key { letter, down: false })));
    }

    fn say(&mut self, line: String) {
        let time = self.time();
        self.overlay.say(line, time);
    }

    /// The size of the window in points.
    fn size(&self, app: &App) -> (u32, u32) {
        let size = app.window(self.window).size_points();
        (size.x.round() as u32, size.y.round() as u32)
    }

    /// The picture of the newest frame and the hand.
    fn picture(&self, (width, height): (u32, u32)) -> Scene {
        let mut picture = scene(&self.frame, width, height);
        if let Some(square) = square(&self.frame, width, height) {
            self.easel.draw(&mut picture, square, self.time());
        }
        picture
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

    fn wipe(&mut self) {
        let wiped = self.easel.wipe();
        self.tell(Some(wiped));
    }

    /// Keeps what was drawn by hand.
    fn keep(&mut self) {
        let Some(book) = &mut self.sketchbook else { return };
        let book = book.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Err(why) = book.keep(&self.frame.title, self.easel.sketch()) {
            self.say(why);
        }
    }

    /// Says what became of drawings that were to be kept; one that is kept is wiped.
    fn tell_kept(&mut self) {
        while let Some(book) = &mut self.sketchbook
            && let Some(kept) = book.get_mut().unwrap_or_else(PoisonError::into_inner).kept()
        {
            if matches!(kept, Kept::Kept { .. }) {
                self.wipe();
            }
            self.say(kept.told());
        }
    }

    /// Begins a recording, or ends the one that is made.
    fn record(&mut self, app: &App) {
        if let Some((_, reel)) = self.reel.take() {
            reel.end();
            self.ending.push(reel);
            return;
        }
        let started = Reel::start(&self.folder, &self.frame.title, self.size(app), FFMPEG);
        match started {
            Ok(reel) => {
                self.say(reel.told());
                self.reel = Some((self.time(), reel));
            }
            Err(error) => self.say(format!("nothing is recorded: {error}")),
        }
    }

    /// Gives the recording what is seen, and says what became of those that have ended.
    fn film(&mut self, news: bool) {
        if let Some((began, reel)) = self.reel.as_ref().filter(|_| news) {
            reel.take(self.time() - began, self.picture(reel.size()));
        }
        let own = self.reel.iter_mut().map(|(_, reel)| reel);
        let over: Vec<String> = own.chain(&mut self.ending).filter_map(Reel::over).collect();
        for line in over {
            self.say(line);
        }
        self.reel.take_if(|(_, reel)| reel.is_over());
        self.ending.retain(|reel| !reel.is_over());
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

/// The whole of a monitor, or of the first.
fn full_screen(monitor: Option<usize>) -> WindowMode {
    WindowMode::BorderlessFullscreen(monitor.map_or(MonitorSelection::Current, MonitorSelection::Index))
}

fn open(app: &App) -> Canvas {
    // The command line was read once before the window was opened, and was right.
    let options = Options::parse(std::env::args_os().skip(1)).unwrap_or_default();
    let mut window = app.new_window::<Canvas>();
    // nannou's own `fullscreen` only puts the window in the middle of the screen.
    let mode = if options.fullscreen { full_screen(options.monitor) } else { WindowMode::Windowed };
    let position = match options.monitor {
        Some(monitor) => WindowPosition::Centered(MonitorSelection::Index(monitor)),
        None => WindowPosition::Automatic,
    };
    window = window.window(Window { mode, position, ..default() });
    let window = window
        .title("Lilt")
        .size(options.size.0, options.size.1)
        .present_mode(PresentMode::Mailbox)
        .view(view)
        .mouse_pressed(pressed)
        .mouse_moved(|app, canvas, point| canvas.moved(app, point))
        .mouse_released(|_, canvas, _| canvas.up())
        .mouse_exited(|_, canvas| canvas.up())
        .touch(touched)
        .key_pressed(key)
        .key_released(|_, canvas, key| canvas.key_up(key))
        .unfocused(|_, canvas| canvas.keys_up())
        .primary()
        .build();
    blend_as_written(app);
    let pace = Pace::default();
    app.set_update_rate(pace.ticks());
    let scribe = match Scribe::open(std::io::stdout()) {
        Ok(scribe) => Some(scribe),
        Err(error) => {
            eprintln!("lilt-canvas: what is drawn by hand cannot be told: {error}");
            None
        }
    };
    let sketchbook = match Sketchbook::open(options.folder.clone()) {
        Ok(book) => Some(Mutex::new(book)),
        Err(error) => {
            eprintln!("lilt-canvas: what is drawn by hand cannot be kept: {error}");
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
    let opened = Instant::now();
    let frame = Frame::default();
    Canvas {
        inbox,
        scene: scene(&frame, options.size.0, options.size.1),
        frame,
        window,
        monitor: options.monitor,
        monitors: options.monitor.map(|_| Arc::default()),
        screenshot: options.screenshot,
        drawn: 0,
        easel: HandEasel::new(),
        scribe,
        keys: Vec::new(),
        sketchbook,
        overlay: Overlay::default(),
        folder: options.folder,
        reel: None,
        ending: Vec::new(),
        stats: Stats::default(),
        shows_stats: options.stats,
        pace,
        opened,
        ticked: (opened, used()),
    }
}

/// Has colours meet each other as they do in pictures that are made without a window: by the numbers they are
/// written with, and not as light.
fn blend_as_written(app: &App) {
    app.command_scope(|mut commands| {
        commands.queue(|world: &mut World| {
            let mut cameras = world.query_filtered::<Entity, With<camera::Camera>>();
            let cameras: Vec<Entity> = cameras.iter(world).collect();
            for camera in cameras {
                world.entity_mut(camera).insert(camera::CompositingSpace::Srgb);
            }
        });
    });
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

fn key(app: &App, canvas: &mut Canvas, key: KeyCode) {
    // While letters play, commands take Shift.
    let shifted = app.keys().any_pressed([KeyCode::ShiftLeft, KeyCode::ShiftRight]);
    if canvas.frame.plays_keys && !shifted && canvas.key_down(key) {
        return;
    }
    match key {
        KeyCode::Delete | KeyCode::Backspace => canvas.wipe(),
        KeyCode::KeyK => canvas.keep(),
        KeyCode::KeyF | KeyCode::F11 => fill(app, canvas, None),
        KeyCode::Escape => fill(app, canvas, Some(false)),
        KeyCode::KeyR => canvas.record(app),
        KeyCode::KeyS => canvas.shows_stats = !canvas.shows_stats,
        _ => {}
    }
}

/// The letter of a key that is one of the piano's, or moves it.
fn letter(key: KeyCode) -> Option<char> {
    let letter = match key {
        KeyCode::KeyA => 'a',
        KeyCode::KeyW => 'w',
        KeyCode::KeyS => 's',
        KeyCode::KeyE => 'e',
        KeyCode::KeyD => 'd',
        KeyCode::KeyF => 'f',
        KeyCode::KeyT => 't',
        KeyCode::KeyG => 'g',
        KeyCode::KeyY => 'y',
        KeyCode::KeyH => 'h',
        KeyCode::KeyU => 'u',
        KeyCode::KeyJ => 'j',
        KeyCode::KeyK => 'k',
        KeyCode::KeyO => 'o',
        KeyCode::KeyL => 'l',
        KeyCode::KeyP => 'p',
        KeyCode::Semicolon => ';',
        KeyCode::KeyZ => 'z',
        KeyCode::KeyX => 'x',
        _ => return None,
    };
    Some(letter)
}

/// Fills the screen or gives it back, or does what is not the case now.
fn fill(app: &App, canvas: &Canvas, wanted: Option<bool>) {
    let (window, full) = (canvas.window, full_screen(canvas.monitor));
    app.command_scope(|mut commands| {
        commands.queue(move |world: &mut World| {
            if let Some(mut window) = world.get_mut::<Window>(window) {
                let fills = wanted.unwrap_or(window.mode == WindowMode::Windowed);
                window.mode = if fills { full } else { WindowMode::Windowed };
            }
        });
    });
}

/// Says that there is no such monitor as the window was to open on, once it is known how many there are.
fn look_for_monitor(app: &App, canvas: &mut Canvas) {
    let (Some(wanted), Some(monitors)) = (canvas.monitor, &canvas.monitors) else { return };
    let count = monitors.load(Ordering::Relaxed);
    if count > 0 {
        canvas.monitors = None;
        if let Some(told) = missing_monitor(wanted, count) {
            eprintln!("lilt-canvas: {told}");
            canvas.monitor = None;
            canvas.say(told);
        }
        return;
    }
    let monitors = Arc::clone(monitors);
    app.command_scope(|mut commands| {
        commands.queue(move |world: &mut World| {
            let mut known = world.query::<&Monitor>();
            monitors.store(known.iter(world).count(), Ordering::Relaxed);
        });
    });
}

fn update(app: &App, canvas: &mut Canvas) {
    look_for_monitor(app, canvas);
    let Some(inbox) = &canvas.inbox else { return app.quit() };
    let (newest, came, ended) = (inbox.newest(), inbox.came(), inbox.ended());
    let (time, shows) = (canvas.time(), newest.is_some());
    if let Some(frame) = newest {
        canvas.frame = frame;
        canvas.drawn = canvas.drawn.max(1);
    }
    canvas.tell_kept();
    let said = canvas.easel.is_seen(time) | canvas.overlay.is_seen(time) | canvas.screenshot.is_some();
    let scene = canvas.picture(canvas.size(app));
    // What is not to be seen, such as the playhead where no plan is shown, is no reason to draw.
    let news = said || scene != canvas.scene;
    canvas.scene = scene;
    canvas.film(news);
    let (now, used) = (Instant::now(), used());
    let (since, before) = std::mem::replace(&mut canvas.ticked, (now, used));
    let (passed, used) = (now - since, used.saturating_sub(before));
    canvas.stats.tick(passed, used, came, shows);
    if let Some(rate) = canvas.pace.tick(passed, used, news) {
        app.set_update_rate(rate);
    }
    if canvas.drawn > 0 {
        canvas.drawn += 1;
    }
    match &canvas.screenshot {
        // The frames of a screenshot may come from a file that has ended.
        Some(_) if canvas.drawn == 0 && !ended => {}
        Some(file) if canvas.drawn == SETTLED => app.window(canvas.window).save_screenshot(file.clone()),
        Some(_) if (1..SETTLED + SAVED).contains(&canvas.drawn) => {}
        None if !ended => {}
        _ => app.quit(),
    }
}

fn view(app: &App, canvas: &Canvas) {
    let stats = if canvas.shows_stats { canvas.stats.line() } else { None };
    let draw = app.draw();
    painter::paint(&draw, &canvas.scene);
    let mut over = Scene { shapes: Vec::new(), ..canvas.scene };
    canvas.overlay.draw(&mut over, canvas.reel.is_some(), stats);
    painter::add(&draw, &over);
}
