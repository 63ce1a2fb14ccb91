//! Bodies on their way in: slow links fill them slowly, and some never end. Bounded in time, in memory for all together,
//! and in number for each device.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use axum::body::Body;
use http_body_util::BodyExt;
use lianxin_shared::{id::DeviceId, limits::EXCHANGE_BYTES_MAX, wire::ExchangeError};
use tokio::{
    sync::{Notify, OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

/// How long nothing of a body may arrive. No speed is assumed.
const PAUSE_MAX: Duration = Duration::from_secs(60);
/// How long it may take in all, so that what drips ends some day: a page of 60 KB at 130 bit/s. A device's newer tries
/// make it end sooner.
const BODY_TIMEOUT: Duration = Duration::from_secs(60 * 60);
/// What all bodies that are arriving may hold in memory, in steps.
const STEPS_IN_MEMORY_MAX: usize = 96 * 1024 * 1024 / STEP_BYTES;
/// Memory is taken in steps, as a body grows: most are smaller than one.
const STEP_BYTES: usize = 16 * 1024;
/// Bodies that one device may send at once. A phone sends one; but a line that breaks off in a village leaves a body here
/// that never ends, so the oldest makes room, not the newest.
const BODIES_PER_DEVICE_MAX: usize = 4;

/// A body that has arrived, with its share of the memory.
#[derive(Default)]
pub(super) struct Arrived {
    pub(super) bytes: Vec<u8>,
    _memory: Memory,
}

pub(super) struct Arrivals {
    /// [`PAUSE_MAX`] and [`BODY_TIMEOUT`], which tests cannot wait for.
    pause: Duration,
    timeout: Duration,
    memory: Arc<Semaphore>,
    /// What is arriving from each device, the oldest first.
    devices: Mutex<HashMap<DeviceId, VecDeque<Arc<Notify>>>>,
}

impl Default for Arrivals {
    fn default() -> Self {
        Self {
            pause: PAUSE_MAX,
            timeout: BODY_TIMEOUT,
            memory: Arc::new(Semaphore::new(STEPS_IN_MEMORY_MAX)),
            devices: Mutex::default(),
        }
    }
}

impl Arrivals {
    /// The whole body.
    ///
    /// # Errors
    /// `TooLarge`; `Unavailable` when too much is arriving; `Malformed` when the body broke off, stood still, took too long or made
    /// room for a newer one: nobody is there to read that.
    pub(super) async fn read(&self, device: DeviceId, body: Body) -> Result<Arrived, ExchangeError> {
        self.read_within(device, body, EXCHANGE_BYTES_MAX).await
    }

    /// The same of another length.
    ///
    /// # Errors
    /// As [`Arrivals::read`].
    pub(super) async fn read_within(
        &self,
        device: DeviceId,
        body: Body,
        bytes_max: usize,
    ) -> Result<Arrived, ExchangeError> {
        let place = self.enter(device);
        tokio::select! {
            arrived = timeout(self.timeout, self.collect(body, bytes_max)) => arrived.unwrap_or(Err(ExchangeError::Malformed)),
            () = place.left.notified() => Err(ExchangeError::Malformed),
        }
    }

    /// As much of the body as comes: what broke off, took too long or made room is kept as far as it came.
    ///
    /// # Errors
    /// `TooLarge` when it is more than `bytes_max`; `Unavailable` when too much is arriving.
    pub(super) async fn read_what_comes(
        &self,
        device: DeviceId,
        body: Body,
        bytes_max: usize,
    ) -> Result<Arrived, ExchangeError> {
        let place = self.enter(device);
        let mut arrived = Arrived::default();
        let ended = tokio::select! {
            ended = timeout(self.timeout, self.fill(&mut arrived, body, bytes_max)) => ended.unwrap_or(Ok(())),
            () = place.left.notified() => Ok(()),
        };
        match ended {
            Ok(()) | Err(ExchangeError::Malformed) => Ok(arrived),
            Err(error) => Err(error),
        }
    }

    async fn collect(&self, body: Body, bytes_max: usize) -> Result<Arrived, ExchangeError> {
        let mut arrived = Arrived::default();
        self.fill(&mut arrived, body, bytes_max).await?;
        Ok(arrived)
    }

    async fn fill(&self, arrived: &mut Arrived, mut body: Body, bytes_max: usize) -> Result<(), ExchangeError> {
        while let Some(frame) = timeout(self.pause, body.frame()).await.map_err(|_still| ExchangeError::Malformed)? {
            let Ok(data) = frame.map_err(|_| ExchangeError::Malformed)?.into_data() else { continue };
            let length = arrived.bytes.len() + data.len();
            if length > bytes_max {
                return Err(ExchangeError::TooLarge);
            }
            arrived._memory.grow(&self.memory, length)?;
            arrived.bytes.extend_from_slice(&data);
        }
        Ok(())
    }

    fn enter(&self, device: DeviceId) -> Place<'_> {
        let left = Arc::new(Notify::new());
        let mut devices = self.devices();
        let bodies = devices.entry(device).or_default();
        bodies.push_back(left.clone());
        if bodies.len() > BODIES_PER_DEVICE_MAX
            && let Some(oldest) = bodies.pop_front()
        {
            oldest.notify_one();
        }
        drop(devices);
        Place { arrivals: self, device, left }
    }

    fn devices(&self) -> MutexGuard<'_, HashMap<DeviceId, VecDeque<Arc<Notify>>>> {
        self.devices.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// One body's place among those of its device.
struct Place<'a> {
    arrivals: &'a Arrivals,
    device: DeviceId,
    left: Arc<Notify>,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut devices = self.arrivals.devices();
        let Some(bodies) = devices.get_mut(&self.device) else { return };
        bodies.retain(|other| !Arc::ptr_eq(other, &self.left));
        if bodies.is_empty() {
            devices.remove(&self.device);
        }
    }
}

