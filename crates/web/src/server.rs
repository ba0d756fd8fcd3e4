use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::middleware::{Compress, from_fn};
use actix_web::web::{Data, PathConfig, QueryConfig, scope};
use actix_web::{App, HttpServer};
use ipnet::IpNet;
use service::Service;

use crate::ask::parameter;
use crate::limits::{Limits, Rate};
use crate::problem::Reject;
use crate::{api, frame, pages};

/// How long an idle connection stays. Proxies and clients commonly close theirs after a minute; a server that was first
/// would now and then close one that a request is just being sent on.
const KEEP_ALIVE: Duration = Duration::from_secs(75);

/// What the operator configures for HTTP.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Threads that serve HTTP.
    pub workers: usize,
    /// Networks of the proxies whose `X-Forwarded-For` counts.
    pub trusted_proxies: Vec<IpNet>,
    /// Requests a minute from one source.
    pub rate: Rate,
}

/// What every handler finds beside its request.
pub struct Frame {
    /// The use cases.
    pub service: Service,
    /// The allowances.
    pub limits: Limits,
    /// The settings.
    pub settings: Settings,
}

/// The HTTP server, bound and ready to run.
pub struct Server {
    server: actix_web::dev::Server,
    address: SocketAddr,
}

impl Server {
    /// Takes over a bound address. Nothing is served before [`Server::run`].
    pub fn build(
        service: Service,
        listener: TcpListener,
        settings: Settings,
    ) -> std::io::Result<Server> {
        let address = listener.local_addr()?;
        let workers = settings.workers;
        let frame = Data::new(Frame {
            service,
            limits: Limits::new(&settings.rate),
            settings,
        });
        let server = HttpServer::new(move || {
            App::new()
                .app_data(frame.clone())
                .app_data(PathConfig::default().error_handler(|error, request| {
                    Reject::new(parameter("path", &error.to_string()), request).into()
                }))
                .app_data(QueryConfig::default().error_handler(|error, request| {
                    Reject::new(parameter("query", &error.to_string()), request).into()
                }))
                .service(scope(api::BASE).configure(api::routes))
                .configure(pages::routes)
                .wrap(Compress::default())
                .wrap(from_fn(frame::surround))
                .wrap(tracing_actix_web::TracingLogger::<pages::Quiet>::new())
        })
        .workers(workers)
        .keep_alive(KEEP_ALIVE)
        .shutdown_timeout(30)
        .listen(listener)?
        .run();
        Ok(Server { server, address })
    }

    /// The address bound.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops the server gracefully from elsewhere.
    pub fn handle(&self) -> ServerHandle {
        self.server.handle()
    }

    /// Serves until it is told to stop; requests under way are finished.
    pub async fn run(self) -> std::io::Result<()> {
        self.server.await
    }
}
