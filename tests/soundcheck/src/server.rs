//! A JACK server without a sound card, for one run.

use std::env;
use std::process::{Child, Command, ExitCode, Stdio};

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process};

/// Where a JACK client reads the name of its server.
const SERVER: &str = "JACK_DEFAULT_SERVER";
/// Tells a program that it runs under its server already.
const SERVED: &str = "LILT_SOUNDCHECK_SERVED";

/// Frames of a second.
pub const RATE: usize = 48_000;
/// Frames of one cycle of the server: 2.7 ms.
pub const PERIOD: usize = 128;

/// A running server.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        // Asked to, the server frees its shared memory; killed, it would not. Where that fails it
        // has ended by itself.
        if let Ok(number) = i32::try_from(self.0.id())
            && let Some(process) = Pid::from_raw(number)
        {
            let _ended = kill_process(process, Signal::TERM);
        }
        let _ended = self.0.wait();
    }
}

/// Runs this program again under a server of the name `name`, and gives back how it ended; nothing
/// where it runs there already. The name is read from the environment, which a program cannot
/// change for itself safely.
///
/// A fixed name for each program: the table of servers holds eight, and a killed one keeps its place.
///
/// # Errors
/// When the server or this program does not start.
pub fn again_under(name: &str) -> Result<Option<ExitCode>> {
    if env::var_os(SERVED).is_some() {
        return Ok(None);
    }
    let rate = RATE.to_string();
    let period = PERIOD.to_string();
    let server = Command::new("jackd")
        .args(["-n", name, "-d", "dummy", "-r", &rate, "-p", &period])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .context("jackd does not start: install jackd2")?;
    let _server = Server(server);
    let status = Command::new(env::current_exe()?)
        .args(env::args_os().skip(1))
        .env(SERVER, name)
        .env(SERVED, "1")
        .status()?;
    let code = status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1);
    Ok(Some(ExitCode::from(code)))
}
