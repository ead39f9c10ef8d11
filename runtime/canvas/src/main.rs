//! `lilt-canvas`: a window that shows the frames it reads from standard input, one
//! JSON object a line. It ends when the input ends or the window is closed, and with
//! status 3 where there is no display, with 4 where no graphics driver is found.

mod painter;
mod window;

use std::process::ExitCode;

use lilt_canvas::program::{Display, HELP, Options};
use lilt_canvas::{NO_DISPLAY_STATUS, NO_DRIVER_STATUS};

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args_os().skip(1)) {
        Ok(options) => options,
        Err(error) => {
            eprintln!("lilt-canvas: {error}");
            return ExitCode::from(2);
        }
    };
    if options.help {
        print!("{}", HELP);
        return ExitCode::SUCCESS;
    }
    // The graphics engine panics where it finds no display.
    if let Err(missing) = Display::find(|name| std::env::var_os(name)).and_then(|display| display.reach()) {
        eprintln!("lilt-canvas: {missing}");
        return ExitCode::from(NO_DISPLAY_STATUS);
    }
    // One line, which whoever started the canvas repeats.
    std::panic::set_hook(Box::new(|panic| {
        let told = panic.to_string().replace('\n', " ");
        // How the graphics engine says that it found no driver; nothing it does after that is of use.
        if told.contains("Unable to find a GPU") {
            eprintln!("lilt-canvas: there is no graphics driver: the window needs Vulkan, Metal or OpenGL");
            std::process::exit(i32::from(NO_DRIVER_STATUS));
        }
        eprintln!("lilt-canvas: {told}");
    }));
    give_way();
    window::run();
    ExitCode::SUCCESS
}

/// Lets the music go first: drawing in software can take every core there is.
fn give_way() {
    #[cfg(unix)]
    if let Err(error) = rustix::process::nice(10) {
        eprintln!("lilt-canvas: its priority cannot be lowered: {error}");
    }
}
