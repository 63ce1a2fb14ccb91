//! Who decides on refused changes: each cell asks the rule.

use super::{Role, SpaceKind, head, line, person, space, space_name};
use crate::rights::may_settle;

const INTRODUCTION: &str = "
# Who decides on refused changes

Asked of `src/rights/settle.rs`: `w`. To accept a change, its author and whoever decides must be allowed to make it together;
nobody decides on their own.

";

pub(super) fn write(page: &mut String) {
    page.push_str(INTRODUCTION);
    head(page, "meant for");
    for kind in SpaceKind::ALL {
        line(page, space_name(kind), &cells(kind).map(|may| if may { "w".into() } else { "-".into() }));
    }
}

pub(in crate::rights) fn cells(kind: SpaceKind) -> [bool; Role::ALL.len()] {
    Role::ALL.map(|role| may_settle(&person(role), &space(kind)))
}
