//! A private PostgreSQL that died is started again: there is nobody else to do it.

use std::time::Duration;

use store::cluster::Cluster;
use tokio::sync::watch::Receiver;

/// How often it is looked after; a look is one connection to its socket.
const PAUSE: Duration = Duration::from_millis(500);

/// Starts the cluster whenever it has died, until `stop` changes. Meanwhile requests get 503, and what was
/// acknowledged is on disk. One that was stopped on purpose (`jtc db stop`) stays stopped.
pub async fn keep_alive(cluster: Cluster, mut stop: Receiver<bool>) {
    loop {
        tokio::select! {
            _ = stop.changed() => return,
            () = tokio::time::sleep(PAUSE) => {}
        }
        let cluster = cluster.clone();
        match tokio::task::spawn_blocking(move || cluster.revive()).await {
            Ok(Ok(false)) => {}
            Ok(Ok(true)) => {
                tracing::error!("the private PostgreSQL had died; it was started again")
            }
            Ok(Err(error)) => tracing::error!("the private PostgreSQL died: {error}"),
            Err(error) => {
                tracing::error!("looking after the private PostgreSQL broke off: {error}")
            }
        }
    }
}
