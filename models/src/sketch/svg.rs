//! A picture in SVG as a drawing: every path and shape is a stroke, in the order in which they are written.

use std::borrow::Cow;

use resvg::usvg::tiny_skia_path::{PathSegment, Point};
use resvg::usvg::{Group, Node, Options, Tree};

use super::moves::Line;

/// Straight pieces of a curve: what is simplified afterwards to two pixels of 255 keeps every bend of a hand.
const PIECES: usize = 16;
/// Most points of a picture: a drawing that is learnt has 200 when it is made simple.
const MOST_POINTS: usize = 1_000_000;

/// The strokes of a picture, rightwards and downwards in its own units: outlines of shapes too, with what turns and
/// moves them. Texts and pictures within it are left out.
///
/// # Errors
/// Why it is no picture in SVG, or holds no stroke, in words.
pub fn read(text: &str) -> Result<Vec<Line>, String> {
    let tree = Tree::from_str(&declared(text), &Options::default()).map_err(|error| error.to_string())?;
    let mut lines = Vec::new();
    gather(tree.root(), &mut lines);
    lines.retain(|line| !line.is_empty());
    match lines.iter().map(Vec::len).sum::<usize>() {
        0 => Err("it holds no line".to_owned()),
        points if points > MOST_POINTS => Err(format!("{points} points: {MOST_POINTS} at most are read")),
        _ => Ok(lines),
    }
}

/// The same with the name spaces in its root that its DOCTYPE declares (`xmlns:kvg CDATA #FIXED "…"`, as KanjiVG's files
/// have it), which the parser leaves out.
fn declared(text: &str) -> Cow<'_, str> {
    let Some(root) = text.find("<svg") else { return Cow::Borrowed(text) };
    let (before, after) = text.split_at(root + "<svg".len());
    let mut spaces = String::new();
    for part in before.split("xmlns:").skip(1) {
        let mut words = part.split_whitespace();
        if let (Some(name), Some("CDATA"), Some("#FIXED"), Some(place)) =
            (words.next(), words.next(), words.next(), words.next())
        {
            let space = format!(" xmlns:{name}={}", place.trim_end_matches('>'));
            if !spaces.contains(&space) && !after.contains(&space) {
                spaces.push_str(&space);
            }
        }
    }
    if spaces.is_empty() { Cow::Borrowed(text) } else { Cow::Owned(format!("{before}{spaces}{after}")) }
}

fn gather(group: &Group, lines: &mut Vec<Line>) {
    for node in group.children() {
        match node {
            Node::Group(group) => gather(group, lines),
            Node::Path(path) => {
                if let Some(path) = path.data().clone().transform(path.abs_transform()) {
                    path.segments().for_each(|segment| follow(segment, lines));
                }
            }
            Node::Image(_) | Node::Text(_) => {}
        }
    }
}

/// Goes on with the last line by a segment, or begins another.
fn follow(segment: PathSegment, lines: &mut Vec<Line>) {
    if let PathSegment::MoveTo(to) = segment {
        lines.push(vec![[to.x, to.y]]);
        return;
    }
    let Some(line) = lines.last_mut() else { return };
    let Some(&[x, y]) = line.last() else { return };
    let from = Point::from_xy(x, y);
    let along = (1..=PIECES).map(|piece| piece as f32 / PIECES as f32);
    match segment {
        PathSegment::MoveTo(_) => {}
        PathSegment::LineTo(to) => line.push([to.x, to.y]),
        PathSegment::QuadTo(by, to) => line.extend(along.map(|t| {
            let at = |a: f32, b: f32, c: f32| {
                let s = 1.0 - t;
                s * s * a + 2.0 * s * t * b + t * t * c
            };
            [at(from.x, by.x, to.x), at(from.y, by.y, to.y)]
        })),
        PathSegment::CubicTo(first, second, to) => line.extend(along.map(|t| {
            let at = |a: f32, b: f32, c: f32, d: f32| {
                let s = 1.0 - t;
                s * s * s * a + 3.0 * s * s * t * b + 3.0 * s * t * t * c + t * t * t * d
            };
            [at(from.x, first.x, second.x, to.x), at(from.y, first.y, second.y, to.y)]
        })),
        PathSegment::Close => line.extend(line.first().copied()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn svg(within: &str) -> String {
        format!("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"100\" height=\"100\">{within}</svg>")
    }

    #[test]
    fn paths_and_shapes_are_strokes() {
        let read = |within: &str| read(&svg(within));
        assert_eq!(
            read("<path d='M1 2 L3,4 h5'/><g transform='translate(10 0)'><path d='M0 0l1 1'/></g>").unwrap(),
            [vec![[1.0, 2.0], [3.0, 4.0], [8.0, 4.0]], vec![[10.0, 0.0], [11.0, 1.0]]]
        );
        let square = read("<rect x='1' y='1' width='2' height='2'/>").unwrap();
        assert_eq!(square, [vec![[1.0, 1.0], [3.0, 1.0], [3.0, 3.0], [1.0, 3.0], [1.0, 1.0]]]);
        let curve = read("<path fill='none' stroke='black' d='M0,0 C0,10 10,10 10,0'/>").unwrap();
        assert_eq!((curve.len(), curve[0].len()), (1, PIECES + 1));
        assert_eq!(curve[0][PIECES / 2], [5.0, 7.5]);
        let two = read("<path d='M0 0 L1 1 M5 5 L6 6'/>").unwrap();
        assert_eq!(two.len(), 2);
    }

    #[test]
    fn name_spaces_of_a_doctype_are_known() {
        let doctype = "<!DOCTYPE svg [\n<!ATTLIST g\nxmlns:kvg CDATA #FIXED \"http://k\"\nkvg:part CDATA #IMPLIED >\n\
                       <!ATTLIST path\nxmlns:kvg CDATA #FIXED \"http://k\" >\n]>";
        let text = format!("{doctype}{}", svg("<g kvg:part='1'><path kvg:type='a' d='M1,1 L2,2'/></g>"));
        assert_eq!(read(&text).unwrap(), [vec![[1.0, 1.0], [2.0, 2.0]]]);
    }

    #[test]
    fn what_is_no_picture_says_why() {
        assert_eq!(read(&svg("")).unwrap_err(), "it holds no line");
        assert!(read("a cat").unwrap_err().contains("SVG data parsing failed"));
    }
}
