//! Accounts: passwords, tokens, and the patience between wrong passwords.

mod change;
mod password;
mod sign_in;
mod throttle;
mod token;

pub use change::ChangeError;
pub use password::{PASSWORD_CHARS_MIN, PasswordError, generate_password, hash_password};
pub use sign_in::{Accounts, Authenticated, NoEntry, SignIn, SignInError, SignedIn};
pub use token::Token;
