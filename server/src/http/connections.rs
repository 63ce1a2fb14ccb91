//! Connections: how many there may be, and when one is given up.
//!
//! No speed is assumed: a village's line may carry a hundred bytes a second and is welcome. Given up is a connection on
//! which nothing at all has moved in either direction for a while: headers, bodies and answers that stopped on their way,
//! and phones that went out of reach without a word.

use std::{
    future::Future,
    io,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::serve::Listener;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, Sleep, sleep},
};

/// Connections at a time, more than live streams ([`super::live::STREAMS_MAX`]), so that exchanges go on beside them; who
/// comes later waits in the system's queue until one ends. Each costs a file of the process
/// (`LimitNOFILE`) and some 20 KiB.
const CONNECTIONS_MAX: usize = 32_768;
/// How long nothing may move. Longer than a live stream's pauses and than the server ever thinks about one exchange.
const STILL_MAX: Duration = Duration::from_secs(180);

/// A listener whose connections are counted, and end when they stand still.
pub(super) struct Connections {
    listener: TcpListener,
    places: Arc<Semaphore>,
}

impl Connections {
    pub(super) fn on(listener: TcpListener) -> Self {
        Self { listener, places: Arc::new(Semaphore::new(CONNECTIONS_MAX)) }
    }
}

impl Listener for Connections {
    type Io = Moving<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, SocketAddr) {
        // Nobody closes the semaphore.
        let place = self.places.clone().acquire_owned().await.ok();
        let (stream, address) = Listener::accept(&mut self.listener).await;
        // Small answers go out at once instead of waiting for more.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection stays slow");
        }
        (Moving { _place: place, ..Moving::new(stream, STILL_MAX) }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// A stream that fails once nothing has moved on it for a while.
pub(super) struct Moving<S> {
    stream: S,
    still_max: Duration,
    moved: Instant,
    alarm: Pin<Box<Sleep>>,
    _place: Option<OwnedSemaphorePermit>,
}

impl<S> Moving<S> {
    fn new(stream: S, still_max: Duration) -> Self {
        Self { stream, still_max, moved: Instant::now(), alarm: Box::pin(sleep(still_max)), _place: None }
    }

    /// Passes on what happened; what has to wait does so until the alarm.
    fn watched<T>(&mut self, cx: &mut Context<'_>, happened: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if happened.is_ready() {
            self.moved = Instant::now();
            return happened;
        }
        loop {
            ready!(self.alarm.as_mut().poll(cx));
            let end = self.moved + self.still_max;
            if end <= Instant::now() {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            self.alarm.as_mut().reset(end);
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Moving<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let read = Pin::new(&mut this.stream).poll_read(cx, buffer);
        this.watched(cx, read)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Moving<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write(cx, bytes);
        this.watched(cx, written)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write_vectored(cx, slices);
        this.watched(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    const SOON: Duration = Duration::from_millis(200);

    #[tokio::test]
    async fn what_stands_still_is_given_up() {
        let (near, far) = duplex(8);
        let mut connection = Moving::new(near, SOON);
        let read = connection.read_u8().await;
        assert_eq!(read.map_err(|error| error.kind()), Err(io::ErrorKind::TimedOut));
        let (near, _far) = duplex(8);
        let mut connection = Moving::new(near, SOON);
        let written = connection.write_all(&[0; 64]).await;
        assert_eq!(written.map_err(|error| error.kind()), Err(io::ErrorKind::TimedOut), "nobody takes the answer");
        drop(far);
    }

    #[tokio::test]
    async fn what_moves_goes_on_however_slowly() {
        let (near, mut far) = duplex(8);
        let mut connection = Moving::new(near, SOON);
        let drip = tokio::spawn(async move {
            for byte in 0..8 {
                tokio::time::sleep(SOON / 4).await;
                far.write_u8(byte).await.unwrap();
            }
            far
        });
        for byte in 0..8 {
            assert_eq!(connection.read_u8().await.unwrap(), byte, "longer in all than it may stand still");
        }
        drop(drip);
    }
}
