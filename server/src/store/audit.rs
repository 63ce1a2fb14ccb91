//! The audit log (DOMAIN §6.3 E23): who did what, when and why, as a chain that shows tampering.
//!
//! Each entry's hash covers the hash before it and the entry. Whoever changes, removes or inserts an
//! entry has to change every hash behind it, and the head that was written down elsewhere (the server
//! logs it every hour) no longer fits. Nothing of a citizen is in it: subjects are ids and logins of
//! staff, and a reason that names a villager is refused.

use async_trait::async_trait;
use lianxin_shared::id::{DeviceId, UserId};
use sha2::{Digest, Sha256};

use super::{Device, Result};

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Act {
    SealedOpen,
    /// A request to open that waits for a second person.
    SealedAsk,
    SealedApprove,
    SealedDelete,
    SealedExpire,
    /// Deleted again after a restore, because the list of deletions has it.
    SealedReplay,
    SignIn,
    UserAdd,
    UserPassword,
    UserLock,
    UserUnlock,
    /// Other posts, or none any more.
    UserPosts,
    /// Posts ended with the mandate on which they rested.
    MandateEnd,
    DeviceRevoke,
    /// A token for a program: its number and scopes.
    TokenMake,
    /// A file with what a phone had not sent was carried here.
    ParcelTake,
    /// A ledger was taken away as a file.
    Export,
    /// Records were taken over from a file.
    Import,
    /// A new version of the rules was put in force.
    RuleChange,
    /// A wrong password for a login that there is.
    SignInFailed,
    /// What was ever written in a record and no longer stands there was destroyed.
    RecordFounded,
    /// The same again, after a restore.
    RecordFoundedAgain,
    /// Staff decided on a refused change.
    RefusedAccept,
    RefusedReturn,
    RefusedDiscard,
    /// A year's summary was issued.
    SummaryIssue,
    /// A restore from a backup was announced to the devices.
    Restored,
}

impl Act {
    pub const ALL: [Act; 27] = [
        Act::SealedOpen,
        Act::SealedAsk,
        Act::SealedApprove,
        Act::SealedDelete,
        Act::SealedExpire,
        Act::SealedReplay,
        Act::SignIn,
        Act::SignInFailed,
        Act::UserAdd,
        Act::UserPassword,
        Act::UserLock,
        Act::UserUnlock,
        Act::UserPosts,
        Act::MandateEnd,
        Act::DeviceRevoke,
        Act::TokenMake,
        Act::ParcelTake,
        Act::Export,
        Act::Import,
        Act::RuleChange,
        Act::RecordFounded,
        Act::RecordFoundedAgain,
        Act::RefusedAccept,
        Act::RefusedReturn,
        Act::RefusedDiscard,
        Act::SummaryIssue,
        Act::Restored,
    ];

    /// The name in the log. Never changed.
    pub fn key(self) -> &'static str {
        match self {
            Act::SealedOpen => "sealed_open",
            Act::SealedAsk => "sealed_ask",
            Act::SealedApprove => "sealed_approve",
            Act::SealedDelete => "sealed_delete",
            Act::SealedExpire => "sealed_expire",
            Act::SealedReplay => "sealed_replay",
            Act::SignIn => "sign_in",
            Act::UserAdd => "user_add",
            Act::UserPassword => "user_password",
            Act::UserLock => "user_lock",
            Act::UserUnlock => "user_unlock",
            Act::UserPosts => "user_posts",
            Act::MandateEnd => "mandate_end",
            Act::DeviceRevoke => "device_revoke",
            Act::TokenMake => "token_make",
            Act::ParcelTake => "parcel_take",
            Act::Export => "export",
            Act::Import => "import",
            Act::RuleChange => "rule_change",
            Act::SignInFailed => "sign_in_failed",
            Act::RecordFounded => "record_founded",
            Act::RecordFoundedAgain => "record_founded_again",
            Act::RefusedAccept => "refused_accept",
            Act::RefusedReturn => "refused_return",
            Act::RefusedDiscard => "refused_discard",
            Act::SummaryIssue => "summary_issue",
            Act::Restored => "restored",
        }
    }
}

/// Who does something, and from which device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Doer {
    pub user: Option<UserId>,
    pub device: Option<DeviceId>,
}

impl Doer {
    /// The server itself, and who works on its command line.
    pub const SERVER: Doer = Doer { user: None, device: None };

    /// The user of a device, from there.
    pub fn of(device: &Device) -> Self {
        Self { user: Some(device.user), device: Some(device.id) }
    }
}

/// Something to be noted.
#[derive(Debug, Clone)]
pub struct NewAudit {
    pub at_ms: i64,
    /// `None` for the server itself and for who works on its command line.
    pub user: Option<UserId>,
    pub device: Option<DeviceId>,
    pub act: Act,
    /// An id or a login: what it was done to.
    pub subject: String,
    pub reason: String,
}

impl NewAudit {
    pub fn of(by: Doer, act: Act, subject: &str, reason: &str, at_ms: i64) -> Self {
        let (subject, reason) = (subject.to_owned(), reason.to_owned());
        Self { at_ms, user: by.user, device: by.device, act, subject, reason }
    }
}

/// An entry as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// 1, 2, 3 … without gaps.
    pub number: u64,
    pub at_ms: i64,
    pub user: Option<UserId>,
    pub device: Option<DeviceId>,
    pub act: String,
    pub subject: String,
    pub reason: String,
    pub hash: AuditHash,
}

pub type AuditHash = [u8; 32];

/// Before the first entry.
pub const BEGINNING: AuditHash = [0; 32];

