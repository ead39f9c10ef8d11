//! The particles of a tilt, as they are followed from boundary to boundary: each a line, from the left to the right;
//! where they are resampled, lines end and others fork.

use serde::{Deserialize, Serialize};

use crate::frame::{clipped, within};
use crate::palette::Colour;
use crate::scene::{Align, Area, Lettering, Sheet};

/// Most runs that a frame carries; the last are kept.
pub const MAX_RUNS: usize = 2;
/// Most particles of a run: more are grouped before.
pub const MAX_PARTICLES: usize = 64;
/// Most boundaries of a run; the last are kept.
pub const MAX_BOUNDARIES: usize = 32;
/// Most characters of a run's name.
const MAX_RUN_NAME: usize = 48;

/// One run of a tilt: a draw from the beginning to the end, or as far as it has come.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RunView {
    /// What it is of: the model.
    pub name: String,
    /// How many particles there are; where they are more than [`MAX_PARTICLES`] several are seen as one.
    pub particles: usize,
    /// True once its pieces are whole.
    pub is_whole: bool,
    /// The boundaries so far.
    pub boundaries: Vec<BoundaryView>,
}

/// The particles at a boundary.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct BoundaryView {
    /// The share of each in the weight, `0..=1`.
    pub weights: Vec<f32>,
    /// The effective sample size, as a share of the particles, `0..=1`.
    pub ess: f64,
    /// Where they were resampled after it: whose copy each place became.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ancestors: Option<Vec<u16>>,
}

/// Runs with every number in its range and every list cut to its bound.
pub(crate) fn bounded(mut runs: Vec<RunView>) -> Vec<RunView> {
    runs.drain(..runs.len().saturating_sub(MAX_RUNS));
    for run in &mut runs {
        run.name = clipped(std::mem::take(&mut run.name), MAX_RUN_NAME);
        let surplus = run.boundaries.len().saturating_sub(MAX_BOUNDARIES);
        run.boundaries.drain(..surplus);
        for boundary in &mut run.boundaries {
            boundary.weights.truncate(MAX_PARTICLES);
            boundary.ess = within(boundary.ess, 0.0, 1.0, 0.0);
            for weight in &mut boundary.weights {
                *weight = within(f64::from(*weight), 0.0, 1.0, 0.0) as f32;
            }
            let count = boundary.weights.len();
            let known = |ancestors: &Vec<u16>| {
                ancestors.len() == count && ancestors.iter().all(|ancestor| usize::from(*ancestor) < count)
            };
            boundary.ancestors.take_if(|ancestors| !known(ancestors));
        }
        // Each boundary is of the same particles.
        let count = run.boundaries.first().map_or(0, |first| first.weights.len());
        run.boundaries.retain(|boundary| boundary.weights.len() == count && count > 0);
    }
    runs
}

/// Draws runs side by side in an area.
pub(crate) fn draw(sheet: &mut Sheet, runs: &[RunView], area: Area, u: f64) {
    let letters = Lettering { size: 13.0 * u, bold: false, colour: Colour::MUTED };
    if runs.is_empty() {
        let at = (area.x + area.width / 2.0, area.y + area.height / 2.0, Align::Middle);
        sheet.text("no tilt has run yet", at, area, letters);
        return;
    }
    let gap = 36.0 * u;
    let width = (area.width - gap * (runs.len() - 1) as f64) / runs.len() as f64;
    for (place, run) in runs.iter().enumerate() {
        let x = area.x + place as f64 * (width + gap);
        drawn(sheet, run, Area { x, width: width.max(0.0), ..area }, u);
    }
}

