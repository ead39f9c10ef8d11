//! The page in a browser: what it is made from, and how somebody gets there.

use std::process::{Command, Stdio};
use std::thread;

use lilt_editor::{HostSocket, Lesson, Page, WEB_PORT, WebServer};

use super::terminal::Terminal;
use crate::commands::lsp;
use crate::course::{Course, needs};
use crate::failure::Failure;

/// What opens an address, by the kind of system.
const OPENER: &str = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };

/// Serves the page of the script behind this socket.
///
/// # Errors
/// When the port that was asked for is taken.
pub fn serve(socket: &HostSocket, port: Option<u16>) -> Result<WebServer, Failure> {
    let course = Course::open()?;
    let lessons = course.lessons().iter().map(|lesson| Lesson {
        name: format!("{}.lua", lesson.file_name()),
        title: format!("{}. {}", lesson.number(), lesson.title()),
        text: lesson.text(),
        needs: needs(lesson),
    });
    let page = Page { clients: socket.clients(), words: lsp::words(), lessons: lessons.collect() };
    WebServer::start(page, port).map_err(Failure::of_use)
}

/// Says where the page is, and opens it where that is wanted.
pub fn announce(page: &WebServer, asked: Option<u16>, open: bool, terminal: &Terminal) {
    if asked.is_none() && page.port() != WEB_PORT {
        terminal.say(format_args!("port {WEB_PORT} is taken, so the page is at another"));
    }
    terminal.say(format_args!("open {} in a browser on this machine", page.address()));
    if open {
        let (address, terminal) = (page.address().to_string(), terminal.clone());
        let opening = thread::Builder::new().name("lilt page opener".into()).spawn(move || {
            if let Err(why) = open_browser(&address) {
                terminal
                    .say(format_args!("no browser opens by itself ({why}): open the address above by hand"));
            }
        });
        // Without a thread the address is there to be opened by hand.
        let _by_hand = opening;
    }
}

/// Has the system open an address.
fn open_browser(address: &str) -> Result<(), String> {
    let mut opener = Command::new(OPENER);
    opener.arg(address).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    match opener.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(format!("`{OPENER}` found none")),
        Err(error) => Err(format!("`{OPENER}`: {error}")),
    }
}
