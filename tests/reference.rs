//! The page of all words and the definitions for language servers are what the language says of itself.
//! `LILT_BLESS=1 cargo test -p lilt --test reference` writes them anew.

use std::path::Path;

use lilt_script::reference;

#[test]
fn what_is_written_down_is_what_the_words_say_of_themselves() {
    let documentation = lilt_script::documentation();
    let bless = std::env::var_os("LILT_BLESS").is_some();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (file, made) in [
        ("stdlib/REFERENCE.md", reference::page(&documentation)),
        ("editor-integration/stubs/lilt.d.luau", reference::luau(&documentation)),
        ("editor-integration/stubs/lilt.lua", reference::lua(&documentation)),
    ] {
        let path = root.join(file);
        if bless {
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            std::fs::write(&path, &made).expect("written");
        }
        let written = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(written == made, "{file} is not what `lilt doc` prints now: see the head of this test");
    }
}
