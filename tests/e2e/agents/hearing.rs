//! What is heard of an agent, and what is kept of it.

use super::support::Lab;
use batch::model::agent::AgentEnd;

#[tokio::test]
async fn messages_are_heard_as_they_come_and_the_last_is_the_answer() {
    let lab = Lab::new();
    let asked = lab
        .ask("echo one; sleep 0.05; printf tw; sleep 0.05; echo o; printf three")
        .await;
    assert_eq!(asked.said(), ["one", "two", "three"]);
    assert_eq!(asked.end(), &AgentEnd::Completed);
    assert_eq!(asked.text(), "three");
    assert_eq!(
        lab.bench.log(),
        "says: one\nsays: two\nsays: three\nended: completed\n"
    );
}

#[tokio::test]
async fn the_transcript_has_both_streams_unchanged_and_grows_from_request_to_request() {
    let lab = Lab::new();
    lab.ask(r"printf 'a\033[31mb\r\n'; sleep 0.05; printf '\377' >&2")
        .await;
    lab.ask("echo again").await;
    let transcript = std::fs::read(lab.transcript()).unwrap();
    assert_eq!(transcript, b"a\x1b[31mb\r\n\xffagain\n");
}

#[tokio::test]
async fn the_log_is_fit_for_a_terminal_and_has_standard_error() {
    let lab = Lab::new();
    let script = r"printf '\033[2J\033]0;title\007hello\n'; sleep 0.05; printf 'w\033[1marning\n' >&2; exit 3";
    let asked = lab.ask(script).await;
    assert_eq!(asked.end(), &AgentEnd::Failed("Exited(3)".to_owned()));
    assert_eq!(
        lab.bench.log(),
        "says: hello\nstderr: warning\nended: failed: Exited(3)\n"
    );
}

#[tokio::test]
async fn the_file_with_the_last_message_is_read_if_it_is_one_of_this_request() {
    let lab = Lab::new();
    let asked = lab.ask("echo spoken; echo written > $TMPDIR/last").await;
    assert_eq!(asked.text(), "written\n");
    assert_eq!(lab.ask("echo spoken").await.text(), "spoken");
    assert_eq!(
        lab.ask("echo spoken; mkfifo $TMPDIR/last").await.text(),
        "spoken"
    );
}

#[tokio::test]
async fn a_huge_line_is_cut_for_the_ear_and_whole_in_the_transcript() {
    let lab = Lab::new();
    let asked = lab
        .ask("head -c 20000000 /dev/zero | tr '\\0' x; echo; echo next")
        .await;
    let lengths: Vec<usize> = asked.said().iter().map(|text| text.len()).collect();
    assert_eq!(lengths, [8 << 20, 4]);
    let transcript = std::fs::metadata(lab.transcript()).unwrap();
    assert_eq!(transcript.len(), 20_000_000 + 1 + 5);
}

#[tokio::test]
async fn a_transcript_that_cannot_be_written_is_an_error() {
    let lab = Lab::new();
    std::fs::create_dir_all(lab.transcript()).unwrap();
    let error = lab.ask("touch started").await.answer.unwrap_err();
    assert!(
        error.to_string().starts_with("writing the transcript "),
        "{error}"
    );
    assert!(!lab.root().join("started").exists());
}

#[tokio::test]
async fn the_environment_is_what_is_let_through_and_set() {
    let mut lab = Lab::new();
    let more = ["GH_TOKEN", "SECRET", "LISTED", "SSH_AUTH_SOCK"];
    lab.inherited
        .extend(more.map(|name| (name.into(), "outside".into())));
    lab.listed.push("LISTED".to_owned());
    let asked = lab
        .ask("cat; env | cut -d= -f1 | grep -v '^GIT_CONFIG_' | sort")
        .await;
    let expected = [
        "from the dialect",
        "BATCH_TEST_MARK",
        "GIT_ASKPASS",
        "GIT_SSH_COMMAND",
        "GIT_TERMINAL_PROMPT",
        "HOME",
        "LISTED",
        "NO_COLOR",
        "PATH",
        "PWD",
        "SAID_BY",
        "SSH_ASKPASS",
        "SSH_ASKPASS_REQUIRE",
        "TERM",
        "TMPDIR",
    ];
    assert_eq!(asked.said(), expected);
}
