//! What devices say of themselves, written down every few seconds: a disk write for each idle
//! exchange would cost more than the exchange.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use lianxin_shared::{
    device::LeftBehind,
    id::{DeviceId, UserId},
    limits::LABEL_CHARS_MAX,
    wire::RequestHello,
};

use super::{Hub, HubError};
use crate::store::{Device, DeviceKind, DeviceReport, Store};

/// Phones that a person hears of.
const LEFT_BEHIND_MAX: usize = 5;
/// Accounts on one phone that a sign-in may ask for.
const LOCKED_DEVICES_MAX: usize = 8;
const FLUSH_EVERY: Duration = Duration::from_secs(5);

#[derive(Default)]
pub(super) struct Reports(Mutex<HashMap<DeviceId, DeviceReport>>);

impl Reports {
    pub(super) fn note(&self, device: DeviceId, hello: &RequestHello, now_ms: i64) {
        let report = DeviceReport {
            app_version: hello.app_version.chars().filter(|c| !c.is_control()).take(LABEL_CHARS_MAX).collect(),
            unsent: i64::try_from(hello.unsent).unwrap_or(i64::MAX),
            clock_offset_ms: hello.device_time_ms.saturating_sub(now_ms),
            seen_ms: now_ms,
        };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(device, report);
    }

    async fn flush(&self, store: &dyn Store) -> Result<(), HubError> {
        let reports = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        if reports.is_empty() {
            return Ok(());
        }
        let reports: Vec<_> = reports.into_iter().collect();
        Ok(store.report(&reports).await?)
    }
}

/// Flushes now and then, for as long as the hub lives.
pub(super) fn start(reports: &Arc<Reports>, store: Arc<dyn Store>) {
    let reports = Arc::downgrade(reports);
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(FLUSH_EVERY).await;
            let Some(reports) = reports.upgrade() else { return };
            if let Err(error) = reports.flush(&*store).await {
                tracing::warn!(%error, "device reports are lost");
            }
        }
    });
}

impl Hub {
    /// A program has asked for something: its token is in use.
    pub fn saw(&self, device: DeviceId, now_ms: i64) {
        self.reports.note(device, &RequestHello { device_time_ms: now_ms, ..RequestHello::default() }, now_ms);
    }

    /// Every device, with what it said last.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn devices(&self) -> Result<Vec<Device>, HubError> {
        self.flush_reports().await?;
        Ok(self.store.devices().await?)
    }

    /// Phones of a person that are still signed in and said at their last contact that they hold what
    /// is not here; the latest first. Who signs in on a phone whose browser has thrown its storage away
    /// learns so what was on it. What was written after the last contact nobody can know, and what a
    /// server that died had not yet written down is some seconds old.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn left_behind(&self, user: UserId) -> Result<Vec<LeftBehind>, HubError> {
        let mut phones = self.devices().await?;
        phones.retain(|device| {
            device.user == user && device.kind == DeviceKind::Phone && device.revoked_ms.is_none() && device.unsent > 0
        });
        phones.sort_by_key(|phone| std::cmp::Reverse(phone.last_seen_ms));
        phones.truncate(LEFT_BEHIND_MAX);
        let left_behind = |phone: Device| LeftBehind {
            label: phone.label,
            seen_ms: phone.last_seen_ms,
            unsent: phone.unsent.unsigned_abs(),
        };
        Ok(phones.into_iter().map(left_behind).collect())
    }

    /// The first of these devices that is this person's: with its key opens what lies on a phone behind a forgotten PIN.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn own_device(&self, user: UserId, among: &[DeviceId]) -> Result<Option<DeviceId>, HubError> {
        for id in among.iter().take(LOCKED_DEVICES_MAX) {
            if self.store.device(*id).await?.is_some_and(|device| device.user == user) {
                return Ok(Some(*id));
            }
        }
        Ok(None)
    }

    pub(super) async fn flush_reports(&self) -> Result<(), HubError> {
        self.reports.flush(&*self.store).await
    }
}
