use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::pin::pin;

use actix_web::rt::System;
use clap::CommandFactory as _;
use futures_util::future::{Either, select};
use tracing::info;

use crate::cli::{Cli, ServeArgs};
use crate::config;
use crate::failure::Failure;
use crate::listener::{bind, local_url};
use crate::schema::{FirstLook, SchemaTask};
use crate::system::{SystemClock, SystemIds};
use crate::wiring::{Store, http_settings};
use crate::{dev, output};

/// Serves until the process is told to stop, or until the database turns out to be one that this version cannot use.
pub fn run(args: &ServeArgs) -> Result<(), Failure> {
    config::check(&[&args.database, &args.pool, &args.http], &Cli::command())?;
    let url = args.database.url()?;
    let store = Store::open(&url, &args.database, &args.pool)?;
    // Before the schema is touched: a second start by mistake must not migrate the database of the first.
    let listener = bind(args.http.listen)?;
    let address =
        listener.local_addr().map_err(|source| Failure::Listen { address: args.http.listen, source })?;
    let preparation = Preparation {
        store,
        schema: if args.no_migrate { SchemaTask::Inspect } else { SchemaTask::Migrate },
        dev: args.dev.then(|| DevMode { token_file: dev::token_file(&url), url: local_url(address) }),
    };
    info!(version = env!("CARGO_PKG_VERSION"), database = %url, "starting");
    System::new().block_on(serve(listener, address, args, &preparation))?;
    info!("stopped");
    Ok(())
}

/// Answers requests from the first look at the database on, whether it is there or not.
async fn serve(
    listener: TcpListener,
    address: SocketAddr,
    args: &ServeArgs,
    preparation: &Preparation,
) -> Result<(), Failure> {
    let ready = preparation.first_try().await?;
    let server = users_http::server(listener, preparation.store.services(), &http_settings(&args.http))
        .map_err(cannot_serve)?;
    info!(%address, workers = args.http.worker_count(), "listening");
    let handle = server.handle();
    let rest = pin!(async {
        match ready {
            FirstLook::Done => Ok(()),
            FirstLook::Away => preparation.keep_trying().await,
        }
    });
    match select(server, rest).await {
        Either::Left((outcome, _)) => outcome.map_err(cannot_serve),
        Either::Right((Ok(()), server)) => server.await.map_err(cannot_serve),
        Either::Right((Err(failure), server)) => {
            // The order is given by the call; waiting for it is the server's own part.
            drop(handle.stop(true));
            server.await.map_err(cannot_serve)?;
            Err(failure)
        }
    }
}

fn cannot_serve(source: std::io::Error) -> Failure {
    Failure::System { doing: "cannot serve", source }
}

/// What has to be done in the database before the service is of use.
struct Preparation {
    store: Store,
    schema: SchemaTask,
    dev: Option<DevMode>,
}

/// What the development mode needs to know.
struct DevMode {
    token_file: PathBuf,
    url: String,
}

impl Preparation {
    async fn first_try(&self) -> Result<FirstLook, Failure> {
        let look = self.schema.first_try(&*self.store.migrator).await?;
        if look == FirstLook::Done {
            self.set_up_dev().await?;
        }
        Ok(look)
    }

    async fn keep_trying(&self) -> Result<(), Failure> {
        self.schema.keep_trying(&*self.store.migrator).await?;
        self.set_up_dev().await
    }

    async fn set_up_dev(&self) -> Result<(), Failure> {
        let Some(DevMode { token_file, url }) = &self.dev else { return Ok(()) };
        let token = dev::ensure_token(token_file, &*self.store.tokens, &SystemIds, &SystemClock).await?;
        dev::ensure_sample_user(&self.store.create_user(), &SystemClock).await?;
        output::write(&dev::invitation(url, &token))
    }
}
