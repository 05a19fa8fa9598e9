//! `--watch`: rounds of publishing until nothing waits any more, or the user stops it. Each says only what is new.

use std::time::Duration;

use serde_json::Value;

use crate::cli::exit::{Exit, Problem};
use crate::cli::session::Session;

/// What there is to tell of one round.
#[derive(Default)]
pub(super) struct Told {
    /// What there is to say of it, a line each.
    pub(super) said: Vec<String>,
    /// The pull requests that were opened, as programs read of them.
    pub(super) opened: Vec<Value>,
    /// Whether a later round may come to more.
    pub(super) wants_another: bool,
    /// Whether somebody has to do something.
    pub(super) is_trouble: bool,
}

impl Told {
    fn exit(&self) -> Exit {
        if self.is_trouble {
            Exit::UnitFailed
        } else {
            Exit::Done
        }
    }
}

/// Makes one round; with an interval, rounds until none is wanted any more. All that was opened, and how it ended.
pub(super) async fn rounds(
    session: &Session,
    interval: Option<Duration>,
    mut round: impl AsyncFnMut() -> Result<Told, Problem>,
) -> (Vec<Value>, Result<Exit, Problem>) {
    let mut news = News::default();
    let mut opened = Vec::new();
    loop {
        match round().await {
            Ok(mut made) => {
                for line in news.of(std::mem::take(&mut made.said)) {
                    session.say(&line);
                }
                opened.append(&mut made.opened);
                if interval.is_none() || !made.wants_another {
                    return (opened, Ok(made.exit()));
                }
            }
            // Whoever is working on the run, or keeps the forge from answering, may be done by the next one.
            Err(problem) if news.began && problem.exit == Exit::NotReady => {
                for line in news.of(vec![problem.render(session.look())]) {
                    session.say(&line);
                }
            }
            Err(problem) => return (opened, Err(problem)),
        }
        let pause = async {
            tokio::time::sleep(interval.unwrap_or_default()).await;
            Ok(())
        };
        if session.interrupts.guard(pause).await.is_err() {
            let stopped = Problem::new(
                Exit::Interrupted,
                "interrupted; what waits can be opened later",
            );
            return (opened, Err(stopped));
        }
    }
}

/// What was said in the round before.
#[derive(Default)]
struct News {
    began: bool,
    before: Vec<String>,
}

impl News {
    /// Those of these lines that the round before did not say.
    fn of(&mut self, lines: Vec<String>) -> Vec<String> {
        self.began = true;
        let new = lines.iter().filter(|line| !self.before.contains(line));
        let new = new.cloned().collect();
        self.before = lines;
        new
    }
}

#[cfg(test)]
mod tests {
    use super::News;

    #[test]
    fn a_round_says_only_what_the_one_before_did_not() {
        let mut news = News::default();
        let mut of = |lines: &[&str]| news.of(lines.iter().map(|&line| line.to_owned()).collect());
        assert_eq!(of(&["b waits for a", "c waits for a"]).len(), 2);
        assert!(of(&["b waits for a", "c waits for a"]).is_empty());
        assert_eq!(
            of(&["Opened #2 b", "c waits for b"]),
            ["Opened #2 b", "c waits for b"]
        );
        assert_eq!(of(&["b waits for a"]), ["b waits for a"]);
    }
}
