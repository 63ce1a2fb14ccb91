//! 群众意见: the status machine of §6.4 a). What a villager said is recorded, sorted, sent one of
//! eight ways, answered, told back and struck off. It is never reopened: what is raised again is a
//! new voice that names the old one.

use super::{
    Act, Event, HANDED_OVER, ReturnReason,
    act::{Exit, ExitKind, Petition},
    calendar::Date,
    clocks::Clocks,
    desk::{Decision, Desk, No},
    rules::Clock,
    verification::hand_over,
    who::Part,
};
use crate::{id::RecordId, schema::Kind};

/// Where a voice stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum State {
    /// 草稿
    #[default]
    Draft,
    /// 转交: a draft whose deputy's mandate had ended
    HandedOver,
    /// 已登记
    Recorded,
    /// 已分类
    Sorted,
    /// On its way out, the result not known yet. The state's key is the exit's.
    Out,
    /// 待反馈
    Result,
    /// 已反馈
    FedBack,
    /// 销号
    Closed,
}

/// A voice, as its events tell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Voice {
    pub state: State,
    /// The voice that this one raises again (再次反映).
    pub again: Option<RecordId>,
    /// What the station proposed.
    pub proposed: Option<ExitKind>,
    pub exit: Option<Exit>,
    /// Voices that were merged into this one.
    pub joined: Vec<RecordId>,
    pub feedbacks: u32,
    /// Days on which the villager was not reached.
    pub misses: Vec<Date>,
    pub clocks: Clocks,
    /// The days on which it was recorded, sorted, routed, its result known, fed back, closed.
    pub on: Dates,
}

/// When a voice reached its steps, by the server's date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Dates {
    pub recorded: Option<Date>,
    pub sorted: Option<Date>,
    pub routed: Option<Date>,
    pub result: Option<Date>,
    pub fed_back: Option<Date>,
    pub closed: Option<Date>,
}

impl Dates {
    /// Days from recording to sorting.
    pub fn to_sort(&self) -> Option<u32> {
        self.until(self.sorted)
    }

    /// Days from recording to the first feedback.
    pub fn to_feedback(&self) -> Option<u32> {
        self.until(self.fed_back)
    }

    fn until(&self, end: Option<Date>) -> Option<u32> {
        Some(end?.days_since(self.recorded?).max(0).unsigned_abs())
    }
}

/// Two dated tries that did not reach the villager stand for a feedback (§6.4).
const MISSES_TO_CLOSE: usize = 2;

impl Exit {
    pub fn kind(&self) -> ExitKind {
        match self {
            Exit::Spot { .. } => ExitKind::Spot,
            Exit::Petition { .. } => ExitKind::Petition,
            Exit::Declined { .. } => ExitKind::Declined,
            Exit::Village { .. } => ExitKind::Village,
            Exit::Town { .. } => ExitKind::Town,
            Exit::District { .. } => ExitKind::District,
            Exit::Upper { .. } => ExitKind::Upper,
            Exit::Merged { .. } => ExitKind::Merged,
        }
    }

    /// Whether nothing more is waited for before the villager can be told.
    fn is_result(&self) -> bool {
        matches!(self, Exit::Spot { .. } | Exit::Petition { .. } | Exit::Declined { .. })
    }

    /// Whether the station may decide it; the others are the town's decision (§2.6).
    fn is_stations(&self) -> bool {
        self.is_result() || matches!(self, Exit::Merged { .. })
    }
}

