use std::{ops::ControlFlow, sync::Arc, time::Duration};

use axum::{
    extract::ws::{CloseFrame, Message, WebSocket},
    http::StatusCode,
};
use futures_util::{
    SinkExt, StreamExt,
    stream::{SplitSink, SplitStream},
};
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep_until, timeout};

use super::{
    close::{Close, Closing},
    greeting::Greeting,
    operation::Operations,
    outbox::Outbox,
    protocol::{ClientMessage, ServerMessage},
};
use crate::http::{
    app::App,
    handler,
    live::{
        entered::{Entered, Lost},
        places::Place,
    },
    request_info::RequestInfo,
};

/// How long a client may take for what is under way and our close frame. A slow one is slow in this too.
const FAREWELL: Duration = Duration::from_secs(5);

/// One socket, from its upgrade to its end. Reading and writing are one task: whichever ends first ends both.
pub(super) async fn run(app: Arc<App>, socket: WebSocket, greeting: Greeting, place: Place) {
    let _counted = app.metrics.live().socket();
    let is_known = socket.protocol().is_some();
    let (mut sink, mut stream) = socket.split();
    let closing = Closing::default();
    let config = &app.config.live;
    let (outbox, mut waiting) = Outbox::new(config.backlog_bytes, config.patience, closing.clone());
    let mut session = Session {
        operations: Operations::new(Arc::clone(&app), outbox.clone()),
        app: Arc::clone(&app),
        outbox,
        greeting,
        place: Some(place),
        opened: Instant::now(),
        unanswered: 0,
        entered: None,
    };
    let why = match is_known {
        false => Some(Close::SUBPROTOCOL),
        true => tokio::select! {
            why = session.read(&mut stream) => why,
            why = closing.asked() => Some(why),
            () = waiting.write(&mut sink) => None,
            () = app.ending.cancelled() => Some(Close::GOING_AWAY),
        },
    };
    session.operations.end();
    if let Some(why) = why {
        app.metrics.live().closed(why.code);
        // A client that takes nothing any more is left at the end of our patience.
        let _ = timeout(FAREWELL, farewell(&mut sink, &mut stream, why)).await;
    }
}

async fn farewell(sink: &mut SplitSink<WebSocket, Message>, stream: &mut SplitStream<WebSocket>, why: Close) {
    let frame = CloseFrame { code: why.code, reason: why.reason.into() };
    if sink.send(Message::Close(Some(frame))).await.is_ok() {
        // Until it answers: what it sent meanwhile would otherwise reset the connection under the frame.
        while let Some(Ok(_)) = stream.next().await {}
    }
}

struct Session {
    app: Arc<App>,
    greeting: Greeting,
    /// Of its address; given up for one of its own by who enters.
    place: Option<Place>,
    outbox: Outbox,
    operations: Operations,
    opened: Instant,
    /// Our pings since the last sign of life.
    unanswered: u32,
    entered: Option<Entered>,
}

type Step = ControlFlow<Option<Close>>;

