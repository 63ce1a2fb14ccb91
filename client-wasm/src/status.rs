//! The truth about the queue and the network, as far as the engine knows it.

use lianxin_shared::{
    device::{DataUse, Device, Notice},
    limits::CLOCK_OFFSET_NOTICE_MS,
};
use serde::Serialize;

use crate::{accounts::Lock, verdict::Failure};

/// `Status` of `api.ts`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Status {
    unsent: usize,
    refused: usize,
    returned: usize,
    /// Photos and recordings of records that the server does not have all of.
    files: usize,
    files_bytes: u64,
    text_only: bool,
    wifi_only: bool,
    last_success_ms: Option<i64>,
    phase: Phase,
    clock_ahead_ms: Option<i64>,
    persistent: Option<bool>,
    /// Today's.
    bytes_up: u64,
    bytes_down: u64,
    older: OlderRecords,
    /// What has happened to this phone's data and has not been put away.
    notices: Vec<Notice>,
    /// The server has records that only a newer app can show.
    lacks_kinds: bool,
    /// Staff have ended this phone or the account; it has handed over what it had not sent and keeps nothing.
    ended: bool,
    lock: Lock,
}

/// Whether records from before this phone are here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OlderRecords {
    Here,
    Coming,
    /// Kept back because the link is slow.
    OnDemand,
}

/// What the sync loop is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(tag = "at", rename_all = "snake_case")]
pub(crate) enum Phase {
    #[default]
    Idle,
    Exchanging,
    Waiting {
        retry_at_ms: i64,
        problem: Trouble,
    },
    SignInNeeded {
        revoked: bool,
    },
    UpdateNeeded,
}

/// Why it waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Trouble {
    Network,
    Server,
    Smaller,
}

impl Status {
    /// `kept_back`: older records are not fetched by themselves at present.
    pub(crate) fn of(device: &Device, phase: Phase, persistent: Option<bool>, today: i64, kept_back: bool) -> Self {
        let (bytes_up, bytes_down) = device.traffic(today);
        let (files, files_bytes) = device.unsent_files();
        let DataUse { text_only, wifi_only } = device.data_use();
        let offset = device.last_success_ms().map(|_| device.clock_offset_ms());
        Self {
            unsent: device.unsent(),
            refused: device.refused(),
            returned: device.returned(),
            files,
            files_bytes,
            text_only,
            wifi_only,
            last_success_ms: device.last_success_ms(),
            phase,
            clock_ahead_ms: offset.filter(|offset| offset.abs() > CLOCK_OFFSET_NOTICE_MS),
            persistent,
            bytes_up,
            bytes_down,
            older: match (device.lacks_older(), kept_back) {
                (false, _) => OlderRecords::Here,
                (true, false) => OlderRecords::Coming,
                (true, true) => OlderRecords::OnDemand,
            },
            notices: device.notices().to_vec(),
            lacks_kinds: device.lacks_kinds(),
            ended: false,
            lock: Lock::None,
        }
    }

    /// The same of a phone that staff may have ended.
    pub(crate) fn ended(self, ended: bool) -> Self {
        Self { ended, ..self }
    }

    /// The same of an account that may have a PIN.
    pub(crate) fn locked(self, lock: Lock) -> Self {
        Self { lock, ..self }
    }
}

impl Phase {
    /// The phase after a failure that is tried again at `retry_at_ms`.
    pub(crate) fn after(failure: &Failure, retry_at_ms: i64) -> Self {
        let waiting = |problem| Phase::Waiting { retry_at_ms, problem };
        match failure {
            Failure::Network => waiting(Trouble::Network),
            Failure::Server { .. } => waiting(Trouble::Server),
            Failure::Smaller => waiting(Trouble::Smaller),
            Failure::SignInNeeded { revoked } => Phase::SignInNeeded { revoked: *revoked },
            Failure::UpdateNeeded => Phase::UpdateNeeded,
        }
    }
}

#[cfg(test)]
mod tests {
    use lianxin_shared::id::Actor;

    use super::*;

    #[test]
    fn the_view_reads_it_as_api_ts_says() {
        let device = Device::open(Actor([1; 16]), []).unwrap();
        let phase = Phase::after(&Failure::Server { seconds: None }, 7);
        let status = Status::of(&device, phase, None, 0, false);
        let json = serde_json::to_string(&status).unwrap();
        let expected = concat!(
            r#"{"unsent":0,"refused":0,"returned":0,"files":0,"files_bytes":0,"text_only":false,"wifi_only":false,"last_success_ms":null,"#,
            r#""phase":{"at":"waiting","retry_at_ms":7,"problem":"server"},"#,
            r#""clock_ahead_ms":null,"persistent":null,"bytes_up":0,"bytes_down":0,"older":"here","#,
            r#""notices":[],"lacks_kinds":false,"ended":false,"lock":"none"}"#
        );
        assert_eq!(json, expected);
        let phases = [Phase::Idle, Phase::Exchanging, Phase::SignInNeeded { revoked: true }, Phase::UpdateNeeded];
        let json = serde_json::to_string(&phases).unwrap();
        let expected = concat!(
            r#"[{"at":"idle"},{"at":"exchanging"},"#,
            r#"{"at":"sign_in_needed","revoked":true},{"at":"update_needed"}]"#
        );
        assert_eq!(json, expected);
    }
}
