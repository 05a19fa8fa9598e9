//! What becomes of GitHub's refusals and silences: [`ForgeError`]s for the engine, or words of a warning.

use super::api::{ApiError, Refusal};
use crate::engine::ports::ForgeError;

impl From<ApiError> for ForgeError {
    fn from(error: ApiError) -> Self {
        match error {
            ApiError::Refused(refusal) => {
                let Refusal {
                    doing, words, hint, ..
                } = *refusal;
                Self::Refused { doing, words, hint }
            }
            ApiError::Unreachable { doing, words } => Self::Unreachable { doing, words },
            ApiError::Unknown { doing, words } => Self::Unreachable {
                doing,
                words: unknown(&words),
            },
            ApiError::Stopped => Self::Stopped,
        }
    }
}

/// What an error means where another request of the kind is not likely to fare better: a token that GitHub does not take,
/// a repository that is gone or moved, and what a hint says of rights. Any other refusal may be of this request alone.
pub(super) fn of_kind(error: ApiError) -> ForgeError {
    let meets_all = meets_all(&error);
    match ForgeError::from(error) {
        ForgeError::Refused { doing, words, hint } if meets_all => {
            ForgeError::Barred { doing, words, hint }
        }
        other @ (ForgeError::Refused { .. }
        | ForgeError::Barred { .. }
        | ForgeError::Unreachable { .. }
        | ForgeError::Stopped) => other,
    }
}

fn meets_all(error: &ApiError) -> bool {
    match error {
        ApiError::Refused(refusal) => match refusal.status {
            300..=399 | 401 | 404 | 410 => true,
            403 => refusal.hint.is_some(),
            _ => false,
        },
        ApiError::Unreachable { .. } | ApiError::Unknown { .. } | ApiError::Stopped => false,
    }
}

/// What GraphQL says of a query for a field that the server, which may be old, does not have.
pub(super) const UNDEFINED_FIELD: &str = "undefinedField";

/// An answer of status 2xx that does not hold what it must.
pub(super) fn unusable(doing: impl Into<String>, missing: &str) -> ForgeError {
    ForgeError::Unreachable {
        doing: doing.into(),
        words: lacking(missing),
    }
}

/// The words for that.
pub(super) fn lacking(missing: &str) -> String {
    format!("GitHub's answer cannot be used: it has no {missing}")
}

/// What a warning says, which names itself what was being done.
pub(super) fn words(error: &ApiError) -> String {
    match error {
        ApiError::Refused(refusal) => refusal.words.clone(),
        ApiError::Unreachable { words, .. } => words.clone(),
        ApiError::Unknown { words, .. } => unknown(words),
        ApiError::Stopped => "stopped".to_owned(),
    }
}

fn unknown(words: &str) -> String {
    format!("it is not known whether it was done: {words}")
}

/// Whether GitHub refused with this status.
pub(super) fn is_status(error: &ApiError, status: u16) -> bool {
    matches!(error, ApiError::Refused(refusal) if refusal.status == status)
}

impl Refusal {
    /// Whether it, or one of its errors, says this. GitHub has codes for few of its refusals of a 422.
    pub(super) fn says(&self, words: &str) -> bool {
        let says = |text: &str| text.to_ascii_lowercase().contains(words);
        says(&self.words) || self.errors.iter().any(|error| says(&error.message))
    }

    /// Whether one of its errors is of this code, or GraphQL type.
    pub(super) fn has_code(&self, code: &str) -> bool {
        self.errors.iter().any(|error| error.code == code)
    }
}

#[cfg(test)]
mod tests {
    use super::super::api::{ApiError, FieldError, Refusal};
    use super::of_kind;
    use crate::engine::ports::ForgeError;

    #[test]
    fn what_nobody_knows_of_is_not_said_to_be_undone() {
        let error = ApiError::Unknown {
            doing: "opening".to_owned(),
            words: "status 502".to_owned(),
        };
        assert_eq!(
            ForgeError::from(error).to_string(),
            "opening: it is not known whether it was done: status 502"
        );
    }

    #[test]
    fn a_refusal_keeps_words_and_hint_and_is_told_by_what_its_errors_say() {
        let refusal = Refusal {
            doing: "opening".to_owned(),
            status: 422,
            words: "Validation Failed".to_owned(),
            errors: vec![FieldError {
                code: "custom".to_owned(),
                message: "A pull request already exists for octo:x.".to_owned(),
                ..FieldError::default()
            }],
            hint: Some("look".to_owned()),
        };
        assert!(refusal.says("pull request already exists"));
        assert!(refusal.has_code("custom") && !refusal.has_code("invalid"));
        let error = ForgeError::from(ApiError::Refused(Box::new(refusal)));
        let ForgeError::Refused { words, hint, .. } = error else {
            panic!("{error}");
        };
        assert_eq!(words, "Validation Failed");
        assert_eq!(hint.as_deref(), Some("look"));
    }

    #[test]
    fn a_refusal_that_all_would_meet_is_told_from_one_of_this_request() {
        let is_barred = |status: u16, hint: Option<&str>| {
            let refusal = Refusal {
                doing: "opening".to_owned(),
                status,
                words: "no".to_owned(),
                errors: Vec::new(),
                hint: hint.map(str::to_owned),
            };
            let error = of_kind(ApiError::Refused(Box::new(refusal)));
            matches!(error, ForgeError::Barred { .. })
        };
        for status in [301, 307, 401, 404, 410] {
            assert!(is_barred(status, None), "{status}");
        }
        assert!(is_barred(403, Some("give the token more permissions")));
        // As from a server between, which may dislike one body.
        assert!(!is_barred(403, None));
        assert!(!is_barred(422, Some("look")));
    }
}
