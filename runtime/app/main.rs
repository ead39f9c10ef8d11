//! lilt
fn main() {}
