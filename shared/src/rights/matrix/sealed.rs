//! Who may do what with sealed personal records: each cell asks their rules.

use super::{Role, SpaceKind, head, line, person, rules, space, space_name};
use crate::{
    schema::Kind,
    sealed::{Allowed, Open, allowed},
};

const INTRODUCTION: &str = "
# Who opens sealed personal records

Asked of `src/sealed/rights.rs`. `own`: what one took down oneself, which lies on one's own devices. `reason`: with a
stated reason, which is logged and told to the author. `approved`: with a reason, and the approval of a second person of the
district. `asked`: when the citizen asks for it. The handling unit's look (\"only if needed for the visit, time-boxed\") is not
built: the station tells the unit.
";

pub(super) fn write(page: &mut String) {
    page.push_str(INTRODUCTION);
    // A sealed record is where its voice is.
    for place in rules::places(Kind::Voice) {
        page.push_str(&format!("\nIn the {}:\n\n", space_name(*place)));
        head(page, "act");
        for (name, cells) in rows(*place) {
            line(page, name, &cells.map(str::to_owned));
        }
    }
}

/// What is done, and how each role may do it.
pub(in crate::rights) fn rows(place: SpaceKind) -> [(&'static str, [&'static str; Role::ALL.len()]); 3] {
    let cells = |shown: fn(Allowed) -> &'static str| Role::ALL.map(|role| shown(allowed(&person(role), &space(place))));
    [
        ("take down, change 登记、修改", cells(|allowed| if allowed.write { "own" } else { "-" })),
        (
            "open 查看",
            cells(|allowed| match (allowed.open, allowed.write) {
                (Open::WithReason, _) => "reason",
                (Open::WithApproval, _) => "approved",
                (Open::No, true) => "own",
                (Open::No, false) => "-",
            }),
        ),
        (
            "delete 删除",
            cells(|allowed| match (allowed.delete, allowed.write) {
                (true, _) => "asked",
                (false, true) => "own",
                (false, false) => "-",
            }),
        ),
    ]
}
