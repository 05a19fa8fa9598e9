//! What a repository's file may not say: it could have a token sent elsewhere, write where it likes, or run a command
//! that nobody was asked about. Whoever runs `batch` in a repository has said nothing yet.

/// What is the user's alone to say.
const USERS_ALONE: [&str; 5] = ["yes", "notify", "report", "failures", "worktrees"];

/// The names of agents that only the repository describes: its program would run before anybody was asked.
pub(super) type Described<'a> = &'a [String];

/// Why a repository may not say this of that key; none where it may.
#[must_use]
pub(super) fn presumed(key: &str, values: &[String], described: Described<'_>) -> Option<String> {
    let says = |wanted: &dyn Fn(&String) -> bool| values.iter().any(wanted);
    let what = match key {
        _ if USERS_ALONE.contains(&key) => key.to_owned(),
        // A further server gets a token.
        "forge" if says(&|value| value == "github") => "that a server is GitHub's".to_owned(),
        "repo" if says(&|value| value.split('/').count() > 2) => "the server of `repo`".to_owned(),
        "agent" | "research-agent" if says(&|value| described.contains(value)) => {
            "an agent that it describes itself".to_owned()
        }
        _ => return None,
    };
    Some(format!(
        "{what} cannot be given by a repository; say it in your own batch/config.toml"
    ))
}

#[cfg(test)]
mod tests {
    use super::presumed;

    #[test]
    fn what_gives_away_a_token_or_runs_unasked_is_the_users_to_say() {
        let theirs = ["theirs".to_owned()];
        let refused = |key: &str, value: &str| presumed(key, &[value.to_owned()], &theirs);
        for (key, value) in [
            ("yes", "true"),
            ("notify", "curl x"),
            ("report", "/home/me/.profile"),
            ("failures", "x"),
            ("worktrees", "/"),
            ("forge", "github"),
            ("repo", "evil.example/octo/site"),
            ("agent", "theirs"),
            ("research-agent", "theirs"),
        ] {
            let words = refused(key, value).unwrap();
            assert!(words.contains("cannot be given by a repository"), "{words}");
        }
        for (key, value) in [
            ("test", "make test"),
            ("forge", "local"),
            ("repo", "octo/site"),
            ("agent", "codex"),
            ("model", "theirs"),
        ] {
            assert_eq!(refused(key, value), None);
        }
    }
}
