//! The program `batch`.

use std::process::ExitCode;

use batch::adapters::guard;

fn main() -> ExitCode {
    let mut args = std::env::args_os().skip(1);
    if args.next().is_some_and(|word| word == guard::SUBCOMMAND) {
        return guard::main(args);
    }
    ExitCode::SUCCESS
}
