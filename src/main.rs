//! The program `batch`.

use std::process::ExitCode;

fn main() -> ExitCode {
    batch::cli::app::main(std::env::args_os().collect())
}
