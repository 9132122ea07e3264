use std::time::Duration;

use anyhow::Context;
use diesel::{QueryableByName, sql_query, sql_types::Text};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use domain::{
    clock::Clock,
    db::{self, Db, DbConfig},
};

/// The servers that everything is measured on.
pub struct Ground {
    /// A superuser's, of any database.
    server: String,
    pub redis_url: String,
}

/// A database as Refero sees it.
pub struct Base {
    pub url: String,
    pub db: Db,
    pub clock: Clock,
}

#[derive(QueryableByName)]
struct Word {
    #[diesel(sql_type = Text)]
    word: String,
}

impl Ground {
    /// The servers of `DATABASE_URL` and `REDIS_URL`.
    pub async fn from_env() -> anyhow::Result<Self> {
        let (server, redis_url) = (env::required_var("DATABASE_URL")?, env::required_var("REDIS_URL")?);
        AsyncPgConnection::establish(&server).await.context("reach the PostgreSQL of DATABASE_URL")?;
        Ok(Self { server, redis_url })
    }

    /// The URL of another database of the server.
    pub fn url(&self, database: &str) -> anyhow::Result<String> {
        let (base, query) = self.server.split_once('?').map_or((&*self.server, None), |(b, q)| (b, Some(q)));
        let (base, _) = base.rsplit_once('/').context("DATABASE_URL names no database")?;
        Ok(query.map_or_else(|| format!("{base}/{database}"), |query| format!("{base}/{database}?{query}")))
    }

    /// Runs statements where databases are made, without a transaction around them.
    async fn administer(&self, statements: &[String]) -> anyhow::Result<()> {
        let mut conn = AsyncPgConnection::establish(&self.server).await?;
        for statement in statements {
            conn.batch_execute(statement).await.with_context(|| statement.clone())?;
        }
        Ok(())
    }

    /// A new database: empty, or like `template`, whose connections are ended.
    pub async fn create(&self, name: &str, template: Option<&str>) -> anyhow::Result<String> {
        let template = template.unwrap_or("template1");
        self.administer(&[
            format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
            format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{template}'"),
            format!("CREATE DATABASE {name} TEMPLATE {template}"),
        ])
        .await?;
        self.url(name)
    }

    /// A new database with the schema of the migrations.
    pub async fn migrated(&self, name: &str) -> anyhow::Result<Base> {
        let url = self.create(name, None).await?;
        db::migrate(&url).await?;
        Base::open(url).await
    }

    /// Has what the last measurement left be written, so that the next one does not pay for it.
    pub async fn settle(&self) -> anyhow::Result<()> {
        self.administer(&["CHECKPOINT".to_owned()]).await?;
        tokio::time::sleep(Duration::from_millis(500)).await;
        Ok(())
    }

    /// Drops the databases that were measured, so that what PostgreSQL still does about them costs nobody else.
    pub async fn forget(&self) -> anyhow::Result<()> {
        let query =
            "SELECT coalesce(string_agg(datname, ','), '') FROM pg_database WHERE datname LIKE 'bench\\_%'";
        let names = self.ask(query).await?;
        let drop = |name| format!("DROP DATABASE {name} WITH (FORCE)");
        self.administer(&names.split(',').filter(|name| !name.is_empty()).map(drop).collect::<Vec<_>>()).await
    }

    /// The one word that a query answers with.
    pub async fn ask(&self, query: &str) -> anyhow::Result<String> {
        ask(&self.server, query).await
    }
}

impl Base {
    pub async fn open(url: String) -> anyhow::Result<Self> {
        let db = Db::new(&DbConfig {
            url: url.clone(),
            pool_size: 20,
            statement_timeout: Duration::from_secs(60),
        })?;
        let clock = Clock::start(&db).await?;
        Ok(Self { url, db, clock })
    }

    /// Runs SQL that no verb does.
    pub async fn execute(&self, sql: &str) -> anyhow::Result<()> {
        Ok(self.db.get().await?.batch_execute(sql).await?)
    }

    /// As [`Base::execute`], however long it takes.
    pub async fn fill(&self, sql: &str) -> anyhow::Result<()> {
        let mut conn = AsyncPgConnection::establish(&self.url).await?;
        conn.batch_execute(sql).await.with_context(|| sql.to_owned())
    }

    /// The first column of the one row that a query answers with, as text.
    pub async fn ask(&self, query: &str) -> anyhow::Result<String> {
        let row: Word = sql_query(worded(query)).get_result(&mut *self.db.get().await?).await?;
        Ok(row.word)
    }

    /// The number that a query answers with.
    pub async fn count(&self, query: &str) -> anyhow::Result<u64> {
        Ok(self.ask(query).await?.parse()?)
    }
}

async fn ask(url: &str, query: &str) -> anyhow::Result<String> {
    let mut conn = AsyncPgConnection::establish(url).await?;
    let row: Word = sql_query(worded(query)).get_result(&mut conn).await?;
    Ok(row.word)
}

fn worded(query: &str) -> String {
    format!("SELECT q.it::text AS word FROM ({query}) AS q (it)")
}
