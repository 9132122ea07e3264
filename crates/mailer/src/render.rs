use minijinja::{
    AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior, Value, escape_formatter,
    syntax::SyntaxConfig, value::Serde,
};
use serde::Serialize;

use crate::{
    RenderError,
    mailbox::{is_unprintable, one_line},
};

/// The variables of one email. Every field must be there for its template: undefined variables are errors.
pub trait Template: Serialize {
    /// The folder under `templates/`, which is also the email's stored name.
    const NAME: &'static str;
}

/// A rendered email.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The template that it was rendered from.
    pub template: &'static str,
    /// One line.
    pub subject: String,
    /// The plain body.
    pub text: String,
    /// The HTML body.
    pub html: String,
}

/// Writes the table of embedded files: all templates are in the binary, none is read at run time.
macro_rules! embedded {
    (layouts: $($layout:literal)*; emails: $($email:literal)*;) => {
        const FILES: &[(&str, &str)] = &[
            $(($layout, include_str!(concat!("../templates/", $layout, ".j2"))),)*
            $(
                (concat!($email, "/subject.txt"), include_str!(concat!("../templates/", $email, "/subject.txt.j2"))),
                (concat!($email, "/body.txt"), include_str!(concat!("../templates/", $email, "/body.txt.j2"))),
                (concat!($email, "/body.html"), include_str!(concat!("../templates/", $email, "/body.html.j2"))),
            )*
        ];
    };
}

embedded! {
    layouts: "base/body.txt" "base/body.html" "base/macros.html";
    emails: "user_verify" "user_exists" "password_reset" "password_changed" "email_change" "email_change_asked"
        "email_changed" "reward_created" "sale_recorded" "partner_applied" "partner_approved" "partner_rejected" "invite"
        "invite_accepted" "member_removed" "payout_requested" "payout_approved" "payout_rejected"
        "payout_cancelled" "payout_changes_requested" "payout_paid" "payout_failed" "payout_returned"
        "payout_method_changed" "payout_method_archived" "payout_batch_frozen" "payout_batch_completed";
}

/// The parsed templates.
pub(crate) struct Templates {
    environment: Environment<'static>,
}

impl Templates {
    pub(crate) fn load() -> Result<Self, Error> {
        let mut environment = Environment::new();
        environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_formatter(write_value);
        environment.add_filter("link", link);
        for (name, source) in FILES {
            environment.add_template(name, source)?;
        }
        Ok(Self { environment })
    }

    pub(crate) fn render<T: Template>(&self, email: &T) -> Result<Rendered, RenderError> {
        let name = T::NAME;
        let values = Value::from(Serde(email));
        let part = |file: &str| {
            self.environment
                .get_template(&format!("{name}/{file}"))
                .and_then(|template| template.render(values.clone()))
                .map_err(|source| RenderError::Template { name, source })
        };
        let subject = part("subject.txt")?.trim().to_owned();
        if subject.is_empty() || subject.contains(is_unprintable) {
            return Err(RenderError::Subject { name });
        }
        let (text, html) = (part("body.txt")?, part("body.html")?);
        Ok(Rendered { template: name, subject, text, html })
    }
}

/// Values are single lines wherever they stand: a name must not add a header to a subject, nor a paragraph
/// with somebody else's link to a plain body.
fn write_value(out: &mut Output, state: &mut State, value: &Value) -> Result<(), Error> {
    match value.as_str() {
        Some(text) if !value.is_safe() && text.contains(is_unprintable) => {
            escape_formatter(out, state, &Value::from(one_line(text)))
        }
        _ => escape_formatter(out, state, value),
    }
}

/// A web address, in HTML escaped for an attribute without touching its slashes, so that a link reads the
/// same in both bodies and `mask_links` finds it in either.
fn link(state: &mut State, address: String) -> Result<Value, Error> {
    let is_web = address.starts_with("https://") || address.starts_with("http://");
    if !is_web || address.contains(|c: char| c.is_whitespace() || is_unprintable(c)) {
        return Err(Error::new(ErrorKind::InvalidOperation, "a link must be an http or https address"));
    }
    Ok(match state.auto_escape() {
        AutoEscape::None => Value::from(address),
        _ => Value::from_safe_string(
            address.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;"),
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    struct Unknown {}
    impl Template for Unknown {
        const NAME: &'static str = "unknown";
    }

    #[derive(Serialize)]
    struct WithoutItsLink {
        valid_for: String,
    }
    impl Template for WithoutItsLink {
        const NAME: &'static str = "user_verify";
    }

    #[test]
    fn unknown_templates_and_missing_variables_are_errors() {
        let templates = Templates::load().unwrap();
        assert!(matches!(templates.render(&Unknown {}), Err(RenderError::Template { name: "unknown", .. })));
        let error = templates.render(&WithoutItsLink { valid_for: "a day".to_owned() }).unwrap_err();
        assert!(error.to_string().contains("undefined"), "{error}");
    }

    #[test]
    fn every_folder_is_embedded() {
        let folders = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/templates")).unwrap();
        for folder in folders.map(|folder| folder.unwrap().file_name().into_string().unwrap()) {
            let start = format!("{folder}/");
            assert!(
                FILES.iter().any(|(name, _)| name.starts_with(&start)),
                "add {folder} to embedded! above"
            );
        }
    }

    #[test]
    fn only_web_addresses_are_links() {
        let mut templates = Templates::load().unwrap();
        templates.environment.add_template("try.html", "{{ address|link }}").unwrap();
        for bad in ["javascript:alert(1)", "https://a b", "data:text/html,x", ""] {
            let values = minijinja::context!(address => bad);
            let rendered = templates.environment.get_template("try.html").unwrap().render(values);
            assert!(rendered.is_err(), "{bad}");
        }
        let values = minijinja::context!(address => "https://a.example/?b=1&c=\"><b>");
        let rendered = templates.environment.get_template("try.html").unwrap().render(values).unwrap();
        assert_eq!(rendered, "https://a.example/?b=1&amp;c=&quot;&gt;&lt;b&gt;");
    }
}
