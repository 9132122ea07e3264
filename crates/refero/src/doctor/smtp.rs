use api::http::HttpConfig;
use mailer::{Mailer, MailerConfig, SendError, TransportConfig};

use super::{
    Line,
    line::{either, within},
};

const MEND: &str =
    "check SMTP_URL (host, port, TLS, user, password), and that the server takes mail from this address";

/// Greets the mail server as a message would be: connects, says EHLO, begins TLS, logs in. Nothing is sent.
pub async fn look(config: Option<&MailerConfig>, http: Option<&HttpConfig>) -> Vec<Line> {
    let Some(config) = config else { return Vec::new() };
    if let TransportConfig::Files(folder) = &config.transport {
        let found = format!("messages become files in {}, and reach nobody", folder.display());
        let is_public = http.is_some_and(|http| http.public_url.origin().starts_with("https://"));
        return vec![match is_public {
            true => Line::warn("mail", found, "set SMTP_URL instead of MAIL_DIR"),
            false => Line::ok("mail", found),
        }];
    }
    let greeted = within("mail", MEND, async {
        let mailer = Mailer::from_config(config.clone())?;
        let greeted = mailer.greet().await.map_err(|error| anyhow::anyhow!(said(&error)))?;
        Ok(Line::ok("mail", greeted))
    });
    vec![either(greeted.await)]
}

/// The server's code and words, or the network's.
fn said(error: &SendError) -> String {
    let (SendError::Transient { code, text } | SendError::Permanent { code, text }) = error;
    code.map_or_else(|| text.clone(), |code| format!("{code} {text}"))
}
