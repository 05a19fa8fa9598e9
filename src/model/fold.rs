//! [`fold`]: one key for all spellings of a path that some file system takes for the same.

use std::borrow::Cow;

use unicase::UniCase;
use unicode_normalization::UnicodeNormalization;

/// The path after Unicode case folding and NFC; bytes that are not UTF-8 stay as they are.
pub(crate) fn fold(path: &[u8]) -> Cow<'_, [u8]> {
    if path.is_ascii() {
        return if path.iter().any(u8::is_ascii_uppercase) {
            Cow::Owned(path.to_ascii_lowercase())
        } else {
            Cow::Borrowed(path)
        };
    }
    let mut folded = Vec::with_capacity(path.len());
    for chunk in path.utf8_chunks() {
        // Decomposed first, because folding knows `É` as one character and as two, but not that they are the same.
        let decomposed: String = chunk.valid().nfd().collect();
        let chunk_folded: String = UniCase::unicode(decomposed)
            .to_folded_case()
            .nfc()
            .collect();
        folded.extend_from_slice(chunk_folded.as_bytes());
        folded.extend_from_slice(chunk.invalid());
    }
    Cow::Owned(folded)
}

#[cfg(test)]
mod tests {
    use super::fold;

    #[test]
    fn spellings_of_the_same_name_fold_together() {
        for (one, other) in [
            ("Src/A", "src/a"),
            ("\u{c9}t\u{e9}", "e\u{301}TE\u{301}"),
            ("\u{212a}elvin", "kelvin"),
            ("Stra\u{df}e", "STRASSE"),
            ("\u{3a3}\u{3c2}", "\u{3c3}\u{3c3}"),
        ] {
            assert_eq!(fold(one.as_bytes()), fold(other.as_bytes()), "{one}");
        }
    }

    #[test]
    fn other_names_stay_apart() {
        assert_ne!(fold(b"caf\xe9"), fold("caf\u{e9}".as_bytes()));
        assert_ne!(fold(b"\xe9"), fold(b"\xc9"));
        assert_ne!(fold(b"a/b"), fold(b"ab"));
    }
}
