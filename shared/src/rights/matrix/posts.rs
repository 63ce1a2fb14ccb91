//! Who gives which post: each cell asks the rule.

use super::{Role, head, line, person};
use crate::rights::may_give;

const INTRODUCTION: &str = "
# Who gives posts and takes them away

Asked of `src/rights/posts.rs`, for posts in the own area: `w`. Never to oneself, and noted in the audit log. A post that
rests on a mandate ends with it by itself.

";

/// What tells mandates of the own congress from others.
const LEVELS: [&str; 2] = ["town", "district"];

pub(super) fn write(page: &mut String) {
    page.push_str(INTRODUCTION);
    head(page, "post");
    for (name, cells) in rows() {
        line(page, &name, &cells.map(|may| if may { "w".into() } else { "-".into() }));
    }
}

/// The posts, and which roles give them.
pub(in crate::rights) fn rows() -> Vec<(String, [bool; Role::ALL.len()])> {
    let cells = |given: Role, level| {
        let held = person(given).posts;
        Role::ALL.map(|role| held.iter().any(|post| may_give(&person(role), post, level)))
    };
    let mut rows: Vec<_> = LEVELS
        .iter()
        .map(|level| (format!("{} *{level}*", Role::Deputy.key()), cells(Role::Deputy, Some(*level))))
        .collect();
    let others = Role::ALL.into_iter().filter(|role| *role != Role::Deputy);
    rows.extend(others.map(|role| (role.key().to_owned(), cells(role, None))));
    rows
}
