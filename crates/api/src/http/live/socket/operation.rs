use std::{
    collections::HashMap,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, PoisonError},
};

use futures_util::{FutureExt, StreamExt};
use serde_json::Value;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::{close::Close, outbox::Outbox, protocol::ServerMessage};
use crate::{
    http::{
        app::App,
        live::{
            begin::{self, Subscribed, Told},
            entered::{Entered, Payer},
        },
        params::Params,
        refusal::Refusal,
        request_info::RequestInfo,
        respond::GraphqlBody,
    },
    live::Resume,
};

/// What is under way on one socket.
pub(super) struct Operations {
    app: Arc<App>,
    outbox: Outbox,
    under_way: Arc<Mutex<HashMap<String, Entry>>>,
    serial: u64,
    /// Counts how often rights have changed.
    rights: watch::Sender<u64>,
    over: CancellationToken,
}

struct Entry {
    serial: u64,
    cancelled: CancellationToken,
}

/// One of them.
struct Operation {
    app: Arc<App>,
    outbox: Outbox,
    under_way: Arc<Mutex<HashMap<String, Entry>>>,
    id: String,
    serial: u64,
    info: RequestInfo,
    payer: Payer,
    /// What its address has paid for the message.
    deposit: u64,
    rights: watch::Receiver<u64>,
}

impl Operations {
    pub(super) fn new(app: Arc<App>, outbox: Outbox) -> Self {
        Self {
            app,
            outbox,
            under_way: Arc::default(),
            serial: 0,
            rights: watch::Sender::new(0),
            over: CancellationToken::new(),
        }
    }

    /// Starts an operation in a task of its own. A good one gives the `deposit` of its message back.
    ///
    /// # Errors
    /// 4409 when one of this id is under way, 4290 when there is no room to refuse it.
    pub(super) async fn begin(
        &mut self,
        id: String,
        params: Result<Params, Refusal>,
        entered: &Entered,
        deposit: u64,
    ) -> Result<(), Close> {
        let mut info = entered.info.clone();
        info.request_id = (self.app.new_request_id)();
        let most = self.app.config.live.operations_each;
        let refused = {
            let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
            if under_way.contains_key(&id) {
                return Err(Close::DUPLICATE);
            }
            self.serial += 1;
            match params {
                Ok(_) if under_way.len() >= most => Refusal::document(
                    "OPERATION_LIMIT_EXCEEDED",
                    format!("At most {most} operations may be under way on one socket."),
                ),
                Ok(params) => {
                    let cancelled = self.over.child_token();
                    let operation = Operation {
                        app: Arc::clone(&self.app),
                        outbox: self.outbox.clone(),
                        under_way: Arc::clone(&self.under_way),
                        id: id.clone(),
                        serial: self.serial,
                        info,
                        payer: entered.payer.clone(),
                        deposit,
                        rights: self.rights.subscribe(),
                    };
                    under_way.insert(id, Entry { serial: self.serial, cancelled: cancelled.clone() });
                    let task = async move {
                        tokio::select! {
                            () = cancelled.cancelled() => {}
                            () = operation.run(params) => {}
                        }
                    };
                    tokio::spawn(task.in_current_span());
                    return Ok(());
                }
                Err(refusal) => refusal,
            }
        };
        let body = GraphqlBody::refused(&refused, &info.request_id);
        match self.outbox.send(&ServerMessage::Error { id: &id, payload: &body.errors() }).await {
            true => Ok(()),
            false => Err(Close::TOO_SLOW),
        }
    }

    /// Ends the one of this id, if it is under way. A mutation that has begun goes on; nobody hears of its end.
    pub(super) fn cancel(&self, id: &str) {
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = under_way.remove(id) {
            entry.cancelled.cancel();
        }
    }

    /// Has all subscriptions go on with the rights of now.
    pub(super) fn begin_again(&self) {
        self.rights.send_modify(|count| *count += 1);
    }

    /// Ends them all.
    pub(super) fn end(&self) {
        self.over.cancel();
    }
}

impl Operation {
    async fn run(mut self, params: Params) {
        let answered = AssertUnwindSafe(self.answer(params)).catch_unwind().await;
        let errors = answered.unwrap_or_else(|_| {
            tracing::error!("an operation of a socket did not come to its end");
            Err(GraphqlBody::refused(&Refusal::internal(), &self.info.request_id).errors())
        });
        self.finish(errors.err()).await;
    }

    /// Sends what it comes to. The errors of a request that was not executed are answered.
    async fn answer(&mut self, params: Params) -> Result<(), Value> {
        let refused =
            |refusal: Refusal, info: &RequestInfo| GraphqlBody::refused(&refusal, &info.request_id).errors();
        let admitted = begin::admit(&self.app, params).await.map_err(|it| refused(it, &self.info))?;
        if begin::is_stream(&admitted) {
            let subscribed = Subscribed::of(&self.app, &self.payer, &admitted);
            let subscribed = subscribed.map_err(|it| refused(it, &self.info))?;
            let (resume, deposit) = (Resume::default(), &mut self.deposit);
            let begun = begin::subscribe(&self.app, &self.info, &self.payer, admitted, &resume, deposit);
            let mut stream = begun.await.map_err(|it| refused(it, &self.info))?;
            loop {
                let response = tokio::select! {
                    biased;
                    Ok(()) = self.rights.changed() => {
                        // Dropped first: what it was about to say must not be said with rights of yesterday.
                        drop(stream);
                        let gone_on = subscribed.go_on(&self.app, &self.info, &resume).await;
                        stream = gone_on.map_err(|it| refused(it, &self.info))?;
                        continue;
                    }
                    response = stream.next() => response,
                };
                let Some(response) = response else { return Ok(()) };
                match begin::told(response, &self.info.request_id) {
                    Told::Refused(body) => return Err(body.errors()),
                    Told::Next(body) => self.next(&body).await,
                }
                resume.deliver();
            }
        }
        let body = begin::once(&self.app, &self.info, &self.payer, admitted, &mut self.deposit).await;
        let body = body.map_err(|it| refused(it, &self.info))?;
        if body.is_request_error() {
            return Err(body.errors());
        }
        self.next(&body).await;
        Ok(())
    }

    async fn next(&self, body: &GraphqlBody) {
        self.outbox.send(&ServerMessage::Next { id: &self.id, payload: body }).await;
    }

    /// The id is free before the client hears of the end: it may use it again at once.
    async fn finish(self, errors: Option<Value>) {
        {
            let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
            if under_way.get(&self.id).is_none_or(|entry| entry.serial != self.serial) {
                return;
            }
            under_way.remove(&self.id);
        }
        let id = &self.id;
        match &errors {
            Some(payload) => self.outbox.send(&ServerMessage::Error { id, payload }).await,
            None => self.outbox.send(&ServerMessage::Complete { id }).await,
        };
    }
}
