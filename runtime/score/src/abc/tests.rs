//! What ABC is read as: tables of what books hold.

mod books;
mod music;
