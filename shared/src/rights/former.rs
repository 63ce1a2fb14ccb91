//! 换届: what still arrives of a person whose mandate has been taken away (DOMAIN §6.4, ordering conflict 8; §8, story 9).
//!
//! A phone may come back weeks after the change of term, with what was written under the old mandate. That much arrives,
//! and is handed over to the office (`case`); nothing else is changed, and nothing is read.
//!
//! There is no limit in time. The domain gives none; when something was written only the phone's clock says, and clocks
//! lie; and a limit would lose the drafts of the phone that comes a day later. It ends record by record, when the office
//! hands the draft in, and for good when the administrator locks the account.

use super::{Access, Person, Post, Space, Stage, Target, access, may_change};
use crate::{id::RecordId, record::Touch};

/// The post by which the person held this mandate and wrote in the space, where it has been taken away. `former` are
/// the posts that were. Whoever holds the mandate still, at another unit now, has only moved.
pub fn taken_away<'a>(person: &Person, former: &'a [Post], mandate: RecordId, space: &Space) -> Option<&'a Post> {
    if person.mandates().any(|held| held == mandate) {
        return None;
    }
    former.iter().find(|post| post.mandate == Some(mandate) && access(post, space) == Access::Write)
}

/// The former post by which all of this may still be done to a record: what it could do, to the drafts of its own
/// mandate. `owner` is the mandate whose the record is.
pub fn may_still_change<'a>(
    person: &Person,
    former: &'a [Post],
    owner: RecordId,
    target: Target<'_>,
    touches: &[Touch],
) -> Option<&'a Post> {
    let post = taken_away(person, former, owner, target.space).filter(|_| target.stage == Stage::Draft)?;
    let as_then = Person { posts: vec![post.clone()], ..person.clone() };
    may_change(&as_then, target, touches).is_ok().then_some(post)
}
