//! [`alone`]: a test in a process of its own, in a network that has loopback and nothing else.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where the programs are, in `bin`.
const AGENTS: &str = "BATCH_AGENTS";

/// Says to this test program that it is the one within.
const WITHIN: &str = "BATCH_TEST_ALONE";

/// Runs `test`, the test of that full name, in a network namespace of its own; or says why it is skipped. The agent's
/// program comes first on its PATH, and its environment has hardly more.
#[track_caller]
pub fn alone(agent: &str, full_name: &str, test: impl FnOnce()) {
    if std::env::var_os(WITHIN).is_some() {
        return test();
    }
    match command(agent, full_name) {
        Err(why) => {
            // Past the test program, which keeps to itself what a test that passes prints.
            let line = format!("skipped: {agent}: {why}\n");
            std::io::stderr().write_all(line.as_bytes()).unwrap();
        }
        Ok(mut command) => {
            let output = command.output().unwrap();
            for printed in [&output.stdout, &output.stderr] {
                println!("{}", String::from_utf8_lossy(printed));
            }
            assert!(output.status.success(), "{full_name}: {}", output.status);
        }
    }
}

/// The command that runs this test program alone; else why it cannot.
fn command(agent: &str, full_name: &str) -> Result<Command, String> {
    let installs = "tests/agents/real.sh installs it";
    let Some(agents) = std::env::var_os(AGENTS) else {
        return Err(format!("{AGENTS} is not set ({installs})"));
    };
    let agents = PathBuf::from(agents);
    let bin = agents.join("bin");
    if !bin.join(agent).exists() {
        return Err(format!("it is not in {} ({installs})", bin.display()));
    }
    if !cfg!(target_os = "linux") {
        return Err("there are no network namespaces here".to_owned());
    }
    let mut probe = within_network();
    let probed = probe
        .args(["sh", "true"])
        .env_clear()
        .env("PATH", path(&bin));
    let output = probed
        .output()
        .map_err(|error| format!("unshare: {error}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("no network of its own: {}", said.trim()));
    }
    // Below a folder that others may write to, such as /tmp, Gemini CLI takes no settings.
    let tmp = agents.join("tmp");
    std::fs::create_dir_all(&tmp).map_err(|error| format!("{}: {error}", tmp.display()))?;
    let mut command = within_network();
    command
        .arg("sh")
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", full_name, "--nocapture", "--test-threads=1"])
        .env_clear()
        .env("PATH", path(&bin))
        .env("TMPDIR", tmp)
        .env("LANG", "C.UTF-8")
        .env(WITHIN, "1");
    Ok(command)
}

/// `unshare` with the script that brings loopback up; what the script is called and its words are to come.
fn within_network() -> Command {
    let mut command = Command::new("unshare");
    let script = "ip link set lo up && exec \"$@\"";
    command.args(["--map-root-user", "--net", "sh", "-c", script]);
    command
}

fn path(bin: &Path) -> std::ffi::OsString {
    let inherited = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(bin.to_owned()).chain(std::env::split_paths(&inherited));
    std::env::join_paths(folders).unwrap()
}
