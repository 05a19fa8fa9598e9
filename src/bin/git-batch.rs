//! The same program as `git batch`, for where another `batch` comes first on PATH.

use std::process::ExitCode;

fn main() -> ExitCode {
    batch::cli::app::main(std::env::args_os().collect())
}
