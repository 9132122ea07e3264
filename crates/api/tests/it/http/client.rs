use std::net::SocketAddr;

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// A request written byte by byte, so that a test can also send what no library would.
#[derive(Clone)]
pub struct Call {
    to: SocketAddr,
    method: &'static str,
    target: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Call {
    pub fn post(to: SocketAddr, body: impl Into<Vec<u8>>) -> Self {
        Self::new(to, "POST", "/graphql").header("content-type", "application/json").body(body)
    }

    pub fn query(to: SocketAddr, query: &str) -> Self {
        Self::post(to, json!({ "query": query }).to_string())
    }

    pub fn get(to: SocketAddr, target: &str) -> Self {
        Self::new(to, "GET", target)
    }

    pub fn new(to: SocketAddr, method: &'static str, target: &str) -> Self {
        Self { to, method, target: target.to_owned(), headers: Vec::new(), body: Vec::new() }
    }

    /// Adds a header, or replaces the one of that name.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self
    }

    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// Accepts the media type whose status tells request errors apart.
    pub fn strict(self) -> Self {
        self.header("accept", "application/graphql-response+json")
    }

    pub fn head(&self) -> String {
        let mut head =
            format!("{} {} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n", self.method, self.target);
        for (name, value) in &self.headers {
            head += &format!("{name}: {value}\r\n");
        }
        head + &format!("content-length: {}\r\n\r\n", self.body.len())
    }

    pub async fn send(self) -> Answer {
        let mut stream = TcpStream::connect(self.to).await.unwrap();
        stream.write_all(self.head().as_bytes()).await.unwrap();
        stream.write_all(&self.body).await.unwrap();
        Answer::read(&mut stream).await
    }
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    head: String,
    pub text: String,
}

impl Answer {
    /// Reads to the end of the connection.
    pub async fn read(stream: &mut TcpStream) -> Self {
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await.unwrap();
        // An asset is compressed: of it only the head is read.
        let text = String::from_utf8_lossy(&bytes);
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text:?}"));
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Self { status, head: head.to_owned(), text: body.to_owned() }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.filter(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value).next()
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {:?}", self.text))
    }

    /// `extensions.code` of the first error; empty when there is none.
    pub fn code(&self) -> String {
        self.json()["errors"][0]["extensions"]["code"].as_str().unwrap_or_default().to_owned()
    }
}
