//! `refero up`: everything on one machine, from nothing, and found again at the next start.

mod demo;
mod kept;
mod owner;
mod payout_keys;
mod ports;
mod secret_key;

use std::{net::TcpListener, path::Path, process::ExitCode, sync::Arc};

use api::{auth::RegistrationPolicy, http::HttpConfig};
use domain::{
    db::{self, DbConfig},
    rates::RateHosts,
    team::invites::InvitesPerDay,
    users::PasswordsConfig,
};
use jobs::{Providers, WorkersConfig};
use local_stack::{LocalStack, StackConfig};
use mailer::{MailerConfig, TransportConfig};

use crate::{
    config::Config,
    failure,
    log::LogConfig,
    process::{self, Ground, Listeners},
    signals,
};

/// Starts the servers, runs the product on them until a signal comes, and stops them in any case.
///
/// # Errors
/// What kept them from it.
pub fn run(empty: bool) -> anyhow::Result<ExitCode> {
    let stack_config = failure::config(StackConfig::from_env())?;
    let wanted = failure::config(demo::Wanted::from_env(empty, &stack_config))?;
    let log = failure::config(LogConfig::from_env("info"))?;
    let sockets = ports::bind()?;
    log.start()?;
    println!("Starting. The data is in {}.", stack_config.data_dir.display());
    let stack = LocalStack::start(&stack_config)?;
    let outcome = failure::config(config(&stack, &stack_config.data_dir, &sockets, log))
        .and_then(|config| super::block_on(serve(config, sockets, &stack_config.data_dir, wanted)));
    let stopped = stack.stop();
    outcome.and(stopped)?;
    println!("Stopped.");
    Ok(ExitCode::SUCCESS)
}

fn config(
    stack: &LocalStack,
    data_dir: &Path,
    (api, operations): &(TcpListener, TcpListener),
    log: LogConfig,
) -> anyhow::Result<Config> {
    Ok(Config {
        db: DbConfig::of_url(stack.database_url.clone())?,
        http: HttpConfig::from_env_at(api.local_addr()?, operations.local_addr()?)?,
        workers: WorkersConfig::of_url(stack.redis_url.clone())?,
        mailer: MailerConfig::from_env_or_files(&data_dir.join("mail"))?,
        passwords: PasswordsConfig::from_env()?,
        secrets: secret_key::find_or_make(data_dir)?,
        registration: RegistrationPolicy::from_env()?,
        invites_per_day: InvitesPerDay::from_env()?,
        rate_hosts: RateHosts::from_env()?,
        vault: Some(Arc::new(payout_keys::find_or_make(data_dir)?)),
        providers: Providers::from_env()?,
        log,
    })
}

async fn serve(
    config: Config,
    (api, operations): (TcpListener, TcpListener),
    data_dir: &Path,
    wanted: demo::Wanted,
) -> anyhow::Result<()> {
    let shutdown = signals::shutdown()?;
    let migrations = db::migrate(&config.db.url).await?;
    tracing::info!(migrations = migrations.len(), "the database is up to date");
    let ground = Ground::prepare(config).await?;
    let listeners = Listeners::of(api, operations)?;
    // Ctrl-C while it loads leaves nothing of it: the next start begins anew.
    let demo = tokio::select! {
        demo = demo::find_or_load(&ground, data_dir, wanted) => demo?,
        () = shutdown.cancelled() => return Ok(()),
    };
    // The password is shown right after the owner is made: nothing that may fail comes between.
    let owner = owner::find_or_make(&ground).await?;
    greet(&ground.config, (&owner, demo.as_ref()), data_dir);
    process::run(ground, listeners, true, shutdown).await
}

fn greet(config: &Config, (owner, demo): (&owner::Owner, Option<&demo::Shown>), data_dir: &Path) {
    let url = config.http.public_url.origin();
    let mail = match &config.mailer.transport {
        TransportConfig::Files(folder) => format!("files in {}", folder.display()),
        _ => "sent to the server of SMTP_URL".to_owned(),
    };
    let demo = demo.map(ToString::to_string).unwrap_or_default();
    println!(
        "\n  Refero runs at  {url}\n  GraphQL         {url}/graphql (in a browser: GraphiQL)\n{demo}  \
         Log in as       {owner}\n  Mail            {mail}\n  Metrics         http://{}/metrics\n  Data            {}\n\n  \
         Ctrl-C stops everything.\n",
        config.http.metrics_addr,
        data_dir.display(),
    );
}
