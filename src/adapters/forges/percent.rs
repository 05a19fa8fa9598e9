//! [`encoded`]: percent-encoding as RFC 3986 has it, for the parts of addresses that hold names of others' choosing.

/// All but RFC 3986's unreserved characters, and those of `kept`, percent-encoded.
pub(super) fn encoded(bytes: &[u8], kept: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for &byte in bytes {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                text.push(char::from(byte));
            }
            _ if kept.contains(&byte) => text.push(char::from(byte)),
            _ => text.extend(['%', hex_digit(byte >> 4), hex_digit(byte & 0xf)]),
        }
    }
    text
}

fn hex_digit(value: u8) -> char {
    char::from(b"0123456789ABCDEF"[usize::from(value)])
}

#[cfg(test)]
mod tests {
    use super::encoded;

    #[test]
    fn what_could_end_a_part_of_an_address_is_encoded() {
        assert_eq!(
            encoded(b"a b/c&d=e#f?%", b""),
            "a%20b%2Fc%26d%3De%23f%3F%25"
        );
        assert_eq!(encoded("ä/~x".as_bytes(), b"/"), "%C3%A4/~x");
    }
}
