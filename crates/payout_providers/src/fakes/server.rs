use std::{io, net::SocketAddr};

use axum::{Router, body::Body};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
};
use tower::ServiceExt;

use super::answer::{Cut, Said};
use crate::BaseUrl;

/// Serves routes on a port of this machine until it is dropped.
pub(super) struct Server {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Server {
    pub(super) async fn start(routes: Router) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let task = tokio::spawn(async move {
            // They end with the server: a client that kept its connection finds it closed.
            let mut talks = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                while talks.try_join_next().is_some() {}
                talks.spawn(converse(stream, routes.clone()));
            }
        });
        Ok(Self { address, task })
    }

    pub(super) fn base(&self) -> BaseUrl {
        BaseUrl::of_socket(self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// An error of the service closes the connection without an answer, which axum's own server cannot do.
async fn converse(stream: TcpStream, routes: Router) {
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let routes = routes.clone();
        async move {
            let said = routes.oneshot(request.map(Body::new)).await.unwrap_or_else(|never| match never {});
            not_cut(said)
        }
    });
    // A client that goes away in the middle is part of many tests.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

fn not_cut(said: Said) -> Result<Said, io::Error> {
    match said.extensions().get::<Cut>() {
        Some(Cut) => Err(io::ErrorKind::ConnectionReset.into()),
        None => Ok(said),
    }
}
