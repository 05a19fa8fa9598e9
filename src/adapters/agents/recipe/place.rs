//! [`Place`]: where in an agent's JSON a value stands, as `[KEY=VALUE ]/POINTER`.

use serde_json::Value;

/// Where a value stands: by a JSON pointer (RFC 6901), in objects that meet a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Place {
    when: Option<Condition>,
    pointer: String,
}

/// What an object must hold to be the one that is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Condition {
    pointer: String,
    value: String,
}

impl Place {
    /// Reads a place; `usual` is the condition where it has none of its own.
    ///
    /// # Errors
    /// What is wrong with it, as a fragment.
    pub(super) fn parse(text: &str, usual: Option<&Condition>) -> Result<Self, String> {
        let conditional = text.split_once(" /").filter(|(when, _)| when.contains('='));
        let (when, pointer) = match conditional {
            Some((when, rest)) => (
                Some(Condition::parse(when)?),
                format!("/{}", rest.trim_end()),
            ),
            None => (usual.cloned(), text.to_owned()),
        };
        check(&pointer)?;
        Ok(Self { when, pointer })
    }

    /// The value there; none when the object is not meant or has none. Null is none.
    pub(in super::super) fn of<'v>(&self, object: &'v Value) -> Option<&'v Value> {
        let meant = self.when.as_ref().is_none_or(|when| when.holds(object));
        let value = if meant {
            object.pointer(&self.pointer)
        } else {
            None
        };
        value.filter(|value| !value.is_null())
    }

    /// The pointer, for messages.
    pub(in super::super) fn pointer(&self) -> &str {
        &self.pointer
    }
}

impl Condition {
    /// Reads `KEY=VALUE` or `/POINTER=VALUE`.
    ///
    /// # Errors
    /// What is wrong with it, as a fragment.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let Some((key, value)) = text
            .trim()
            .split_once('=')
            .filter(|(key, _)| !key.is_empty())
        else {
            return Err(format!("`{text}` is no condition such as `type=result`"));
        };
        let pointer = if key.starts_with('/') {
            key.to_owned()
        } else {
            format!("/{}", key.replace('~', "~0").replace('/', "~1"))
        };
        check(&pointer)?;
        Ok(Self {
            pointer,
            value: value.to_owned(),
        })
    }

    fn holds(&self, object: &Value) -> bool {
        match object.pointer(&self.pointer) {
            Some(Value::String(text)) => *text == self.value,
            Some(other) => {
                let text = other.to_string();
                text == self.value
            }
            None => false,
        }
    }
}

fn check(pointer: &str) -> Result<(), String> {
    let mut after_tilde = pointer.split('~').skip(1);
    if !pointer.is_empty() && !pointer.starts_with('/') {
        Err(format!(
            "`{pointer}` is no JSON pointer: it must begin with `/`"
        ))
    } else if after_tilde.any(|rest| !rest.starts_with(['0', '1'])) {
        Err(format!(
            "`{pointer}` is no JSON pointer: `~` is written `~0`"
        ))
    } else {
        Ok(())
    }
}