fn drawn(sheet: &mut Sheet, run: &RunView, area: Area, u: f64) {
    let head = Area { height: (30.0 * u).min(area.height), ..area };
    let strong = Lettering { size: 13.0 * u, bold: true, colour: Colour::TEXT };
    let small = Lettering { size: 10.0 * u, bold: false, colour: Colour::MUTED };
    let baseline = head.y + 20.0 * u;
    let taken = sheet.text(&run.name, (head.x, baseline, Align::Left), head, strong);
    let state = if run.is_whole { "done" } else { "under way" };
    let told = format!("{} particles, {state}", run.particles);
    sheet.text(&told, (head.x + taken + 14.0 * u, baseline, Align::Left), head, small);
    let Some(last) = run.boundaries.last() else { return };
    let least = run.boundaries.iter().map(|boundary| boundary.ess).fold(last.ess, f64::min);
    let told = format!("ess {:.0} %, least {:.0} %", 100.0 * last.ess, 100.0 * least);
    sheet.text(&told, (head.right(), baseline, Align::Right), head, small);

    let below = (area.height - head.height).max(0.0);
    let lines = Area { y: head.bottom(), height: below * 0.8, ..area }.inset(10.0 * u);
    let sizes = Area { y: head.bottom() + below * 0.82, height: below * 0.18, ..area }.inset(10.0 * u);
    let columns = (run.boundaries.len() - 1).max(1) as f64;
    let column = |number: usize| match run.boundaries.len() {
        1 => lines.x + lines.width / 2.0,
        _ => lines.x + lines.width * number as f64 / columns,
    };
    genealogy(sheet, run, lines, &column, u);
    effective(sheet, run, sizes, &column, u);
}

/// Each particle as a line through the boundaries, in the colour of the one that it descends from at the first, with a
/// dot as large as its weight.
fn genealogy(sheet: &mut Sheet, run: &RunView, area: Area, column: &dyn Fn(usize) -> f64, u: f64) {
    let count = run.boundaries[0].weights.len();
    let row = area.height / count.max(1) as f64;
    let y = |particle: usize| area.y + (particle as f64 + 0.5) * row;
    let hue = |root: usize| {
        let along = 2.0 * root as f64 / (count - 1).max(1) as f64;
        match along < 1.0 {
            true => Colour::slot(0).mix(Colour::slot(4), along),
            false => Colour::slot(4).mix(Colour::slot(3), along - 1.0),
        }
    };
    let mut roots: Vec<usize> = (0..count).collect();
    let mut dots = Vec::new();
    for (number, boundary) in run.boundaries.iter().enumerate() {
        for (particle, weight) in boundary.weights.iter().enumerate() {
            // As large as its share: area, not radius. One that has all is no larger than a few rows.
            let fair = f64::from(*weight) * count as f64;
            let radius = (0.34 * row * fair.sqrt()).min(9.0 * u).min(3.0 * row.max(2.0 * u));
            if radius > 0.4 * u {
                dots.push((column(number), y(particle), radius, hue(roots[particle])));
            }
        }
        if number + 1 == run.boundaries.len() {
            break;
        }
        let parent = |particle: usize| match &boundary.ancestors {
            Some(ancestors) => usize::from(ancestors[particle]),
            None => particle,
        };
        let parents: Vec<usize> = (0..count).map(parent).collect();
        for (particle, parent) in parents.iter().enumerate() {
            let (from, to) = (column(number), column(number + 1));
            // Lines fork right behind the boundary, and then go on straight.
            let fork = from + (to - from) * 0.35;
            let points = match particle == *parent {
                true => vec![[from, y(particle)], [to, y(particle)]],
                false => vec![[from, y(*parent)], [fork, y(particle)], [to, y(particle)]],
            };
            sheet.line(&points, area, (1.3 * u).min(0.5 * row), hue(roots[*parent]).with_opacity(0.4));
        }
        if boundary.ancestors.is_some() {
            let mark = Area { x: column(number) - 0.75 * u, width: 1.5 * u, ..area };
            sheet.rect(mark, area, 0.0, Colour::PLAYHEAD.with_opacity(0.25));
        }
        roots = parents.iter().map(|parent| roots[*parent]).collect();
    }
    for (x, y, radius, colour) in dots {
        let dot = Area { x: x - radius, y: y - radius, width: 2.0 * radius, height: 2.0 * radius };
        sheet.rect(dot, area.inset(-9.0 * u), radius, colour);
    }
}

