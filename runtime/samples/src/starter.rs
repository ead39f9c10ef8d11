//! The sounds that come with Lilt: `runtime/samples/sounds`, within the program.

use include_dir::{Dir, include_dir};

use crate::sound::{Sound, Source};

static SOUNDS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/sounds");

/// The bytes of a file below `runtime/samples/sounds`; none for what is not there.
pub(crate) fn bytes(path: &str) -> &'static [u8] {
    SOUNDS.get_file(path).map_or(&[], |file| file.contents())
}

/// Each name with its sounds, their files in order.
pub(crate) fn sounds() -> impl Iterator<Item = (String, Vec<Sound>)> {
    SOUNDS.dirs().filter_map(|folder| {
        let name = folder.path().to_str()?.to_owned();
        let mut paths: Vec<&'static str> = folder.files().filter_map(|file| file.path().to_str()).collect();
        paths.sort_unstable();
        Some((name, paths.into_iter().map(|path| Sound::at(Source::Starter(path))).collect()))
    })
}