impl AuditEntry {
    /// The entry that stands at `number` behind `before`.
    pub fn chained(new: &NewAudit, number: u64, before: &AuditHash) -> Self {
        let mut entry = Self {
            number,
            at_ms: new.at_ms,
            user: new.user,
            device: new.device,
            act: new.act.key().into(),
            subject: new.subject.clone(),
            reason: new.reason.clone(),
            hash: BEGINNING,
        };
        entry.hash = entry.hash_behind(before);
        entry
    }

    fn hash_behind(&self, before: &AuditHash) -> AuditHash {
        let mut hasher = Sha256::new().chain_update(b"lianxin/audit/1").chain_update(before);
        hasher.update(self.number.to_be_bytes());
        hasher.update(self.at_ms.to_be_bytes());
        for id in [self.user.map(|user| user.0), self.device.map(|device| device.0)] {
            hasher.update([u8::from(id.is_some())]);
            hasher.update(id.unwrap_or_default().to_be_bytes());
        }
        for text in [&self.act, &self.subject, &self.reason] {
            hasher.update((text.len() as u64).to_be_bytes());
            hasher.update(text);
        }
        hasher.finalize().into()
    }
}

/// Recomputes the chain, a piece at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    pub entries: u64,
    pub head: AuditHash,
}

/// The first entry that is not what was written, or that stands where another should.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the audit log is broken at entry {0}")]
pub struct Broken(pub u64);

impl Default for Chain {
    fn default() -> Self {
        Self { entries: 0, head: BEGINNING }
    }
}

impl Chain {
    /// # Errors
    /// With the first entry that does not fit.
    pub fn extend(&mut self, entries: &[AuditEntry]) -> std::result::Result<(), Broken> {
        for entry in entries {
            let number = self.entries + 1;
            if entry.number != number || entry.hash != entry.hash_behind(&self.head) {
                return Err(Broken(number));
            }
            (self.entries, self.head) = (number, entry.hash);
        }
        Ok(())
    }
}

/// Which entries are looked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct AuditFilter {
    pub act: Option<Act>,
    pub user: Option<UserId>,
}

#[async_trait]
pub trait AuditLog: Send + Sync {
    /// Appends entries in this order, in one transaction; their numbers.
    async fn audit(&self, entries: &[NewAudit]) -> Result<Vec<u64>>;
    /// Entries behind this number, in order.
    async fn audit_after(&self, number: u64, limit: u32) -> Result<Vec<AuditEntry>>;
    /// Entries before this number that fit, the newest first.
    async fn audit_before(&self, number: u64, filter: AuditFilter, limit: u32) -> Result<Vec<AuditEntry>>;
    /// The last entry, if there is one.
    async fn audit_head(&self) -> Result<Option<AuditEntry>>;
    /// How many entries were ever written: what is missing at the end is found by it.
    async fn audit_count(&self) -> Result<u64>;
}

/// Entries read at once.
const PIECE: u32 = 1000;

/// Reads and recomputes the whole chain.
///
/// # Errors
/// When the store fails. What is broken is a value.
pub async fn verify(log: &(impl AuditLog + ?Sized)) -> Result<std::result::Result<Chain, Broken>> {
    let mut chain = Chain::default();
    loop {
        let entries = log.audit_after(chain.entries, PIECE).await?;
        if let Err(broken) = chain.extend(&entries) {
            return Ok(Err(broken));
        }
        if entries.len() < PIECE as usize {
            break;
        }
    }
    // Counted after reading: an entry written meanwhile is not missing.
    let written = log.audit_count().await?;
    let more = log.audit_after(chain.entries, PIECE).await?;
    if chain.extend(&more).is_err() || chain.entries < written {
        return Ok(Err(Broken(chain.entries + 1)));
    }
    Ok(Ok(chain))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(count: u64) -> Vec<AuditEntry> {
        let mut before = BEGINNING;
        (1..=count)
            .map(|number| {
                let new = NewAudit {
                    at_ms: number as i64,
                    user: number.is_multiple_of(2).then_some(UserId(7)),
                    device: None,
                    act: Act::SealedOpen,
                    subject: format!("{number}"),
                    reason: "回访核实".into(),
                };
                let entry = AuditEntry::chained(&new, number, &before);
                before = entry.hash;
                entry
            })
            .collect()
    }

    fn broken(entries: &[AuditEntry]) -> Option<u64> {
        Chain::default().extend(entries).err().map(|Broken(number)| number)
    }

    #[test]
    fn a_chain_as_it_was_written_holds() {
        assert_eq!(broken(&log(9)), None);
    }

    #[test]
    fn whatever_is_changed_removed_inserted_or_moved_shows_at_its_place() {
        let whole = log(9);
        let changes: [fn(&mut AuditEntry); 6] = [
            |entry| entry.reason.push('x'),
            |entry| entry.at_ms += 1,
            |entry| entry.user = Some(UserId(8)),
            |entry| entry.device = Some(DeviceId(0)),
            |entry| (entry.act, entry.subject) = (entry.subject.clone(), entry.act.clone()),
            |entry| entry.hash[0] ^= 1,
        ];
        for change in changes {
            let mut entries = whole.clone();
            change(&mut entries[3]);
            assert_eq!(broken(&entries), Some(4));
        }
        let mut removed = whole.clone();
        removed.remove(3);
        assert_eq!(broken(&removed), Some(4));
        let mut moved = whole.clone();
        moved.swap(3, 4);
        assert_eq!(broken(&moved), Some(4));
        let mut rewritten = whole.clone();
        rewritten[3].reason = "别的".into();
        rewritten[3].hash = rewritten[3].hash_behind(&whole[2].hash);
        assert_eq!(broken(&rewritten), Some(5), "with a hash of its own it breaks the next");
    }
}
