//! Passwords: argon2id, with the parameters that its authors and OWASP recommend (19 MiB, 2 passes).

use std::sync::LazyLock;

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use rand::seq::IndexedRandom;

/// Characters of a password, at least.
pub const PASSWORD_CHARS_MIN: usize = 8;
/// Bytes of a password, at most: hashing is not for sale by the megabyte.
pub(super) const PASSWORD_BYTES_MAX: usize = 512;
const GENERATED_CHARS: usize = 14;
/// Without characters that look alike: the password is read from a slip of paper.
const GENERATED_FROM: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";

/// A password that is not taken.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    #[error("a password needs at least {PASSWORD_CHARS_MIN} characters")]
    TooShort,
    #[error("a password has at most {PASSWORD_BYTES_MAX} bytes")]
    TooLong,
    #[error("the password could not be hashed: {0}")]
    Hashing(String),
}

/// Hashes a password for storage. Takes some 20 ms of CPU: call it where that blocks nobody.
///
/// # Errors
/// When the password is too short or too long.
pub fn hash_password(password: &str) -> Result<String, PasswordError> {
    if password.chars().count() < PASSWORD_CHARS_MIN {
        return Err(PasswordError::TooShort);
    }
    if password.len() > PASSWORD_BYTES_MAX {
        return Err(PasswordError::TooLong);
    }
    let hash: PasswordHash = Argon2::default()
        .hash_password(password.as_bytes())
        .map_err(|error| PasswordError::Hashing(error.to_string()))?;
    Ok(hash.to_string())
}

/// Whether the password is the one that was hashed. Without a hash (nobody has that login) it takes
/// as long as with one, so that the answer's time does not tell who exists.
pub(super) fn is_right(password: &str, hash: Option<&str>) -> bool {
    static NOBODY: LazyLock<String> = LazyLock::new(|| hash_password(&generate_password()).unwrap_or_default());
    let parsed = PasswordHash::new(hash.unwrap_or(&NOBODY));
    let right = parsed.is_ok_and(|parsed| Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok());
    right && hash.is_some()
}

/// A new random password of some 70 bits that a person can type.
pub fn generate_password() -> String {
    let mut random = rand::rng();
    (0..GENERATED_CHARS).filter_map(|_| GENERATED_FROM.choose(&mut random)).map(|byte| char::from(*byte)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_password_opens() {
        let hash = hash_password("竹元村-2026-春").unwrap();
        assert!(hash.starts_with("$argon2id$"));
        assert!(is_right("竹元村-2026-春", Some(&hash)));
        assert!(!is_right("竹元村-2026-夏", Some(&hash)));
        assert!(!is_right("anything", None));
        assert!(!is_right("anything", Some("no hash")));
    }

    #[test]
    fn short_and_endless_passwords_are_not_taken() {
        assert!(matches!(hash_password("short"), Err(PasswordError::TooShort)));
        assert!(matches!(hash_password(&"x".repeat(513)), Err(PasswordError::TooLong)));
        assert_eq!(generate_password().len(), GENERATED_CHARS);
    }
}
