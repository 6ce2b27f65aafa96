//! apprentice
fn main() {}
