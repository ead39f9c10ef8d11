//! `show`, `background` and `drawn`: what the canvas shows, and what a hand drew on it.

use lilt_score::{PALETTE, Rgb};
use lilt_sequencer::Show;
use mlua::{Lua, Table, Value};

use crate::bind::draw::SketchValue;
use crate::context::context;
use crate::fault::Fault;
use crate::options::text;

pub(super) const DOCS: &[&str] = &[
    "show(view)
Sets what the canvas shows: \"plan\", a lane of notes for each slot and the drawings beside them; \"stage\", the drawings alone over the whole window; \"code\", the script over the drawings, with what sounds lit; \"scope\", the wave of what is heard, as on an oscilloscope, under the drawings; or \"spectrum\", how loud each pitch of it is, low ones left.
@param view one of these; \"plan\" when a script says nothing
@example show \"stage\" draw(\"star\", polygon { corners = 5 })",
    "background(colour)
Sets the ground that is drawn on.
@param colour sky, amber, mint, rose, iris, lemon, ember, dusk, moss or lilac, a name of CSS such as midnightblue, or #rrggbb
@example background \"midnightblue\" draw(\"star\", polygon { corners = 5 })",
    "drawn()
The sketch that a hand drew on the canvas, with mouse, pen or finger; the script is read again when a stroke is finished. A sketch without strokes while nothing was drawn; Delete in the window empties it.
@example draw(\"hand\", drawn(), { over = 2, ring = 5 })",
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
            context(lua)?.session("show")?.draft.staging.show = show;
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
            context(lua)?.session("background")?.draft.staging.background = Some(rgb);
            Ok(())
        })?,
    )?;
    base.raw_set(
        "drawn",
        lua.create_function(|lua, ()| {
            let context = context(lua)?;
            context.reads_drawn.set(true);
            Ok(SketchValue::new(context.drawn.borrow().clone()))
        })?,
    )
}
