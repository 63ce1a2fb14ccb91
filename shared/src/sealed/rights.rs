//! Who may write, open and delete a sealed record (DOMAIN §6.6, row SealedPerson): one pure answer.

use crate::rights::{Access, Person, Role, Space, access};

/// How a person comes to read a sealed record that is not on their own device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Open {
    No,
    /// With a stated reason, and the approval of a second person of the district.
    WithApproval,
    /// With a stated reason.
    WithReason,
}

/// What a person may do with the sealed records of a space.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowed {
    /// Take down a new one, or change one's own.
    pub write: bool,
    pub open: Open,
    /// At the citizen's request. One's own may be deleted in any case.
    pub delete: bool,
}

/// 换届: what is still allowed for a voice of one's own whose mandate was taken away ([`crate::rights::taken_away`]). What
/// was taken down arrives, as the voice does, and then leaves the phone.
pub const FORMERLY: Allowed = Allowed { write: true, open: Open::No, delete: false };

/// What the person's posts allow in the space of the voice. Deputy: own only. Station: own station.
/// Town: own town. District: with an approver. Nobody else: a handling unit that has to visit the
/// villager asks the station.
pub fn allowed(person: &Person, space: &Space) -> Allowed {
    let held = |roles: &[Role]| {
        let mut posts = person.posts.iter().filter(|post| roles.contains(&post.role));
        posts.any(|post| access(post, space) == Access::Write)
    };
    let staff = held(&[Role::Station, Role::Town]);
    let district = held(&[Role::District]);
    Allowed {
        write: staff || held(&[Role::Deputy]),
        open: match (staff, district) {
            (true, _) => Open::WithReason,
            (false, true) => Open::WithApproval,
            (false, false) => Open::No,
        },
        delete: staff || district,
    }
}
