//! The program `batch`.

fn main() {}
