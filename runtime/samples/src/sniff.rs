//! Files that are no sound, known by how they begin, so that the message can say what they are.

/// Says what a file is that begins with `head`, if it is known to be something else than a sound that
/// can be read here, and what to do about it.
pub(crate) fn what_it_is(head: &[u8]) -> Option<&'static str> {
    let at = |offset: usize, mark: &[u8]| head.get(offset..).is_some_and(|rest| rest.starts_with(mark));
    let text = String::from_utf8_lossy(head.get(..64).unwrap_or(head)).trim_start().to_ascii_lowercase();
    if at(0, b"MThd") || (at(0, b"RIFF") && at(8, b"RMID")) {
        Some("is a MIDI file: it holds notes and no sound")
    } else if at(0, b"RIFF") && at(8, b"sfbk") {
        Some("is a SoundFont: open it with `soundfont`")
    } else if at(4, b"ftyp") {
        Some("is an M4A or MP4 file: convert it to WAV, FLAC, OGG or MP3")
    } else if at(0, b"OggS") && at(28, b"OpusHead") {
        Some("is an Opus file: convert it to WAV, FLAC or OGG Vorbis")
    } else if at(0, &[0x1a, 0x45, 0xdf, 0xa3]) {
        Some("is a Matroska or WebM file: convert its sound to WAV, FLAC, OGG or MP3")
    } else if at(0, b"PK\x03\x04") || at(0, &[0x1f, 0x8b]) || at(0, b"Rar!") || at(0, b"7z\xbc\xaf") {
        Some("is an archive: unpack it")
    } else if at(0, b"\x89PNG") || at(0, &[0xff, 0xd8, 0xff]) || at(0, b"GIF8") {
        Some("is a picture and no sound")
    } else if text.starts_with("version https://git-lfs") {
        Some("is a placeholder of Git LFS: fetch the sound itself with `git lfs pull`")
    } else if text.starts_with("<!doctype") || text.starts_with("<html") {
        Some("is a web page: the download went wrong, fetch it again")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_sound_is_named() {
        let opus = [b"OggS".as_slice(), &[0; 24], b"OpusHead"].concat();
        for (head, says) in [
            (b"MThd\0\0\0\x06".as_slice(), "is a MIDI file"),
            (b"RIFF\0\0\0\0RMIDdata", "is a MIDI file"),
            (b"RIFF\0\0\0\0sfbkLIST", "is a SoundFont"),
            (b"\0\0\0\x20ftypM4A ", "is an M4A"),
            (&opus, "is an Opus file"),
            (b"PK\x03\x04", "is an archive"),
            (b"\x89PNG\r\n", "is a picture"),
            (b"version https://git-lfs.github.com/spec/v1\n", "is a placeholder"),
            (b"\n <!DOCTYPE html>", "is a web page"),
        ] {
            assert!(what_it_is(head).is_some_and(|what| what.starts_with(says)), "{says}");
        }
        for head in
            [b"RIFF\0\0\0\0WAVEfmt ".as_slice(), b"fLaC", b"FORM\0\0\0\0AIFF", b"ID3", b"OggS", b"", b"R"]
        {
            assert_eq!(what_it_is(head), None);
        }
    }
}