impl Voice {
    pub fn key(&self) -> &'static str {
        match self.state {
            State::Draft => "draft",
            State::HandedOver => HANDED_OVER,
            State::Recorded => "recorded",
            State::Sorted => "sorted",
            State::Out => self.exit.as_ref().map_or("sorted", |exit| exit.kind().key()),
            // A state of its own, in which nothing more is written into the record.
            State::Result if self.is_petition() => "petition",
            State::FedBack if self.is_petition() => "petition_told",
            State::Result => "result",
            State::FedBack => "fed_back",
            State::Closed => "closed",
        }
    }

    /// 信访引导: nothing of what was said is kept, in the record or in the log.
    fn is_petition(&self) -> bool {
        matches!(self.exit, Some(Exit::Petition { .. }))
    }

    pub(super) fn apply(&mut self, event: &Event) {
        let today = Some(Date::at(event.received_ms));
        match &event.act {
            Act::Submit { again, .. } => {
                self.state = State::Recorded;
                self.again = *again;
                self.on.recorded = today;
            }
            Act::HandOver { .. } => self.state = State::HandedOver,
            Act::Sort { proposed, .. } => {
                self.state = State::Sorted;
                self.proposed = Some(*proposed);
                self.on.sorted = self.on.sorted.or(today);
                self.clocks.stop(Clock::Sort);
            }
            Act::Route { exit } => {
                self.state = if exit.is_result() { State::Result } else { State::Out };
                self.on.routed = today;
                self.on.result = if exit.is_result() { today } else { None };
                self.exit = Some(exit.clone());
                self.clocks.stop(Clock::Sort);
                self.clocks.stop(Clock::Route);
            }
            Act::Joined { voice } => self.joined.push(*voice),
            Act::Outcome { .. } => {
                self.state = State::Result;
                self.on.result = today;
            }
            Act::Feedback { .. } => {
                self.state = State::FedBack;
                self.feedbacks += 1;
                self.on.fed_back = self.on.fed_back.or(today);
                self.clocks.stop(Clock::Feedback);
            }
            Act::Miss { on, .. } => self.misses.push(*on),
            Act::Close { .. } => {
                self.state = State::Closed;
                self.on.closed = today;
                self.clocks.stop_all();
            }
            _ => {}
        }
        self.clocks.enter(&event.added);
    }

    pub(super) fn decide(&self, desk: &Desk<'_>) -> Decision {
        match &desk.request.act {
            Act::Submit { again, .. } => self.submit(desk, *again),
            Act::Sort { proposed, .. } => self.sort(desk, *proposed),
            Act::Route { exit } => self.route(desk, exit),
            Act::Outcome { text } => {
                let step = desk.by(&[Part::Station, Part::Town])?;
                desk.only(self.state == State::Out)?;
                desk.says(&[("text", text)])?;
                Ok(step.due(desk.due(Clock::Feedback, None)))
            }
            Act::Feedback { text, .. } => self.feed_back(desk, text),
            Act::Miss { on, .. } => {
                let step = desk.by(&[Part::Owner, Part::Member, Part::Station, Part::Town])?;
                desk.only(self.state == State::Result)?;
                desk.not_after_today(*on)?;
                Ok(step)
            }
            Act::Close { text } => self.close(desk, text),
            Act::FixDates => desk.fix_dates(&self.clocks, &[Part::Station, Part::Town]),
            _ => Err(No::because(ReturnReason::WrongKind)),
        }
    }

    fn submit(&self, desk: &Desk<'_>, again: Option<RecordId>) -> Decision {
        let draft = matches!(self.state, State::Draft | State::HandedOver);
        if let Some(step) = hand_over(desk, draft)? {
            return Ok(step);
        }
        let step = desk.by(&[Part::Owner, Part::Member, Part::Station, Part::Town])?;
        desk.only(draft)?;
        if again == Some(desk.request.case) {
            return Err(No::because(ReturnReason::Circle));
        }
        desk.nothing_is_in_the_way()?;
        Ok(step.due(desk.due(Clock::Sort, None)))
    }

    fn sort(&self, desk: &Desk<'_>, proposed: ExitKind) -> Decision {
        let step = desk.by(&[Part::Station, Part::Town])?;
        match self.state {
            State::Recorded => {}
            // Sorting it differently is a decision of someone who knows that it was sorted.
            State::Sorted => desk.seen(self.last(desk, "sort"), ReturnReason::AlreadySorted)?,
            _ => return Err(desk.wrong_state()),
        }
        sortable(desk, proposed)?;
        let mut step = step.due(desk.due(Clock::Route, None));
        // Of a petition nothing is noted either.
        step.act = (proposed == ExitKind::Petition).then(|| Act::Sort { proposed, text: String::new() });
        Ok(step)
    }

    fn route(&self, desk: &Desk<'_>, exit: &Exit) -> Decision {
        let parts: &[Part<'_>] = if exit.is_stations() { &[Part::Station, Part::Town] } else { &[Part::Town] };
        let mut step = desk.by(parts)?;
        if self.exit.is_some() {
            let seq = self.last(desk, "route");
            return Err(No::because(ReturnReason::AlreadyRouted).event(seq).detail(self.key()));
        }
        desk.only(self.state == State::Sorted)?;
        sortable(desk, exit.kind())?;
        match exit {
            Exit::Petition { matter: Petition::Accusation, .. } => {
                desk.facts.tell_nothing(ReturnReason::AccusationNarrative)?;
            }
            Exit::Petition { .. } => desk.facts.tell_nothing(ReturnReason::PetitionNarrative)?,
            Exit::Merged { into } => mergeable(desk, *into)?,
            Exit::Town { .. } | Exit::District { .. } if desk.facts.target.is_none() => {
                return Err(No::because(ReturnReason::NoTarget));
            }
            _ => {}
        }
        if exit.is_result() {
            step = step.due(desk.due(Clock::Feedback, None));
        }
        Ok(step)
    }

    fn feed_back(&self, desk: &Desk<'_>, text: &str) -> Decision {
        let step = desk.by(&[Part::Owner, Part::Member, Part::Station, Part::Town])?;
        desk.only(matches!(self.state, State::Result | State::FedBack))?;
        self.may_say(text)?;
        Ok(step)
    }

    /// Of a petition nothing is said.
    fn may_say(&self, text: &str) -> Result<(), No> {
        if self.is_petition() && !text.trim().is_empty() {
            return Err(No::because(ReturnReason::PetitionNarrative).detail("text"));
        }
        Ok(())
    }

    fn close(&self, desk: &Desk<'_>, text: &str) -> Decision {
        let step = desk.by(&[Part::Station, Part::Town])?;
        self.may_say(text)?;
        let mut tries = self.misses.clone();
        tries.sort_unstable();
        tries.dedup();
        match self.state {
            State::FedBack => Ok(step),
            State::Result if tries.len() >= MISSES_TO_CLOSE => Ok(step),
            State::Result => Err(No::because(ReturnReason::NoFeedback)),
            _ => Err(desk.wrong_state()),
        }
    }

    fn last(&self, desk: &Desk<'_>, act: &str) -> Option<u32> {
        desk.case.last(act)
    }

    /// What the events of this voice bring about in others.
    pub(super) fn caused(event: &Event, joined: &[RecordId]) -> Vec<(RecordId, Kind, Act)> {
        match &event.act {
            Act::Route { exit: Exit::Merged { into } } => {
                vec![(*into, Kind::Voice, Act::Joined { voice: event.case })]
            }
            Act::Outcome { text } => {
                joined.iter().map(|voice| (*voice, Kind::Voice, Act::Outcome { text: text.clone() })).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Whether an event that another case brings about has its place here.
    pub(super) fn takes(&self, act: &Act) -> bool {
        match act {
            Act::Joined { .. } => self.state != State::Closed,
            Act::Outcome { .. } => self.state == State::Out,
            _ => false,
        }
    }
}

/// The guard of 已分类: category, village, words; of a petition no words.
fn sortable(desk: &Desk<'_>, to: ExitKind) -> Result<(), No> {
    desk.facts.have(["category", "village"])?;
    if to == ExitKind::Petition {
        desk.facts.tell_nothing(ReturnReason::PetitionNarrative)
    } else {
        desk.facts.have_words()
    }
}

/// 并入: the other is there, not struck off, and not itself merged into this one.
fn mergeable(desk: &Desk<'_>, into: RecordId) -> Result<(), No> {
    let circle = No::because(ReturnReason::Circle);
    if into == desk.request.case {
        return Err(circle);
    }
    match &desk.facts.target {
        None => Err(No::because(ReturnReason::NoTarget)),
        Some(target) if target.closed => Err(No::because(ReturnReason::TargetClosed)),
        Some(target) if target.merged_into.contains(&desk.request.case) => Err(circle),
        Some(_) => Ok(()),
    }
}
