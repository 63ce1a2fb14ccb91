//! Giving posts and taking them away, by the console and the command line alike.

use lianxin_shared::rights::Post;

use super::{Hub, HubError, mandates};
use crate::store::{Act, Doer, NewAudit, User};

impl Hub {
    /// Replaces the posts that somebody holds, and notes which came and went. What a deputy whose post goes has left where
    /// nobody else reads it is handed over.
    ///
    /// # Errors
    /// When the store fails. Whatever was done by then stands, and [`Hub::end_mandates`] hands over the rest.
    pub async fn set_posts(&self, by: Doer, user: &User, posts: &[Post], now_ms: i64) -> Result<(), HubError> {
        let id = user.person.user;
        self.store.set_posts(id, posts, now_ms).await?;
        let changed = changed(&user.person.posts, posts);
        self.store.audit(&[NewAudit::of(by, Act::UserPosts, &user.login, &changed, now_ms)]).await?;
        match self.store.user(id).await? {
            Some(user) => mandates::hand_over_left(&self.writer, user.person, now_ms).await,
            None => Ok(()),
        }
    }
}

/// What came (`+`) and what went (`-`), for the audit log.
fn changed(before: &[Post], after: &[Post]) -> String {
    let say = |sign: char, post: &Post| {
        let mandate = post.mandate.map(|mandate| format!(" {mandate}")).unwrap_or_default();
        format!("{sign}{} {}{mandate}", post.role.key(), post.unit.0)
    };
    let gone = before.iter().filter(|post| !after.contains(post)).map(|post| say('-', post));
    let new = after.iter().filter(|post| !before.contains(post)).map(|post| say('+', post));
    gone.chain(new).collect::<Vec<_>>().join(", ")
}
