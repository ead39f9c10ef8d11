//! Looks for a display before the graphics engine does, which panics without one.

use std::ffi::OsString;
use std::path::PathBuf;

/// Where a window can be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Display {
    /// An X server of this machine, by its socket.
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
    #[error("there is no display: DISPLAY is not set")]
    Unset,
    /// A Wayland compositor that takes no X windows.
    #[error("this Wayland desktop shows no X windows: DISPLAY is not set; install or turn on Xwayland")]
    OnlyWayland,
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
    /// The display that the environment names: on Linux an X server, which on a Wayland
    /// desktop is Xwayland. (The window could speak Wayland itself, for 23 more crates.)
    ///
    /// # Errors
    /// [`NoDisplay`] where nothing names one.
    pub fn find(variable: impl Fn(&str) -> Option<OsString>) -> Result<Display, NoDisplay> {
        if cfg!(not(all(unix, not(target_os = "macos")))) {
            return Ok(Display::Assumed);
        }
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let Some(value) = set("DISPLAY") else {
            return Err(match set("WAYLAND_DISPLAY") {
                Some(_) => NoDisplay::OnlyWayland,
                None => NoDisplay::Unset,
            });
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
                &[("DISPLAY", ":0"), ("WAYLAND_DISPLAY", "wayland-1")],
                socket("DISPLAY=:0", "/tmp/.X11-unix/X0"),
            ),
            (&[("WAYLAND_DISPLAY", "wayland-1")], Err(NoDisplay::OnlyWayland)),
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
