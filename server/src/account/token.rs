//! Device tokens: random, shown once, stored as a hash.

use std::fmt;

use rand::RngExt;
use sha2::{Digest, Sha256};

const TOKEN_BYTES: usize = 32;

/// A device's secret. It is never logged: `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// A new one.
    pub fn random() -> Self {
        let bytes: [u8; TOKEN_BYTES] = rand::rng().random();
        Self(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// A token as a device presents it; `None` for what this server never gave out.
    pub fn presented(text: &str) -> Option<Self> {
        let well_formed = text.len() == 2 * TOKEN_BYTES && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        well_formed.then(|| Self(text.to_owned()))
    }

    /// The secret itself, for the device.
    pub fn secret(&self) -> &str {
        &self.0
    }

    /// What is stored. Without salt: the token itself has 256 random bits.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_never_shown_in_logs() {
        let token = Token::random();
        assert!(!format!("{token:?}").contains(token.secret()));
        assert_eq!(Token::presented(token.secret()).map(|token| token.hash()), Some(token.hash()));
        assert_eq!(Token::presented("short"), None);
    }
}
