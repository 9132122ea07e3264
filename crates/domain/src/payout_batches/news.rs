use std::collections::BTreeMap;

use futures_util::future::BoxFuture;

/// What somebody sent to the door of a provider's webhooks. It proves nothing yet.
pub struct SaidByProvider {
    /// The headers, by their names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The body as it came.
    pub body: String,
    /// The request.
    pub request_id: String,
}

/// Why it is not acted upon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotBelieved {
    /// No webhook of this provider is configured.
    #[error("no webhook of this provider is configured")]
    NotSetUp,
    /// The provider did not send it.
    #[error("the provider did not send it")]
    Forged,
    /// It cannot be found out now whether the provider sent it.
    #[error("it cannot be found out now whether the provider sent it")]
    NotNow,
}

/// Hears that a provider has news of a submission, and has it asked about by a job: the words of a webhook move no money. Neither
/// this crate nor the API knows providers: the worker library implements it, and the binary gives it to the API.
pub trait ProviderNews: Send + Sync {
    /// Enqueues a poll, once while one waits, if the provider sent this about a submission of this instance. What is about
    /// nothing here is heard, and nothing follows.
    ///
    /// # Errors
    /// [`NotBelieved`].
    fn hear<'a>(&'a self, said: &'a SaidByProvider) -> BoxFuture<'a, Result<(), NotBelieved>>;
}