/// The effective sample size from boundary to boundary, over the half below which particles are resampled.
fn effective(sheet: &mut Sheet, run: &RunView, area: Area, column: &dyn Fn(usize) -> f64, u: f64) {
    let height = |share: f64| area.bottom() - share * area.height;
    for (share, told) in [(1.0, "100 %"), (0.5, "50 %"), (0.0, "0")] {
        let line = Area { y: height(share) - 0.5 * u, height: u, ..area };
        sheet.rect(line, sheet.area(), 0.0, Colour::BAR);
        let letters = Lettering { size: 7.5 * u, bold: false, colour: Colour::MUTED };
        let room =
            Area { x: area.x - 10.0 * u, y: area.y - 14.0 * u, height: area.height + 24.0 * u, ..area };
        sheet.text(told, (room.x, height(share) - 3.0 * u, Align::Left), room, letters);
    }
    let ends = run.boundaries.iter().enumerate();
    let points: Vec<[f64; 2]> =
        ends.clone().map(|(number, boundary)| [column(number), height(boundary.ess)]).collect();
    sheet.line(&points, area.inset(-2.0 * u), 2.0 * u, Colour::TEXT);
    for (number, boundary) in ends {
        let radius = if boundary.ancestors.is_some() { 4.0 * u } else { 2.5 * u };
        let colour = if boundary.ess < 0.5 { Colour::SURPRISE } else { Colour::TEXT };
        let (x, y) = (column(number), height(boundary.ess));
        let dot = Area { x: x - radius, y: y - radius, width: 2.0 * radius, height: 2.0 * radius };
        sheet.rect(dot, area.inset(-9.0 * u), radius, colour);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(boundaries: Vec<BoundaryView>) -> RunView {
        RunView { name: "folk".to_owned(), particles: 4, is_whole: true, boundaries }
    }

    fn boundary(weights: [f32; 4], ancestors: Option<[u16; 4]>) -> BoundaryView {
        let ess = 1.0 / (4.0 * weights.iter().map(|weight| f64::from(weight * weight)).sum::<f64>());
        BoundaryView { weights: weights.to_vec(), ess, ancestors: ancestors.map(|list| list.to_vec()) }
    }

    #[test]
    fn what_is_too_much_or_of_other_particles_is_left_out() {
        let even = boundary([0.25; 4], None);
        let few = BoundaryView { weights: vec![1.0], ..BoundaryView::default() };
        let wild = BoundaryView {
            weights: vec![f32::NAN, 9.0, -1.0, 0.5],
            ess: f64::NAN,
            ancestors: Some(vec![0, 1, 2, 4]),
        };
        let runs = bounded(vec![run(vec![]), run(vec![even.clone(), few, wild]), run(vec![even; 99])]);
        assert_eq!(runs.len(), MAX_RUNS);
        let tame = BoundaryView { weights: vec![0.0, 1.0, 0.0, 0.5], ess: 0.0, ancestors: None };
        assert_eq!((runs[0].boundaries.len(), &runs[0].boundaries[1]), (2, &tame));
        assert_eq!(runs[1].boundaries.len(), MAX_BOUNDARIES);
    }

    #[test]
    fn lines_fork_where_particles_are_resampled() {
        let runs = [run(vec![
            boundary([0.25; 4], None),
            boundary([0.85, 0.05, 0.05, 0.05], Some([0, 0, 0, 2])),
            boundary([0.25; 4], None),
        ])];
        let mut sheet = Sheet::new(640.0, 360.0, Colour::BACKGROUND);
        let area = sheet.area();
        draw(&mut sheet, &runs, area, 1.0);
        let scene = sheet.finish();
        let forks = scene.shapes.iter().filter(
            |shape| matches!(shape, crate::Shape::Line { points, colour, .. } if points.len() == 3 && colour.alpha < 255),
        );
        assert_eq!(forks.count(), 3);
        let text = |wanted: &str| {
            scene
                .shapes
                .iter()
                .any(|shape| matches!(shape, crate::Shape::Text { text, .. } if text == wanted))
        };
        assert!(text("4 particles, done") && text("ess 100 %, least 34 %"));
    }
}
