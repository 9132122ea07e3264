//! Clients that send slowly, never end, never read, or come in crowds.

use std::time::{Duration, Instant};

use api::http::{HttpConfig, Limiter, Sockets};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{sleep, timeout},
};

use super::{client::Answer, server::Server};

const SHORT: Duration = Duration::from_millis(200);

async fn impatient(sockets: Sockets) -> Server {
    let mut config = HttpConfig::for_testing();
    config.body_deadline = SHORT;
    Server::with(config, Limiter::in_process(), sockets).await
}

#[tokio::test]
async fn a_body_that_drips_is_given_up() {
    let server = impatient(Sockets::default()).await;
    let mut stream = TcpStream::connect(server.addr).await.unwrap();
    stream.write_all(server.query("{hello}").head().as_bytes()).await.unwrap();
    stream.write_all(b"{\"qu").await.unwrap();
    let answer = Answer::read(&mut stream).await;
    assert_eq!((answer.status, answer.code().as_str()), (408, "REQUEST_TIMEOUT"));
}

#[tokio::test]
async fn a_head_that_never_ends_is_closed() {
    let server = impatient(Sockets { head_deadline: SHORT, ..Sockets::default() }).await;
    let mut stream = TcpStream::connect(server.addr).await.unwrap();
    stream.write_all(b"POST /graphql HTTP/1.1\r\nhost: localhost\r\n").await.unwrap();
    let started = Instant::now();
    let mut bytes = Vec::new();
    // Whether it says 408 first is the library's affair.
    let _ = timeout(Duration::from_secs(3), stream.read_to_end(&mut bytes)).await.unwrap();
    assert!(started.elapsed() >= SHORT / 2);
}

#[tokio::test]
async fn an_answer_that_nobody_reads_is_dropped() {
    let server = impatient(Sockets { write_stall: SHORT, most: 1, ..Sockets::default() }).await;
    let mut stream = TcpStream::connect(server.addr).await.unwrap();
    stream.write_all(server.query("{large}").head().as_bytes()).await.unwrap();
    stream.write_all(b"{\"query\":\"{large}\"}").await.unwrap();
    sleep(Duration::from_millis(50)).await;
    let next = timeout(Duration::from_secs(20), server.query("{hello}").send()).await.unwrap();
    assert_eq!(next.status, 200, "its place is free again while its socket is still open");
    drop(stream);
}

#[tokio::test]
async fn a_crowd_waits_for_a_place() {
    let server = impatient(Sockets { most: 2, head_deadline: SHORT, ..Sockets::default() }).await;
    let mut idle = Vec::new();
    for _ in 0..20 {
        idle.push(TcpStream::connect(server.addr).await.unwrap());
    }
    let answer = timeout(Duration::from_secs(10), server.query("{hello}").send()).await.unwrap();
    assert_eq!(answer.status, 200, "idle connections make room");
    drop(idle);
}

#[tokio::test]
async fn only_so_many_large_bodies_are_held_at_once() {
    let server = Server::configured(|config| config.large_bodies = 1).await;
    let large = |padding: usize| server.query(&format!("{{hello}}{}", " ".repeat(padding)));
    let mut slow = TcpStream::connect(server.addr).await.unwrap();
    slow.write_all(large(30_000).head().as_bytes()).await.unwrap();
    slow.write_all(&[b' '; 20_000]).await.unwrap();
    sleep(Duration::from_millis(100)).await;
    let second = large(30_000).send().await;
    assert_eq!((second.status, second.code().as_str()), (503, "OVERLOADED"));
    assert_eq!(large(10_000).send().await.status, 200);
    drop(slow);
    sleep(Duration::from_millis(100)).await;
    assert_eq!(large(30_000).send().await.status, 200);
}
