//! Who gives posts and takes them away (DOMAIN §6.6: Deputy/Mandate w town | w, `A` accounts). One answer for both.

use super::{Person, Post, Role};

/// The level of a mandate that the town's own congress has (`mandate_level`).
const TOWN_LEVEL: &str = "town";

/// Whether a person may give this post to somebody, or take it away. `level` is that of the mandate on which it rests,
/// where its record says so. Nobody does it to oneself; whose post it is the caller knows.
///
/// An administrator gives any post of the own district. The offices give the posts of the mandates that they keep: the
/// town those of its own congress, the district all; and those of leaders of deputies' groups.
pub fn may_give(giver: &Person, post: &Post, level: Option<&str>) -> bool {
    let is_leader = post.role == Role::GroupLeader;
    let is_deputy = post.role == Role::Deputy && post.mandate.is_some();
    let gives = |own: &Post| match own.role {
        Role::Admin => true,
        Role::District => is_deputy || is_leader,
        Role::Town => is_deputy && level == Some(TOWN_LEVEL) || is_leader,
        _ => false,
    };
    giver.posts.iter().any(|own| post.unit.within(&own.unit) && gives(own))
}
