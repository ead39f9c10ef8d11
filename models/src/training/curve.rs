//! How the losses fell: a table that a checkpoint keeps, and a picture of it.

use std::fmt::Write;

/// One measurement on the way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Updates made.
    pub update: usize,
    /// Mean training loss since the measurement before, with dropout, in nats per prediction.
    pub train: f64,
    /// Nats per note on the validation set.
    pub valid: f64,
}

/// The measurements of a run, in order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Curve {
    points: Vec<Point>,
}

/// Width and height of the picture, and the margin around its axes.
const SIZE: (f64, f64) = (640.0, 360.0);
const MARGIN: f64 = 48.0;

impl Curve {
    /// Adds a measurement.
    pub fn push(&mut self, point: Point) {
        self.points.push(point);
    }

    /// All measurements.
    pub fn points(&self) -> &[Point] {
        &self.points
    }

    /// Measurements since the one with the lowest validation loss.
    pub fn since_best(&self) -> usize {
        let best = self.points.iter().enumerate().min_by(|a, b| a.1.valid.total_cmp(&b.1.valid));
        best.map_or(0, |(at, _)| self.points.len() - 1 - at)
    }

    /// A line for each measurement, `update train valid`.
    pub fn text(&self) -> String {
        let line = |point: &Point| format!("{} {} {}\n", point.update, point.train, point.valid);
        self.points.iter().map(line).collect()
    }

    /// Reads [`Curve::text`]; `None` when a line is none.
    pub fn parse(text: &str) -> Option<Curve> {
        let point = |line: &str| {
            let mut words = line.split(' ');
            let point = Point {
                update: words.next()?.parse().ok()?,
                train: words.next()?.parse().ok()?,
                valid: words.next()?.parse().ok()?,
            };
            words.next().is_none().then_some(point)
        };
        text.lines().map(point).collect::<Option<_>>().map(|points| Curve { points })
    }

    /// The picture: training loss thin, validation loss thick, and a dot where the latter is lowest.
    pub fn svg(&self, title: &str) -> String {
        let (width, height) = SIZE;
        let last = self.points.last().map_or(1, |point| point.update).max(1) as f64;
        let losses = || self.points.iter().flat_map(|point| [point.train, point.valid]);
        let (low, high) = losses()
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), loss| (low.min(loss), high.max(loss)));
        let (low, high) = if low < high { (low, high) } else { (low.min(high) - 0.5, low.max(high) + 0.5) };
        let (low, high) = if low.is_finite() { (low, high) } else { (0.0, 1.0) };
        let x = |update: usize| MARGIN + (width - 2.0 * MARGIN) * update as f64 / last;
        let y = |loss: f64| MARGIN + (height - 2.0 * MARGIN) * (high - loss) / (high - low);
        let line = |loss: fn(&Point) -> f64, stroke: &str, thick: f64| {
            let points: Vec<String> = self
                .points
                .iter()
                .map(|point| format!("{:.1},{:.1}", x(point.update), y(loss(point))))
                .collect();
            let points = points.join(" ");
            format!(r#"<polyline points="{points}" fill="none" stroke="{stroke}" stroke-width="{thick}"/>"#)
        };
        let mut svg = format!(
            r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">
<rect width="100%" height="100%" fill="#fff"/>
<text x="{MARGIN}" y="24" font-size="14">{}</text>
"##,
            title.replace('&', "&amp;").replace('<', "&lt;")
        );
        for loss in [low, (low + high) / 2.0, high] {
            let at = y(loss);
            let _ = writeln!(
                svg,
                r##"<line x1="{MARGIN}" x2="{}" y1="{at:.1}" y2="{at:.1}" stroke="#ddd"/><text x="4" y="{:.1}">{loss:.3}</text>"##,
                width - MARGIN,
                at + 4.0
            );
        }
        let _ = writeln!(svg, "{}", line(|point| point.train, "#999", 1.0));
        let _ = writeln!(svg, "{}", line(|point| point.valid, "#c30", 2.5));
        if let Some(best) = self.points.iter().min_by(|a, b| a.valid.total_cmp(&b.valid)) {
            let _ = writeln!(
                svg,
                r##"<circle cx="{:.1}" cy="{:.1}" r="4" fill="#c30"/><text x="{MARGIN}" y="{}">thick: nats per note on pieces held out, lowest {:.3} after {} updates; thin: while learning</text>"##,
                x(best.update),
                y(best.valid),
                height - 16.0,
                best.valid,
                best.update
            );
        }
        svg + "</svg>\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve() -> Curve {
        let mut curve = Curve::default();
        for (update, train, valid) in [(10, 3.0, 2.5), (20, 2.0, 2.25), (30, 1.0, 2.75)] {
            curve.push(Point { update, train, valid });
        }
        curve
    }

    #[test]
    fn a_curve_reads_back() {
        assert_eq!(Curve::parse(&curve().text()), Some(curve()));
        assert_eq!(Curve::parse(""), Some(Curve::default()));
        for wrong in ["1 2", "1 2 3 4", "one 2 3"] {
            assert_eq!(Curve::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_best_is_found() {
        assert_eq!(curve().since_best(), 1);
        assert_eq!(Curve::default().since_best(), 0);
    }

    #[test]
    fn the_picture_is_one_even_of_nothing() {
        let svg = curve().svg("a < b");
        assert!(svg.contains("a &lt; b") && svg.contains("lowest 2.250 after 20 updates"), "{svg}");
        assert_eq!(svg.matches("<polyline").count(), 2);
        assert!(!Curve::default().svg("").contains("NaN"));
    }
}
