//! The signals that end the host, and the one that does not where somebody said so.

use crate::failure::Failure;

/// Calls `end` when the system or the performer asks the host to end: Ctrl-C, termination, and the hangup
/// of the terminal, unless that was to be ignored when the host was started (`nohup`).
///
/// # Errors
/// When the system takes no handler.
pub fn end_on_signals(end: impl FnMut() + Send + 'static) -> Result<(), Failure> {
    #[cfg(unix)]
    let ignored = ignores_hangup();
    ctrlc::set_handler(end).map_err(Failure::of_use)?;
    #[cfg(unix)]
    if ignored {
        // SAFETY: ignoring is a valid disposition for SIGHUP, and no handler of it is running yet.
        unsafe { libc::signal(libc::SIGHUP, libc::SIG_IGN) };
    }
    Ok(())
}

/// True where whoever started the host wants it to outlive its terminal.
#[cfg(unix)]
fn ignores_hangup() -> bool {
    // SAFETY: a zeroed `sigaction` is a valid place for the call to write to; with a null pointer for the new
    // disposition it only reads the present one.
    unsafe {
        let mut now: libc::sigaction = std::mem::zeroed();
        libc::sigaction(libc::SIGHUP, std::ptr::null(), &raw mut now) == 0
            && now.sa_sigaction == libc::SIG_IGN
    }
}
