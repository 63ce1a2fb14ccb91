//! Group commit: submissions that wait share one transaction. One writer per server, because a
//! commit's price is the wait for the disk, not the number of changes in it.

use std::{
    sync::{Arc, Mutex},
    thread::available_parallelism,
};

use lianxin_shared::{
    id::SpaceId,
    rights::Person,
    wire::{SentChange, SentRequest},
};
use tokio::{
    sync::{Semaphore, mpsc, oneshot, watch},
    task::JoinHandle,
};

use super::{
    HubError,
    decide::{Submission, decide, plan},
    official,
    read::former_posts,
    rules::Rules,
    verify::verify_all,
};
use crate::store::{Answers, Device, Store, StoreError};

/// Submissions that wait for the writer; who comes when it is full waits before the queue.
const WAITING_MAX: usize = 256;
/// Submissions, and changes, in one transaction. Beyond that the pages which it touches no longer fit the store's cache,
/// and are written more than once.
const SUBMISSIONS_PER_WRITE_MAX: usize = 128;
const CHANGES_PER_WRITE_MAX: usize = 1024;
/// Times that a submission that fails by itself is tried: the first may have lost a race against
/// another server.
const TRIES: usize = 2;

struct Job {
    submission: Submission,
    reply: oneshot::Sender<Result<Answers, HubError>>,
}

/// What one exchange, edit or act brings.
#[derive(Default)]
pub(super) struct Sent {
    pub(super) changes: Vec<SentChange>,
    pub(super) requests: Vec<SentRequest>,
    /// Staff have ended the device, or the account: nothing of it is believed, all of it is kept for staff to see.
    pub(super) ended: bool,
}

/// The way to the task that writes.
pub(super) struct Writer {
    pub(super) store: Arc<dyn Store>,
    pub(super) rules: Rules,
    jobs: mpsc::Sender<Job>,
    stop: watch::Sender<bool>,
    task: Mutex<Option<JoinHandle<()>>>,
    /// Verifying is work for a core, not waiting.
    cores: Semaphore,
}

impl Writer {
    pub(super) fn start(store: Arc<dyn Store>) -> Self {
        let (jobs, waiting) = mpsc::channel(WAITING_MAX);
        let (stop, stopping) = watch::channel(false);
        let task = Mutex::new(Some(tokio::spawn(run(store.clone(), waiting, stopping))));
        let cores = Semaphore::new(available_parallelism().map_or(1, usize::from));
        Self { store, rules: Rules::default(), jobs, stop, task, cores }
    }

    /// Verifies, authorizes and stores changes, and decides requests; one answer each. They are
    /// stored, or not, even if the caller does not wait for the answer.
    pub(super) async fn submit(
        &self,
        device: &Device,
        person: &Person,
        home: Option<SpaceId>,
        sent: Sent,
        now_ms: i64,
    ) -> Result<Answers, HubError> {
        let Sent { changes, requests, ended } = sent;
        if changes.is_empty() && requests.is_empty() {
            return Ok(Answers::default());
        }
        let (changes, fresh) = {
            let _core = self.cores.acquire().await.map_err(|_| HubError::Unavailable)?;
            verify_all(changes).await?
        };
        let (mut filed, mut book) = (Vec::new(), Arc::default());
        if !requests.is_empty() {
            book = self.rules.in_force(&*self.store, now_ms).await?.book;
            filed = official::look_up(&*self.store, person, requests, &fresh, now_ms).await?;
        }
        let former = former_posts(&*self.store, person).await?;
        let submission = Submission::of(device.id, person.clone(), former, now_ms);
        self.put(Submission { home, changes, fresh, requests: filed, book, ended, ..submission }).await
    }

    /// Waits until the submission is decided and stored.
    pub(super) async fn put(&self, submission: Submission) -> Result<Answers, HubError> {
        let (reply, answer) = oneshot::channel();
        self.jobs.send(Job { submission, reply }).await.map_err(|_| HubError::Unavailable)?;
        answer.await.map_err(|_| HubError::Unavailable)?
    }

    /// Finishes what was accepted; takes nothing more.
    pub(super) async fn stop(&self) {
        self.stop.send_replace(true);
        let task = self.task.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).take();
        if let Some(task) = task
            && let Err(error) = task.await
        {
            tracing::error!(%error, "the writer ended badly");
        }
    }
}

async fn run(store: Arc<dyn Store>, mut waiting: mpsc::Receiver<Job>, mut stopping: watch::Receiver<bool>) {
    loop {
        let first = tokio::select! {
            job = waiting.recv() => job,
            _ = stopping.wait_for(|stop| *stop), if !waiting.is_closed() => {
                // What is in the queue still comes out of it.
                waiting.close();
                continue;
            }
        };
        let Some(first) = first else { return };
        let jobs = group(first, &mut waiting);
        write(&*store, jobs).await;
    }
}

fn group(first: Job, waiting: &mut mpsc::Receiver<Job>) -> Vec<Job> {
    let mut changes = first.submission.size();
    let mut jobs = vec![first];
    while jobs.len() < SUBMISSIONS_PER_WRITE_MAX
        && changes < CHANGES_PER_WRITE_MAX
        && let Ok(job) = waiting.try_recv()
    {
        changes += job.submission.size();
        jobs.push(job);
    }
    jobs
}

/// Writes a group; if that fails, each submission by itself, so that none pays for another.
async fn write(store: &dyn Store, jobs: Vec<Job>) {
    let (submissions, replies): (Vec<_>, Vec<_>) = jobs.into_iter().map(|job| (job.submission, job.reply)).unzip();
    let submissions = Arc::new(submissions);
    if submissions.len() > 1 {
        match write_range(store, &submissions, 0, submissions.len()).await {
            Ok(Answers { outcomes, verdicts }) => {
                let (mut outcomes, mut verdicts) = (outcomes.into_iter(), verdicts.into_iter());
                for (submission, reply) in submissions.iter().zip(replies) {
                    let own = Answers {
                        outcomes: outcomes.by_ref().take(submission.changes.len()).collect(),
                        verdicts: verdicts.by_ref().take(submission.requests.len()).collect(),
                    };
                    // Whoever no longer waits finds the answers by sending again.
                    let _ = reply.send(Ok(own));
                }
                return;
            }
            Err(error) => tracing::warn!(%error, submissions = submissions.len(), "a group is written one by one"),
        }
    }
    for (index, reply) in replies.into_iter().enumerate() {
        let mut result = Ok(Answers::default());
        for _ in 0..TRIES {
            result = write_range(store, &submissions, index, index + 1).await;
            match &result {
                Ok(_) => break,
                Err(error) => tracing::error!(%error, "a submission could not be written"),
            }
        }
        let _ = reply.send(result.map_err(HubError::Store));
    }
}

async fn write_range(
    store: &dyn Store,
    submissions: &Arc<Vec<Submission>>,
    from: usize,
    to: usize,
) -> Result<Answers, StoreError> {
    let shared = submissions.clone();
    let plan = plan(&submissions[from..to]);
    store.write(plan, Box::new(move |snapshot| decide(&shared[from..to], &snapshot))).await
}
