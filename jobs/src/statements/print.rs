use std::sync::Arc;

use documents::{RenderError, SelfBilledInvoice, SignError, SigningKeys, Statement, canonical_json};
use domain::statements::{PaperSignature, Papers};
use money::MoneyError;
use serde::Serialize;

use crate::handler::Failure;

/// What a paper says that nobody signs.
const UNSIGNED: &str = "This paper is not signed: its issuer has no key for that.";

/// Makes papers of what they say, and signs them if there is a key.
#[derive(Clone)]
pub struct Printer(pub(crate) Option<Arc<SigningKeys>>);

/// Why there is no paper. It repeats nothing of what it says.
#[derive(Debug, thiserror::Error)]
enum PrintError {
    #[error("the paper cannot be drawn: {0}")]
    Render(#[from] RenderError),
    #[error("the paper cannot be summed up: {0}")]
    Sum(#[from] MoneyError),
    #[error("the paper cannot be signed: {0}")]
    Sign(#[from] SignError),
}

impl Printer {
    /// A statement in its three forms.
    ///
    /// # Errors
    /// When it cannot be drawn, summed up or signed: that does not mend itself.
    pub(crate) async fn statement(&self, mut paper: Statement) -> Result<Papers, Failure> {
        let keys = self.0.clone();
        print(move || {
            paper.notes.extend(keys.is_none().then(|| UNSIGNED.to_owned()));
            let (json, signature) = sealed(keys.as_deref(), &paper.complete()?)?;
            Ok(Papers { pdf: paper.to_pdf()?, csv: paper.to_csv()?, json, signature })
        })
        .await
    }

    /// An invoice in its three forms.
    ///
    /// # Errors
    /// As [`Printer::statement`].
    pub(crate) async fn invoice(&self, mut paper: SelfBilledInvoice) -> Result<Papers, Failure> {
        let keys = self.0.clone();
        print(move || {
            paper.notes.extend(keys.is_none().then(|| UNSIGNED.to_owned()));
            let (json, signature) = sealed(keys.as_deref(), &paper.complete()?)?;
            Ok(Papers { pdf: paper.to_pdf()?, csv: paper.to_csv()?, json, signature })
        })
        .await
    }
}

/// Drawing keeps a processor busy: it is done where nobody waits for it.
async fn print(
    work: impl FnOnce() -> Result<Papers, PrintError> + Send + 'static,
) -> Result<Papers, Failure> {
    match tokio::task::spawn_blocking(work).await {
        Ok(printed) => printed.map_err(|error| Failure::Abort(error.to_string())),
        Err(_) => Err(Failure::Retry("the drawing of a paper was cut off".to_owned())),
    }
}

fn sealed(
    keys: Option<&SigningKeys>,
    complete: &impl Serialize,
) -> Result<(Vec<u8>, Option<PaperSignature>), SignError> {
    let Some(keys) = keys else { return Ok((canonical_json(complete)?, None)) };
    let signed = keys.current().sign(complete)?;
    Ok((signed.json, Some(PaperSignature { key_id: signed.key_id, bytes: signed.signature })))
}
