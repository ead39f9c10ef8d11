//! `show`, `background`, `drawn` and `clicked`: what the canvas shows, and what a hand did on it.

use lilt_score::{PALETTE, Rgb};
use lilt_sequencer::Show;
use mlua::{Lua, Table, Value};

use crate::bind::draw::SketchValue;
use crate::context::context;
use crate::fault::Fault;
use crate::options::text;

pub(super) const DOCS: &[&str] = &[
    "show(view)
Sets what the canvas shows: \"plan\", a lane of notes for each slot and the drawings beside them; \"stage\", the drawings alone over the whole window; \"code\", the script over the drawings, with what sounds lit; \"scope\", the wave of what is heard, as on an oscilloscope, under the drawings; \"spectrum\", how loud each pitch of it is, low ones left; or \"tilt\", the particles of the tilts that run: a line each, a dot as large as its weight, and where they are resampled, lines that end and fork. It is seen live, not in renderings.
@param view one of these; \"plan\" when a script says nothing
@example show \"stage\" draw(\"star\", polygon { corners = 5 })",
    "background(colour)
Sets the ground that is drawn on.
@param colour sky, amber, mint, rose, iris, lemon, ember, dusk, moss or lilac, a name of CSS such as midnightblue, or #rrggbb
@example background \"midnightblue\" draw(\"star\", polygon { corners = 5 })",
    "drawn()
The sketch that a hand drew on the canvas, with mouse, pen or finger; the script is read again when a stroke is finished. A sketch without strokes while nothing was drawn; Delete in the window empties it, and K keeps it beside the script, for `lilt train sketch`, and empties it.
@example draw(\"hand\", drawn(), { over = 2, ring = 5 })",
    "clicked()
Where a hand last put the pen down on the canvas, or clicked: two numbers, rightwards and downwards, 0 to 1 on the stage's square and beyond it outside; 0.5 and 0.5 while nobody did. The script is read again when the pen is lifted.
@example local x, y = clicked() play(\"pad\", \"c3\"):on(\"pad\"):lowpass(200 + 4000 * math.clamp(x, 0, 1)):gain(1 - math.clamp(y, 0, 1))",
];

pub(super) fn install(lua: &Lua, base: &Table) -> mlua::Result<()> {
    base.raw_set(
        "show",
        lua.create_function(|lua, view: Value| {
            let name = text("show", &view)?;
            let show = Show::named(&name).ok_or_else(|| {
                let fault = Fault::new(format!("the canvas has no view `{name}`")).text(&name).of("show");
                fault.nearest(&name, Show::ALL.map(|(name, _)| name))
            })?;
            context(lua)?.session("show")?.declared.staging.show = show;
            Ok(())
        })?,
    )?;
    base.raw_set(
        "background",
        lua.create_function(|lua, colour: Value| {
            let name = text("background", &colour)?;
            let rgb: Rgb = name.parse().map_err(|error: lilt_score::RgbError| {
                let fault = Fault::new(error.to_string()).text(&name).of("background");
                match lilt_score::nearest(&name, PALETTE.iter().map(|(name, _)| *name)) {
                    Some(near) => fault.help(format!("did you mean `{near}`?")),
                    None => fault.help("write a name of CSS such as midnightblue, or #rrggbb"),
                }
            })?;
            context(lua)?.session("background")?.declared.staging.background = Some(rgb);
            Ok(())
        })?,
    )?;
    base.raw_set(
        "drawn",
        lua.create_function(|lua, ()| {
            let context = context(lua)?;
            context.reads_hand.set(true);
            Ok(SketchValue::new(context.by_hand.borrow().sketch.clone()))
        })?,
    )?;
    base.raw_set(
        "clicked",
        lua.create_function(|lua, ()| {
            let context = context(lua)?;
            context.reads_hand.set(true);
            let newest = context.by_hand.borrow().clicks.last().copied();
            Ok(newest.map_or((0.5, 0.5), |[x, y]| (f64::from(x), f64::from(y))))
        })?,
    )
}
