//! Plans whose units an agent makes, and what became of them.

use std::process::Command;

use crate::support::fake_agent::Asked;
use crate::support::sandbox::{Ran, Sandbox, ran};

/// A test that a unit fails as long as its folder says `BROKEN`, and says so.
pub const NOT_BROKEN: &str = "test = '''! grep -rn BROKEN src/$BATCH_UNIT'''";

/// A plan of that many units: `part0` has all below `src/part0/`, and so on. `top` and `change` are further lines of the
/// plan and of its change.
pub fn plan(sandbox: &Sandbox, units: usize, top: &str, change: &str) -> String {
    let base = sandbox.git(["rev-parse", "HEAD"]);
    let mut text = format!(
        "version = 1\n{top}\n[change]\ndescription = \"frobnicate all parts\"\n{change}\n\
         [base]\nref = \"main\"\ncommit = \"{base}\"\n"
    );
    for unit in 0..units {
        text.push_str(&format!(
            "[[units]]\nid = \"part{unit}\"\ntitle = \"Frobnicate part {unit}\"\n\
             task = \"Change what part {unit} says.\"\npaths = [\"src/part{unit}/\"]\n"
        ));
    }
    text
}

/// Applies the text of a plan without asking.
pub fn apply(sandbox: &Sandbox, plan: &str, more: &[&str]) -> Ran {
    ran(&applying(sandbox, plan, more).output().unwrap())
}

/// The command that does so.
pub fn applying(sandbox: &Sandbox, plan: &str, more: &[&str]) -> Command {
    let path = sandbox.path("plan.toml");
    std::fs::write(&path, plan).unwrap();
    let mut command = sandbox.agent_command();
    command.arg("apply").arg(path).arg("--yes").args(more);
    command
}

/// Applies a plan of that many units, which have no test, with a fake that does what these lines say.
pub fn work(sandbox: &Sandbox, units: usize, body: &str, more: &[&str]) -> Ran {
    sandbox.claude(body);
    let text = plan(sandbox, units, "no-test = true", "agent = \"claude\"");
    apply(sandbox, &text, more)
}

/// What the fake was asked for a unit, in order.
pub fn asked_for(sandbox: &Sandbox, unit: &str) -> Vec<Asked> {
    let all = sandbox.asked();
    all.into_iter().filter(|asked| asked.unit == unit).collect()
}

/// The kind, the step and the cause of a unit's failure.
#[track_caller]
pub fn failed(sandbox: &Sandbox, unit: &str) -> [String; 3] {
    let unit = sandbox.unit(unit);
    ["kind", "step", "cause"].map(|key| unit["failure"][key].as_str().unwrap_or("").to_owned())
}

/// A file of a unit's delivered branch.
#[track_caller]
pub fn delivered(sandbox: &Sandbox, unit: &str, path: &str) -> String {
    let commit = &sandbox.delivered()[unit];
    String::from_utf8(sandbox.blob(commit, path)).unwrap()
}

/// The command lines of the sandbox's processes that are alive: each carries its home folder in the environment.
pub fn alive(sandbox: &Sandbox) -> Vec<String> {
    let entry = format!("HOME={}", sandbox.path("home").display());
    std::fs::read_dir("/proc")
        .unwrap()
        .filter_map(|process| {
            let process = process.unwrap().path();
            let environ = std::fs::read(process.join("environ")).ok()?;
            environ
                .split(|&byte| byte == 0)
                .any(|variable| variable == entry.as_bytes())
                .then(|| std::fs::read(process.join("cmdline")).unwrap_or_default())
        })
        .map(|line| String::from_utf8_lossy(&line).replace('\0', " "))
        .collect()
}
