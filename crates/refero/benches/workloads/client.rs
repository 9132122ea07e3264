use std::net::SocketAddr;

use anyhow::{Context, ensure};
use axum::{
    body::{Body, to_bytes},
    http::{Request, StatusCode, header},
};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use ids::TransactionId;
use serde_json::json;
use tokio::net::TcpStream;

use crate::seed::{Shop, customer_key};

const LARGEST: usize = 64 * 1024;

const RECORD: &str = "mutation Record($program: ID!, $input: TransactionInput!) { \
     transactionRecord(programId: $program, input: $input) { transaction { id } userErrors { message } } }";

/// One connection that is kept.
pub struct Connection {
    sender: SendRequest<Body>,
    host: String,
}

impl Connection {
    pub async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self { sender, host: address.to_string() })
    }

    /// Whether a GET is answered 200.
    pub async fn get_ok(&mut self, path: &str) -> bool {
        let Ok(request) = Request::get(path).header(header::HOST, &self.host).body(Body::empty()) else {
            return false;
        };
        self.sender.send_request(request).await.is_ok_and(|response| response.status() == StatusCode::OK)
    }

    /// Records a sale as an integrator does, and answers its id.
    pub async fn record(&mut self, shop: &Shop, sale: &Sale) -> anyhow::Result<TransactionId> {
        let request = Request::post("/graphql")
            .header(header::HOST, &self.host)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::AUTHORIZATION, format!("Bearer {}", shop.api_key))
            .body(Body::from(sale.body(shop)))?;
        self.sender.ready().await?;
        let response = self.sender.send_request(request).await?;
        let status = response.status();
        let body = to_bytes(Body::new(response.into_body()), LARGEST).await?;
        let said = || format!("{status}: {}", String::from_utf8_lossy(&body));
        ensure!(status == StatusCode::OK, said());
        let answer: serde_json::Value = serde_json::from_slice(&body)?;
        let id = answer["data"]["transactionRecord"]["transaction"]["id"].as_str().with_context(said)?;
        Ok(id.parse()?)
    }
}

/// A sale to be recorded.
pub struct Sale {
    pub key: String,
    pub customer: usize,
    pub cents: usize,
}

impl Sale {
    fn body(&self, shop: &Shop) -> String {
        let amount = format!("{}.{:02}", self.cents / 100, self.cents % 100);
        let input = json!({
            "key": self.key,
            "customerKey": customer_key(self.customer),
            "amount": { "amount": amount, "currency": "USD" },
        });
        json!({ "query": RECORD, "variables": { "program": shop.program_id, "input": input } }).to_string()
    }
}
