use hyper::Method;
use money::Currency;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use super::{Wise, answers::Group, request::Failed};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Create<'a> {
    source_currency: Currency,
    name: &'a str,
}

#[derive(Serialize)]
struct Update {
    status: &'static str,
    version: i64,
}

impl Wise {
    pub(super) async fn create_group(&self, name: &str, source_currency: Currency) -> Result<Group, Failed> {
        let path = format!("/v3/profiles/{}/batch-groups", self.config.profile);
        self.send_json(Method::POST, &path, &Create { source_currency, name }).await
    }

    pub(super) async fn group(&self, id: &str) -> Result<Group, Failed> {
        self.get(&self.group_path(id)).await
    }

    /// Closes a group, so that nothing can be added and it can be funded. The version guards against another hand.
    pub(super) async fn complete_group(&self, id: &str, version: i64) -> Result<Group, Failed> {
        self.send_json(Method::PATCH, &self.group_path(id), &Update { status: "COMPLETED", version }).await
    }

    /// Gives an unfunded group up, for good.
    pub(super) async fn cancel_group(&self, id: &str, version: i64) -> Result<Group, Failed> {
        self.send_json(Method::PATCH, &self.group_path(id), &Update { status: "CANCELLED", version }).await
    }

    /// Ids of groups have hyphens, and nothing else that needs an escape.
    pub(super) fn group_path(&self, id: &str) -> String {
        let id = utf8_percent_encode(id, NON_ALPHANUMERIC);
        format!("/v3/profiles/{}/batch-groups/{id}", self.config.profile)
    }
}