/// What a body holds of the memory.
#[derive(Default)]
struct Memory(Option<OwnedSemaphorePermit>);

impl Memory {
    /// Takes what is missing, or nothing: who waited here, holding something, would wait for others that wait.
    fn grow(&mut self, memory: &Arc<Semaphore>, bytes: usize) -> Result<(), ExchangeError> {
        let held = self.0.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let missing = bytes.div_ceil(STEP_BYTES).saturating_sub(held);
        if missing == 0 {
            return Ok(());
        }
        let more = u32::try_from(missing).map_err(|_| ExchangeError::TooLarge)?;
        let more = Arc::clone(memory).try_acquire_many_owned(more).map_err(|_| ExchangeError::Unavailable)?;
        match &mut self.0 {
            Some(held) => held.merge(more),
            None => self.0 = Some(more),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use axum::body::Bytes;
    use futures_util::stream;

    use super::*;

    const PHONE: DeviceId = DeviceId(1);

    /// A body that begins so and never ends.
    fn endless(beginning: Vec<u8>) -> Body {
        let first = stream::iter([Ok::<_, Infallible>(Bytes::from(beginning))]);
        Body::from_stream(stream::StreamExt::chain(first, stream::pending()))
    }

    #[tokio::test]
    async fn a_body_that_drips_is_given_up() {
        let drip = stream::unfold((), |()| async {
            tokio::time::sleep(Duration::from_millis(10)).await;
            Some((Ok::<_, Infallible>(Bytes::from_static(b"x")), ()))
        });
        let arrivals = Arrivals { timeout: Duration::from_millis(300), ..Arrivals::default() };
        let read = timeout(BODY_TIMEOUT, arrivals.read(PHONE, Body::from_stream(drip))).await.expect("in its time");
        assert_eq!(read.map(|arrived| arrived.bytes), Err(ExchangeError::Malformed));
        assert_eq!(arrivals.memory.available_permits(), STEPS_IN_MEMORY_MAX, "and its memory is free again");
        assert!(arrivals.devices().is_empty());
    }

    #[tokio::test]
    async fn a_body_that_stands_still_is_given_up() {
        let arrivals = Arrivals { pause: Duration::from_millis(100), ..Arrivals::default() };
        let read = timeout(PAUSE_MAX, arrivals.read(PHONE, endless(vec![1]))).await.expect("long before its time");
        assert_eq!(read.map(|arrived| arrived.bytes), Err(ExchangeError::Malformed));
    }

    #[tokio::test]
    async fn a_body_is_read_whole_up_to_the_limit() {
        let arrivals = Arrivals::default();
        let whole = vec![7; EXCHANGE_BYTES_MAX];
        let arrived = arrivals.read(PHONE, whole.clone().into()).await.map(|arrived| arrived.bytes);
        assert!(arrived == Ok(whole));
        let larger = arrivals.read(PHONE, vec![7; EXCHANGE_BYTES_MAX + 1].into()).await;
        assert_eq!(larger.map(|arrived| arrived.bytes.len()), Err(ExchangeError::TooLarge));
    }

    #[tokio::test]
    async fn what_never_ends_makes_room_for_the_same_devices_next_try() {
        let arrivals = Arc::new(Arrivals::default());
        let read = |body: Body| {
            let arrivals = arrivals.clone();
            tokio::spawn(async move { arrivals.read(PHONE, body).await.map(|arrived| arrived.bytes) })
        };
        let oldest = read(endless(vec![1]));
        tokio::task::yield_now().await;
        let others: Vec<_> = (1..BODIES_PER_DEVICE_MAX).map(|_| read(endless(vec![2]))).collect();
        tokio::task::yield_now().await;
        assert_eq!(read(b"whole".to_vec().into()).await.unwrap(), Ok(b"whole".to_vec()));
        assert_eq!(oldest.await.unwrap(), Err(ExchangeError::Malformed));
        assert!(others.iter().all(|other| !other.is_finished()), "the others still arrive");
        others.iter().for_each(|other| other.abort());
    }

    #[tokio::test]
    async fn what_broke_off_is_kept_as_far_as_it_came() {
        let arrivals = Arrivals { timeout: Duration::from_millis(100), ..Arrivals::default() };
        let broken = stream::iter([Ok(Bytes::from_static(b"half")), Err(std::io::Error::other("cut"))]);
        let arrived = arrivals.read_what_comes(PHONE, Body::from_stream(broken), 10).await.map(|arrived| arrived.bytes);
        assert_eq!(arrived, Ok(b"half".to_vec()));
        let slow = arrivals.read_what_comes(PHONE, endless(vec![1; 3]), 10).await.map(|arrived| arrived.bytes);
        assert_eq!(slow, Ok(vec![1; 3]));
        let larger = arrivals.read_what_comes(PHONE, vec![1; 11].into(), 10).await.map(|arrived| arrived.bytes);
        assert_eq!(larger, Err(ExchangeError::TooLarge));
    }

    #[tokio::test]
    async fn bodies_of_many_devices_share_the_memory() {
        let arrivals = Arc::new(Arrivals::default());
        let bodies = STEPS_IN_MEMORY_MAX * STEP_BYTES / EXCHANGE_BYTES_MAX;
        let slow: Vec<_> = (0..bodies)
            .map(|device| {
                let arrivals = arrivals.clone();
                let body = endless(vec![0; EXCHANGE_BYTES_MAX]);
                tokio::spawn(async move { arrivals.read(DeviceId(10 + device as i64), body).await.is_ok() })
            })
            .collect();
        while arrivals.memory.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        let refused = arrivals.read(PHONE, vec![1].into()).await;
        assert_eq!(refused.map(|arrived| arrived.bytes), Err(ExchangeError::Unavailable));
        for body in &slow {
            body.abort();
        }
        while arrivals.memory.available_permits() == 0 {
            tokio::task::yield_now().await;
        }
        assert!(arrivals.read(PHONE, vec![1].into()).await.is_ok());
    }
}
