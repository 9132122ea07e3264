use anyhow::ensure;

/// What one GraphQL document may ask for. Everything here is checked before execution.
///
/// The cost of an operation is one point per field. What stands under `nodes` or `edges` counts once per item of the
/// page: `first` or `last` of the field above (literal, variable or its default), otherwise [`DEFAULT_PAGE`]. A field
/// with `ids` or `inputs` counts what stands under it once per item, and every item of a list in an argument costs a point.
/// Lists that are no pages count what stands under them as often as `first` or else [`LISTS`] says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Lexical tokens of a document.
    pub tokens: usize,
    /// Brackets open at once: `{`, `[` and `(`. The parser recurses, so this is what keeps its stack.
    pub nesting: usize,
    /// Selections after every fragment is expanded, over all operations of a document.
    pub selections: u64,
    /// Aliases of an operation, fragments expanded.
    pub aliases: u64,
    /// Fields at the root of an operation, fragments expanded.
    pub root_fields: u64,
    /// Fields inside fields.
    pub depth: u64,
    /// Fields inside fields, under `__schema` and `__type`: the introspection that tools send is deeper than any query.
    pub introspection_depth: u64,
    /// Points of an operation; for a batch, of all of its operations together.
    pub cost: u64,
    /// Operations in one batch; 0 refuses batches.
    pub batch: usize,
    /// Whether `__schema` and `__type` answer.
    pub introspection: bool,
}

/// How many items a page has when neither `first` nor `last` is given.
pub const DEFAULT_PAGE: u64 = 25;

/// Arguments that ask for the same once per item.
pub const BATCHES: [&str; 2] = ["ids", "inputs"];

/// Lists that are no pages, and how many items each is taken to have. A sale has at most 1,000 items, and as many rewards
/// as rules reward it; few have more than this.
/// The overview shows at most 100 programs, items and events each. A month by day of three figures has as many points as a
/// series here; of the best partners and the largest parts people look at ten. Most
/// batches of payouts are one call or file, tried once.
pub const LISTS: [(&str, u64); 18] = [
    ("items", 10),
    ("adjustments", 5),
    ("rewards", 5),
    ("nonRewards", 5),
    ("signupRewards", 5),
    ("signupNonRewards", 5),
    ("programs", 25),
    ("actionItems", 25),
    ("recentEvents", 10),
    ("series", 100),
    ("topPartners", 10),
    ("breakdown", 10),
    ("payoutMethods", 5),
    ("submissions", 5),
    ("attempts", 5),
    ("approved", 25),
    ("made", 25),
    ("leftOut", 25),
];

/// Mutations that log someone in or out or spend a token: never in a batch, which would hide a hundred guesses in one request,
/// and never over a connection that stays open, which has no answer that could set the cookie.
pub const AUTHENTICATION_MUTATIONS: &[&str] = &[
    "sessionCreate",
    "sessionDelete",
    "profileUpdate",
    "userRegister",
    "emailVerify",
    "inviteAccept",
    "passwordResetRequest",
    "passwordReset",
    "passwordChange",
];

impl Default for Limits {
    fn default() -> Self {
        Self {
            tokens: 2_000,
            nesting: 64,
            selections: 5_000,
            aliases: 30,
            root_fields: 10,
            depth: 12,
            introspection_depth: 20,
            cost: 10_000,
            batch: 0,
            introspection: true,
        }
    }
}

impl Limits {
    /// Reads `GRAPHQL_MAX_COST`, `GRAPHQL_MAX_BATCH` and `GRAPHQL_INTROSPECTION`. The caps that protect the parser and
    /// the validator are not configurable.
    ///
    /// # Errors
    /// When a value is malformed or out of its range; the sentence names the key.
    pub fn from_env() -> anyhow::Result<Self> {
        let default = Self::default();
        let limits = Self {
            cost: env::var_parsed("GRAPHQL_MAX_COST")?.unwrap_or(default.cost),
            batch: env::var_parsed("GRAPHQL_MAX_BATCH")?.unwrap_or(default.batch),
            introspection: env::var_parsed("GRAPHQL_INTROSPECTION")?.unwrap_or(default.introspection),
            ..default
        };
        ensure!(limits.cost > 0, "GRAPHQL_MAX_COST must be at least 1");
        ensure!(limits.batch <= 10, "GRAPHQL_MAX_BATCH must be at most 10 (0 refuses batches)");
        Ok(limits)
    }
}
