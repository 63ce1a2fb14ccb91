//! Who decides on a change that was refused (未接收的修改), and what accepting it can do.
//!
//! Staff lend their right: a change is accepted where its author and whoever decides may do it together. So an author's own
//! words stay the author's to write, what is closed stays closed, and nobody lends to oneself.

use super::{Access, Person, Post, Role, Space, access};

/// Whether a person decides on what others were refused in a space: its staff, where they write.
pub fn may_settle(person: &Person, space: &Space) -> bool {
    person.posts.iter().any(|post| lends(post, space))
}

/// The author of a change, with what somebody lends for it in a space.
pub fn lent(author: &Person, by: &Person, space: &Space) -> Person {
    let lent = by.posts.iter().filter(|post| lends(post, space)).cloned();
    Person { posts: author.posts.iter().cloned().chain(lent).collect(), ..author.clone() }
}

fn lends(post: &Post, space: &Space) -> bool {
    matches!(post.role, Role::Station | Role::Town | Role::District) && access(post, space) == Access::Write
}