impl Session {
    /// Reads until the socket is to be closed, for the reason that is answered; for none when the client has left.
    async fn read(&mut self, stream: &mut SplitStream<WebSocket>) -> Option<Close> {
        let config = &self.app.config.live;
        let init_deadline = self.opened + config.init_deadline;
        let ping_every = config.ping_every;
        let mut pings = interval_at(self.opened + ping_every, ping_every);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let has_entered = self.entered.is_some();
            let step = tokio::select! {
                () = sleep_until(init_deadline), if !has_entered => Step::Break(Some(Close::INIT_TIMEOUT)),
                () = rights_changed(self.entered.as_mut()), if has_entered => self.look_again().await,
                _ = pings.tick() => self.look_for_life(),
                message = stream.next() => self.hear(message).await,
            };
            if let Step::Break(why) = step {
                return why;
            }
        }
    }

    /// Counts pings and not the time: while we were busy ourselves, an answer may have come that nobody has read.
    fn look_for_life(&mut self) -> Step {
        if self.unanswered >= 2 {
            return Step::Break(Some(Close::NO_PONG));
        }
        self.unanswered += 1;
        self.outbox.ping();
        Step::Continue(())
    }

    async fn hear(&mut self, message: Option<Result<Message, axum::Error>>) -> Step {
        self.unanswered = 0;
        match message {
            Some(Ok(Message::Text(text))) => self.hear_text(&text).await,
            Some(Ok(Message::Binary(_))) => Step::Break(Some(Close::bad_message("Messages must be texts."))),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Step::Continue(()),
            Some(Err(error)) if is_too_large(&error) => Step::Break(Some(Close::TOO_LARGE)),
            Some(Ok(Message::Close(_)) | Err(_)) | None => Step::Break(None),
        }
    }

    /// As by POST, the address pays before anything is read, and has it back for what is good.
    async fn hear_text(&mut self, text: &str) -> Step {
        if self.entered.is_none() && text.len() > self.app.config.live.stranger_bytes {
            return Step::Break(Some(Close::TOO_LARGE));
        }
        let Ok(deposit) = handler::pay_deposit(&self.app, self.greeting.stranger()).await else {
            return Step::Break(Some(Close::TRY_AGAIN));
        };
        match ClientMessage::read(text) {
            Ok(message) => self.act(message, deposit).await,
            Err(why) => Step::Break(Some(why)),
        }
    }

    async fn act(&mut self, message: ClientMessage, deposit: u64) -> Step {
        let is_operation = matches!(message, ClientMessage::Subscribe { .. });
        let step = self.follow(message, deposit).await;
        if !is_operation && step.is_continue() && self.entered.is_some() {
            handler::return_deposit(&self.app, self.greeting.stranger(), deposit).await;
        }
        step
    }

    async fn follow(&mut self, message: ClientMessage, deposit: u64) -> Step {
        match message {
            ClientMessage::Init(_) if self.entered.is_some() => Step::Break(Some(Close::SECOND_INIT)),
            ClientMessage::Init(payload) => match self.greeting.introduced(&payload) {
                Ok(info) => self.enter(info).await,
                Err(why) => Step::Break(Some(why)),
            },
            ClientMessage::Ping(payload) => self.send(&ServerMessage::Pong { payload }).await,
            ClientMessage::Pong => Step::Continue(()),
            ClientMessage::Complete { id } => {
                self.operations.cancel(&id);
                Step::Continue(())
            }
            ClientMessage::Subscribe { id, params } => match &self.entered {
                None => Step::Break(Some(Close::UNAUTHORIZED)),
                Some(entered) => match self.operations.begin(id, params, entered, deposit).await {
                    Ok(()) => Step::Continue(()),
                    Err(why) => Step::Break(Some(why)),
                },
            },
        }
    }

    /// Lets in whoever can show who they are.
    async fn enter(&mut self, info: RequestInfo) -> Step {
        let Some(place) = self.place.take() else { return Step::Break(Some(Close::SECOND_INIT)) };
        match Entered::enter(&self.app, info, place).await {
            Ok(entered) => {
                self.entered = Some(entered);
                self.send(&ServerMessage::ConnectionAck).await
            }
            Err(refusal) if refusal.status == StatusCode::UNAUTHORIZED => Step::Break(Some(Close::FORBIDDEN)),
            Err(_) => Step::Break(Some(Close::TRY_AGAIN)),
        }
    }

    /// Rights may have changed. Whoever is locked out is shown out; for others what is under way begins again with the rights
    /// that they have now.
    async fn look_again(&mut self) -> Step {
        let Some(entered) = &self.entered else { return Step::Continue(()) };
        match entered.look_again(&self.app).await {
            Ok(()) => {
                self.operations.begin_again();
                Step::Continue(())
            }
            Err(Lost::Credential) => Step::Break(Some(Close::UNAUTHORIZED)),
            Err(Lost::Account) => Step::Break(Some(Close::FORBIDDEN)),
            Err(Lost::Unknown) => Step::Break(Some(Close::TRY_AGAIN)),
        }
    }

    async fn send(&self, message: &ServerMessage<'_>) -> Step {
        match self.outbox.send(message).await {
            true => Step::Continue(()),
            false => Step::Break(Some(Close::TOO_SLOW)),
        }
    }
}

async fn rights_changed(entered: Option<&mut Entered>) {
    match entered {
        Some(entered) => entered.rights_changed().await,
        None => std::future::pending().await,
    }
}

/// The library tells a message that is too large by its words alone.
fn is_too_large(error: &axum::Error) -> bool {
    error.to_string().contains("too long")
}
