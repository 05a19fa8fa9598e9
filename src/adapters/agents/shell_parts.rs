//! The simple commands that a shell line is made of. Programs that check what an agent runs look at each of them, so
//! each has to be allowed. opencode's and Gemini CLI's rules are made with it.

/// The line itself and, where `&&`, `||`, `;`, `|`, `&` or line breaks join several, each of them; quotes are heeded.
/// What it does not take apart (a subshell, a loop) stays whole, and is then refused rather than allowed too widely.
pub(super) fn shell_parts(line: &str) -> Vec<&str> {
    let mut parts = vec![line.trim()];
    let mut quote = None;
    let mut begin = 0;
    let bytes = line.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        match quote {
            Some(open) => {
                if byte == b'\\' && open == b'"' {
                    at += 1;
                } else if byte == open {
                    quote = None;
                }
            }
            None => match byte {
                b'\\' => at += 1,
                b'\'' | b'"' => quote = Some(byte),
                b'&' if redirects(bytes, at) => {}
                b'&' | b'|' | b';' | b'\n' => {
                    parts.push(line[begin..at].trim());
                    begin = at + 1;
                }
                _ => {}
            },
        }
        at += 1;
    }
    parts.push(line.get(begin..).unwrap_or_default().trim());
    let mut seen = Vec::new();
    for part in parts {
        if !part.is_empty() && !seen.contains(&part) {
            seen.push(part);
        }
    }
    seen
}

/// Whether the `&` belongs to a redirection: `2>&1`, `&>file`.
fn redirects(bytes: &[u8], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|before| bytes.get(before));
    matches!(before, Some(b'>' | b'<')) || bytes.get(at + 1) == Some(&b'>')
}

#[cfg(test)]
mod tests {
    use super::shell_parts;

    #[test]
    fn a_simple_command_is_its_only_part() {
        assert_eq!(shell_parts(" npm test "), ["npm test"]);
        assert_eq!(shell_parts("make 2>&1"), ["make 2>&1"]);
        assert_eq!(
            shell_parts("grep 'a && b' \"c;\\\"|d\" e\\;f"),
            ["grep 'a && b' \"c;\\\"|d\" e\\;f"]
        );
        assert!(shell_parts("  ").is_empty());
    }

    #[test]
    fn each_of_several_commands_is_a_part() {
        assert_eq!(
            shell_parts("cd web && npm ci || true; npm test | tee log &\nwait"),
            [
                "cd web && npm ci || true; npm test | tee log &\nwait",
                "cd web",
                "npm ci",
                "true",
                "npm test",
                "tee log",
                "wait"
            ]
        );
    }

    #[test]
    fn an_open_quote_or_a_last_backslash_is_no_panic() {
        assert_eq!(shell_parts("echo 'ä && b"), ["echo 'ä && b"]);
        assert_eq!(shell_parts("echo \\"), ["echo \\"]);
        assert_eq!(
            shell_parts("echo ä\\ä&&ä"),
            ["echo ä\\ä&&ä", "echo ä\\ä", "ä"]
        );
    }
}
