//! What the harness knows to be true, beside what phones and server say of themselves.

use std::collections::{BTreeMap, HashMap, HashSet};

use lianxin_shared::{
    id::{ChangeHash, Position, SpaceId},
    rights::Person,
};

use super::{
    cast::Member,
    phone::{Remade, Saved},
    server::{Logged, Server},
};

#[derive(Default)]
pub(super) struct Ledger {
    /// Every edit that became durable on a phone, by phone.
    saved: BTreeMap<usize, Vec<Saved>>,
    /// Edits that were evicted before they were delivered. Their letter may still arrive.
    evicted: Vec<Saved>,
    /// Edits that were delivered by a phone that is another one's copy now.
    delivered_elsewhere: Vec<Saved>,
    /// What was saved on a phone when its storage was copied away.
    copies: BTreeMap<usize, Vec<Saved>>,
    /// Phones whose storage is, or was, there twice: nobody else may be told so.
    twins: HashSet<usize>,
    /// Phones that have made changes anew since their storage is what it is.
    mended: HashSet<usize>,
    /// Changes that no rule allows.
    forbidden: HashSet<ChangeHash>,
    /// The server's logs as far as they were read, in order.
    logs: BTreeMap<SpaceId, Vec<Logged>>,
    logged: HashMap<ChangeHash, (SpaceId, Position)>,
    /// What was delivered to a server that is no more. Its phones do not know that until they call.
    burnt: HashSet<ChangeHash>,
    /// The server's quarantine.
    refused: HashSet<ChangeHash>,
}

impl Ledger {
    pub(super) fn saved(&mut self, phone: usize, saved: Option<Saved>) {
        self.saved.entry(phone).or_default().extend(saved);
    }

    /// What the phone had not delivered went with its storage; the rest is still owed.
    pub(super) fn evicted(&mut self, phone: usize) {
        self.copies.remove(&phone);
        self.twins.remove(&phone);
        self.mended.remove(&phone);
        self.storage_gone(phone);
    }

    fn storage_gone(&mut self, phone: usize) {
        let (saved, logged) = (self.saved.remove(&phone).unwrap_or_default(), &self.logged);
        let (owed, gone) = saved.into_iter().partition(|saved| logged.contains_key(&saved.hash));
        self.saved.insert(phone, owed);
        self.evicted.extend::<Vec<Saved>>(gone);
    }

    pub(super) fn copied(&mut self, phone: usize) {
        self.copies.insert(phone, self.saved_on(phone).to_vec());
    }

    /// The phone holds what it held when it was copied; what it delivered since then is still owed.
    pub(super) fn set_back(&mut self, phone: usize) {
        self.storage_gone(phone);
        self.mended.remove(&phone);
        self.twins.insert(phone);
        let copy = self.copies.get(&phone).cloned().unwrap_or_default();
        self.saved.entry(phone).or_default().extend(copy);
    }

    /// Two phones hold the same: either may deliver it, both say that it is safe.
    pub(super) fn cloned(&mut self, from: usize, onto: usize) {
        self.evicted(onto);
        let owed = self.saved.remove(&onto).unwrap_or_default();
        self.delivered_elsewhere.extend(owed);
        self.saved.insert(onto, self.saved_on(from).to_vec());
        self.twins.extend([from, onto]);
        if self.mended.contains(&from) {
            self.mended.insert(onto);
        }
    }

    /// The phone has mended its changes.
    pub(super) fn remade(&mut self, phone: usize, remade: &[Remade]) {
        if !remade.is_empty() {
            self.mended.insert(phone);
        }
        self.offered_again(phone, remade);
    }

    /// The phone has made changes anew: it owes them as they are now.
    pub(super) fn offered_again(&mut self, phone: usize, remade: &[Remade]) {
        for (before, after) in remade {
            let saved = self.saved.entry(phone).or_default().iter_mut();
            saved.filter(|saved| saved.hash == *before).for_each(|saved| saved.hash = *after);
        }
    }

    pub(super) fn is_twin(&self, phone: usize) -> bool {
        self.twins.contains(&phone)
    }

    pub(super) fn has_mended(&self, phone: usize) -> bool {
        self.mended.contains(&phone)
    }

    pub(super) fn forbid(&mut self, hash: ChangeHash) {
        self.forbidden.insert(hash);
    }

    /// What a phone's holder was told is safe.
    pub(super) fn saved_on(&self, phone: usize) -> &[Saved] {
        self.saved.get(&phone).map_or(&[], Vec::as_slice)
    }

    /// Every edit that was ever made, once.
    pub(super) fn all_edits(&self) -> impl Iterator<Item = &Saved> {
        let mut seen = HashSet::new();
        let all = self.saved.values().flatten().chain(&self.evicted).chain(&self.delivered_elsewhere);
        all.filter(move |saved| seen.insert(saved.hash))
    }

    pub(super) fn logs(&self) -> &BTreeMap<SpaceId, Vec<Logged>> {
        &self.logs
    }

    pub(super) fn logged(&self, hash: ChangeHash) -> Option<(SpaceId, Position)> {
        self.logged.get(&hash).copied()
    }

    pub(super) fn is_refused(&self, hash: ChangeHash) -> bool {
        self.refused.contains(&hash)
    }

    /// The server has lost what was delivered since its last backup.
    pub(super) fn restored(&mut self) {
        self.logs.clear();
        self.burnt.extend(self.logged.drain().map(|(hash, _)| hash));
    }

    /// Whether the change was delivered once, to this server or to the one before.
    pub(super) fn was_delivered(&self, hash: ChangeHash) -> bool {
        self.logged.contains_key(&hash) || self.burnt.contains(&hash)
    }

    /// How many changes the server has refused.
    pub(super) fn refused(&self) -> usize {
        self.refused.len()
    }

    /// Reads what the server's books have grown by, and checks what must be so at once. `sender` is
    /// whose exchange that was; `None` when the books are read anew.
    pub(super) fn read(&mut self, server: &Server, sender: Option<Member>) -> Result<(), String> {
        let sender = sender.map(|member| server.person(member));
        self.refused = server.quarantined();
        for space in server.spaces().iter().map(|space| space.id) {
            let log = self.logs.entry(space).or_default();
            for entry in server.log_after(space, Position(log.len() as u64)) {
                let expected = Position(log.len() as u64 + 1);
                if entry.position != expected {
                    return Err(format!("{space:?} has {:?} where {expected:?} comes next", entry.position));
                }
                if let Some(before) = self.logged.insert(entry.hash, (space, entry.position)) {
                    return Err(format!("{:?} is in the log twice: {before:?} and {space:?}", entry.hash));
                }
                if let Some(sender) = &sender {
                    may_be_there(server, sender, &entry, &self.forbidden)?;
                }
                log.push(entry);
            }
        }
        Ok(())
    }
}

fn may_be_there(
    server: &Server,
    sender: &Person,
    entry: &Logged,
    forbidden: &HashSet<ChangeHash>,
) -> Result<(), String> {
    if forbidden.contains(&entry.hash) {
        return Err(format!("the forged change {:?} of {} was accepted", entry.hash, entry.record));
    }
    if !server.may_write(sender, entry.space) {
        return Err(format!("{} wrote into {:?} without the right to", sender.name, entry.space));
    }
    Ok(())
}
