//! Waking a waiting task: raising it while nobody waits is remembered once.

use std::{
    cell::{Cell, RefCell},
    future::poll_fn,
    task::{Poll, Waker},
};

/// For one waiting task; the browser's event loop is one thread.
#[derive(Debug, Default)]
pub(crate) struct Notify {
    raised: Cell<bool>,
    waiting: RefCell<Option<Waker>>,
}

impl Notify {
    pub(crate) fn raise(&self) {
        self.raised.set(true);
        if let Some(waiting) = self.waiting.take() {
            waiting.wake();
        }
    }

    pub(crate) async fn wait(&self) {
        poll_fn(|context| {
            if self.raised.replace(false) {
                return Poll::Ready(());
            }
            self.waiting.replace(Some(context.waker().clone()));
            Poll::Pending
        })
        .await;
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn what_was_raised_before_the_wait_is_not_missed() {
        let notify = Notify::default();
        assert_eq!(notify.wait().now_or_never(), None);
        notify.raise();
        notify.raise();
        assert_eq!(notify.wait().now_or_never(), Some(()));
        assert_eq!(notify.wait().now_or_never(), None);
    }
}
