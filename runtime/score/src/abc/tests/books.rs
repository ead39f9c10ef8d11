//! Files of tunes as they are found, and how a tune of one is asked for.

use crate::abc::*;

const BOOK: &str = "% a book\nM:6/8\nL:1/4\n\nX:3\nT:Kesh, The\nT:The Castle\nR:jig\nQ:3/8=80\nK:G\nGAB|\n\nX:7\nT:Kid on the Mountain\nM:4/4\nL:1/8\nK:Em\nE2|\n\nX:8\nT:Broken\nK:G\nA|B ^|\n";

fn titles(text: &str) -> Vec<String> {
    let told = |tune: &Result<Tune, AbcError>| match tune {
        Ok(tune) => format!("{:?} {} {}", tune.number, tune.title, tune.notes.len()),
        Err(error) => error.to_string(),
    };
    Book::read(text).tunes.iter().map(told).collect()
}

#[test]
fn tunes_of_files_as_they_are_found() {
    for (name, text, expected) in [
        ("a mark of the byte order", "\u{feff}X:1\nT:One\nK:C\nC\n", vec!["Some(1) One 1"]),
        (
            "an old Macintosh",
            "X:1\rT:One\rK:C\rC\r\rX:2\rT:Two\rK:C\rCD\r",
            vec!["Some(1) One 1", "Some(2) Two 2"],
        ),
        ("a space before", " X:1\n T:One\n K:C\n C D\n", vec!["Some(1) One 2"]),
        ("no number", "T:One\nM:4/4\nK:C\nCD\n\nT:Two\nK:C\nC\n", vec!["None One 2", "None Two 1"]),
        (
            "words between",
            "A book.\n\nX:1\nK:C\nC\n\nThe second tune: good.\n\nX:2\nK:C\nCD\n",
            vec!["Some(1)  1", "Some(2)  2"],
        ),
        ("an empty line in the header", "X:1\nT:One\n\nM:4/4\nK:C\nCD\n", vec!["Some(1) One 2"]),
        ("a remark behind the number", "X: 12 of 20\nT:One\nK:C\nC\n", vec!["Some(12) One 1"]),
        (
            "a text for the printer",
            "%%begintext\nX marks it.\nT:not\nK:me\nA\n%%endtext\nX:1\nT:One\nK:C\nC\n",
            vec!["Some(1) One 1"],
        ),
        (
            "a printer's text without end",
            "X:1\nT:One\nK:C\nC\n%%begintext\nA\n\nX:2\nT:Two\nK:C\nC\n",
            vec!["Some(1) One 1", "Some(2) Two 1"],
        ),
        ("nothing", "", vec![]),
        (
            "prose",
            "once upon a time\nK: was a letter",
            vec![
                "line 2: `was a letter` is no key; write a tonic and a mode, as in `K:D`, `K:F#m` or `K:A dorian`",
            ],
        ),
    ] {
        assert_eq!(titles(text), expected, "{name}");
    }
}

#[test]
fn what_a_file_says_holds_for_its_tunes() {
    let book = Book::read(BOOK);
    let told = |number: u32| {
        let tune = book.number(number).unwrap();
        (tune.meter.to_string(), tune.notes[0].duration.to_string(), tune.tempo, tune.key.to_string())
    };
    assert_eq!(told(3), ("6/8".into(), "1".into(), Some(120.0), "G major".into()));
    assert_eq!(told(7), ("4/4".into(), "1".into(), None, "E minor".into()));
}

#[test]
fn tunes_are_found_by_number_and_title() {
    let book = Book::read(BOOK);
    let asked = |asked: &str| book.find(asked).map(|tune| tune.number).map_err(|error| error.to_string());
    for (name, found) in
        [("3", 3), (" 7", 7), ("the kesh", 3), ("Kesh, The", 3), ("kid on", 7), ("The Castle", 3)]
    {
        assert_eq!(asked(name), Ok(Some(found)), "{name}");
    }
    for (name, message) in [
        ("4", "there is no tune 4 in this book: its numbers are from 3 to 8"),
        ("The Kush", "there is no tune `The Kush` in this book: did you mean `Kesh, The`?"),
        (
            "the",
            "there is no tune `the` in this book: several have that in their title, such as `Kesh, The` and `The Castle`",
        ),
        (
            "Drowsy Maggie",
            "there is no tune `Drowsy Maggie` in this book: it has 3 tunes, from `Kesh, The` to `Broken`",
        ),
        (
            "8",
            "tune 8 `Broken`, line 23, bar 2: an accidental must stand before a note letter, at most two of a kind",
        ),
        (
            "broken",
            "tune 8 `Broken`, line 23, bar 2: an accidental must stand before a note letter, at most two of a kind",
        ),
    ] {
        assert_eq!(asked(name), Err(message.to_owned()), "{name}");
    }
    let empty = Book::read("no tunes");
    let none =
        "there is no tune in it: each begins with a line like `X:1`, and its header ends with one like `K:G`";
    for error in [empty.first().map(drop), empty.number(1).map(drop), empty.title("a").map(drop)] {
        assert_eq!(error.map_err(|error| error.to_string()), Err(none.to_owned()));
    }
    let unnumbered = Book::read("T:One\nK:C\nC\n\nT:Two\nK:C\nCD\n");
    assert_eq!(unnumbered.number(2).map(|tune| tune.title.as_str()), Ok("Two"));
    for (number, message) in [
        (0, "there is no tune 0 in this book: its numbers are 1 to 2, by their places"),
        (3, "there is no tune 3 in this book: its numbers are 1 to 2, by their places"),
    ] {
        assert_eq!(unnumbered.number(number).unwrap_err().to_string(), message);
    }
}

#[test]
fn a_text_in_a_script_needs_no_header() {
    for (text, expected) in [
        ("CDEF|GABc|", Ok("C major 4/4 8 1/2")),
        ("\n    X:1\n    L:1/4\n    K:D\n    DEF|\n  ", Ok("D major 4/4 3 1")),
        ("L:1/4\nM:3/4\nCDE|", Ok("C major 3/4 3 1")),
        ("X:1\nCDE|", Err("tune 1, line 1: the tune has no `K:` field; its header must end with one")),
        ("", Err("line 1: the tune has no `K:` field; its header must end with one")),
        ("CDE|é", Err("line 1, bar 2: `é` means nothing in ABC music")),
    ] {
        let told = read_tune(text)
            .map(|tune| {
                format!("{} {} {} {}", tune.key, tune.meter, tune.notes.len(), tune.notes[0].duration)
            })
            .map_err(|error| error.to_string());
        assert_eq!(told, expected.map(str::to_owned).map_err(str::to_owned), "{text}");
    }
}
