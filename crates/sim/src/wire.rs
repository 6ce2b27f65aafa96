//! The connection below HTTP: a listener whose connections can be reset from inside a handler,
//! and the broken bodies that a fault asks for.

use axum::Router;
use axum::body::Body;
use axum::extract::connect_info::Connected;
use axum::response::Response;
use axum::serve::IncomingStream;
use bytes::Bytes;
use futures::StreamExt as _;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// The scissors of one connection.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cut(Arc<AtomicBool>);

impl Cut {
    /// Resets the connection instead of the next write.
    pub(crate) fn now(&self) {
        self.0.store(true, Ordering::Release);
    }
    fn is_cut(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// Accepts connections that carry their scissors as their address.
pub(crate) struct Listener(TcpListener);

impl axum::serve::Listener for Listener {
    type Io = Io;
    type Addr = Cut;

    async fn accept(&mut self) -> (Io, Cut) {
        let (stream, _) = axum::serve::Listener::accept(&mut self.0).await;
        let _ = stream.set_nodelay(true);
        let cut = Cut::default();
        (Io { stream, cut: cut.clone() }, cut)
    }
    fn local_addr(&self) -> io::Result<Cut> {
        Ok(Cut::default())
    }
}

impl Connected<IncomingStream<'_, Listener>> for Cut {
    fn connect_info(stream: IncomingStream<'_, Listener>) -> Self {
        stream.remote_addr().clone()
    }
}

/// One connection.
pub(crate) struct Io {
    stream: TcpStream,
    cut: Cut,
}

impl Io {
    fn check(&self) -> io::Result<()> {
        if self.cut.is_cut() {
            // Without lingering, closing sends RST: the peer sees a reset, not an end.
            let _ = self.stream.set_zero_linger();
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        Ok(())
    }
}

impl AsyncRead for Io {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Io {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }
    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// Stops accepting when dropped.
#[derive(Debug)]
pub(crate) struct Running(JoinHandle<()>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Serves on that address (port 0: any free one) until the guard is dropped.
pub(crate) async fn serve(router: Router, listen: SocketAddr) -> io::Result<(SocketAddr, Running)> {
    let listener = TcpListener::bind(listen).await?;
    let address = listener.local_addr()?;
    let service = router.into_make_service_with_connect_info::<Cut>();
    let task = tokio::spawn(async move {
        let ended = axum::serve(Listener(listener), service).await;
        tracing::debug!(?ended, "simulator ended");
    });
    Ok((address, Running(task)))
}

/// Builds a JSON response.
pub(crate) fn json(status: u16, headers: &[(String, String)], body: impl Into<Bytes>) -> Response {
    typed(status, "application/json", headers, body.into())
}

/// What a proxy in between answers.
pub(crate) fn garbage() -> Response {
    typed(200, "text/html", &[], Bytes::from_static(b"<html><body>It works!</body></html>"))
}

/// Ends the connection in the middle of the body.
pub(crate) fn half(whole: Bytes) -> Response {
    let length = whole.len();
    let first = whole.slice(..length / 2);
    let pieces = [Ok(first), Err(io::Error::from(io::ErrorKind::ConnectionReset))];
    let mut response = Response::new(Body::from_stream(futures::stream::iter(pieces).then(yielding)));
    let headers = response.headers_mut();
    headers.insert("content-type", axum::http::HeaderValue::from_static("application/json"));
    headers.insert("content-length", length.into());
    response
}

/// Lets the connection write a piece before the next one is asked for.
async fn yielding<T>(piece: T) -> T {
    tokio::task::yield_now().await;
    piece
}

pub(crate) fn typed(status: u16, media: &str, headers: &[(String, String)], body: Bytes) -> Response {
    let mut builder = Response::builder().status(status).header("content-type", media);
    for (name, value) in headers {
        builder = builder.header(name, value);
    }
    builder.body(Body::from(body)).unwrap_or_default()
}
