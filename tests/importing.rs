//! `lilt import` as a user meets it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// A Sketch-RNN decoder of one unit and one Gaussian, as it is released: all its weights are 0.
const DECODER: &str = "[{\"name\":\"ant\",\"scale_factor\":80.5},[[1,9],[9],[5,4],[1,4],[4]],\
    [\"AAAAAAAAAAAAAAAAAAAAAAAA\",\"AAAAAAAAAAAAAAAAAAAAAAAA\",\
    \"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==\",\"AAAAAAAAAAA=\",\"AAAAAAAAAAA=\"]]";

fn lilt(folder: &Path, words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lilt"));
    command.current_dir(folder).args(words).output().expect("lilt starts")
}

fn told(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stderr), String::from_utf8_lossy(&output.stdout))
}

#[test]
fn a_released_decoder_becomes_a_model_beside_the_script() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let at = folder.path();
    fs::write(at.join("ant.gen.json"), DECODER).expect("written");
    let output = lilt(at, &["import", "sketch-rnn", "ant.gen.json", "--name", "my-ant"]);
    assert_eq!(
        (output.status.code(), told(&output).as_str()),
        (
            Some(0),
            "  ./my-ant.toml\n  ./my-ant.safetensors\n\
             it draws ant; a script in that folder names it: model \"my-ant\"\n"
        )
    );
    let listed = told(&lilt(at, &["models"]));
    assert!(listed.contains("my-ant"), "{listed}");
}

#[test]
fn what_is_no_decoder_is_named_with_its_reason() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let at = folder.path();
    let refused = |name: &str, content: &str| {
        fs::write(at.join(name), content).expect("written");
        let output = lilt(at, &["import", "sketch-rnn", name]);
        assert_eq!(output.status.code(), Some(2));
        told(&output)
    };
    assert_eq!(
        refused("cut.gen.json", &DECODER[..DECODER.len() - 20]),
        format!(
            "lilt: cut.gen.json: it is cut off: EOF while parsing a string at line 1 column {}\n",
            DECODER.len() - 20
        )
    );
    assert_eq!(
        refused("other.gen.json", &DECODER.replace("[1,4],[4]]", "[2,4],[4]]")),
        "lilt: other.gen.json: its recurrent weights have the dimensions [2, 4], [1, 4] are needed\n"
    );
    let output = lilt(at, &["import", "sketch-rnn", "none.gen.json"]);
    assert_eq!(told(&output), "lilt: none.gen.json: No such file or directory (os error 2)\n");
}
