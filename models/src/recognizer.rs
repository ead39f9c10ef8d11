//! `recognize`: what a drawing shows, among the 345 kinds of Quick, Draw!.
//!
//! A drawing becomes maps of its ink ([`ink`]), on which a small convolutional network looks ([`network`]).
//! What it says of several views of a drawing is averaged ([`views`]).
//! [`lesson`] teaches it.

pub mod ink;
pub mod lesson;
pub mod model;
pub mod network;
pub mod views;

/// Its name, which is that of its weights.
pub const NAME: &str = "recognizer";
