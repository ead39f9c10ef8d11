//! One file for each command of the command line.

pub mod bench;
pub mod check;
pub mod devices;
pub mod doc;
pub mod examples;
pub mod import;
pub mod lsp;
pub mod models;
pub mod pattern;
pub mod play;
pub mod record;
pub mod render;
pub mod run;
pub mod sound_fonts;
pub mod sounds;
pub mod tour;
pub mod train;
