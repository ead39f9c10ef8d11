//! Looks for a display before the graphics engine does, which panics without one.

use std::ffi::OsString;
use std::path::PathBuf;

/// Where a window can be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Display {
    /// A display server of this machine, by its socket.
    Socket {
        /// What names it to the performer.
        name: String,
        /// The socket it listens on.
        socket: PathBuf,
    },
    /// One that only opening a window can tell: the desktop of macOS or Windows, or
    /// an X server reached over a network.
    Assumed,
}

/// There is no display.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoDisplay {
    /// Nothing names one.
    #[error("there is no display: neither WAYLAND_DISPLAY nor DISPLAY is set")]
    Unset,
    /// The one that is named does not answer.
    #[error("the display {name} does not answer: {reason}")]
    Silent {
        /// What names it.
        name: String,
        /// What the system said.
        reason: String,
    },
}

impl Display {
    /// The display that the environment names; Wayland before X, as the window does.
    ///
    /// # Errors
    /// [`NoDisplay::Unset`] where nothing names one.
    pub fn find(variable: impl Fn(&str) -> Option<OsString>) -> Result<Display, NoDisplay> {
        if cfg!(not(all(unix, not(target_os = "macos")))) {
            return Ok(Display::Assumed);
        }
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        if let Some(name) = set("WAYLAND_DISPLAY") {
            let socket = match set("XDG_RUNTIME_DIR") {
                // An absolute name stays as it is.
                Some(folder) => PathBuf::from(folder).join(&name),
                None => PathBuf::from(&name),
            };
            let name = format!("WAYLAND_DISPLAY={}", name.to_string_lossy());
            return Ok(Display::Socket { name, socket });
        }
        // A compositor that starts its clients hands them a socket that is open already.
        if set("WAYLAND_SOCKET").is_some() {
            return Ok(Display::Assumed);
        }
        let Some(value) = set("DISPLAY") else {
            return Err(NoDisplay::Unset);
        };
        // `:1` or `:1.0` is this machine; `host:1` is another.
        let value = value.to_string_lossy().into_owned();
        let number = value.strip_prefix(':').map(|rest| rest.split('.').next().unwrap_or(rest).to_owned());
        Ok(match number {
            Some(number) => Display::Socket {
                name: format!("DISPLAY={value}"),
                socket: PathBuf::from(format!("/tmp/.X11-unix/X{number}")),
            },
            None => Display::Assumed,
        })
    }

    /// Knocks at the display's door.
    ///
    /// # Errors
    /// [`NoDisplay::Silent`] where nobody answers.
    pub fn reach(&self) -> Result<(), NoDisplay> {
        match self {
            #[cfg(unix)]
            Display::Socket { name, socket } => match std::os::unix::net::UnixStream::connect(socket) {
                Ok(_) => Ok(()),
                Err(error) => Err(NoDisplay::Silent { name: name.clone(), reason: error.to_string() }),
            },
            _ => Ok(()),
        }
    }
}

#[cfg(all(test, unix, not(target_os = "macos")))]
mod tests {
    use super::*;

    fn find(variables: &[(&str, &str)]) -> Result<Display, NoDisplay> {
        Display::find(|name| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into()))
    }

    #[test]
    fn the_environment_names_the_display() {
        let socket =
            |name: &str, socket: &str| Ok(Display::Socket { name: name.to_owned(), socket: socket.into() });
        for (variables, want) in [
            (&[][..], Err(NoDisplay::Unset)),
            (&[("DISPLAY", ""), ("WAYLAND_DISPLAY", "")], Err(NoDisplay::Unset)),
            (&[("DISPLAY", ":1.0")], socket("DISPLAY=:1.0", "/tmp/.X11-unix/X1")),
            (&[("DISPLAY", "stage:0")], Ok(Display::Assumed)),
            (
                &[("DISPLAY", ":0"), ("WAYLAND_DISPLAY", "wayland-1"), ("XDG_RUNTIME_DIR", "/run/user/7")],
                socket("WAYLAND_DISPLAY=wayland-1", "/run/user/7/wayland-1"),
            ),
            (&[("WAYLAND_DISPLAY", "/tmp/w")], socket("WAYLAND_DISPLAY=/tmp/w", "/tmp/w")),
            (&[("WAYLAND_SOCKET", "7")], Ok(Display::Assumed)),
        ] {
            assert_eq!(find(variables), want, "{variables:?}");
        }
    }

    #[test]
    fn a_display_that_is_gone_is_named() {
        let gone = Display::Socket { name: "DISPLAY=:9".to_owned(), socket: "/nowhere/X9".into() };
        let error = gone.reach().expect_err("nobody listens there");
        assert_eq!(
            error.to_string(),
            "the display DISPLAY=:9 does not answer: No such file or directory (os error 2)"
        );
    }
}
