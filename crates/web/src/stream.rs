//! Bodies that are not gathered, and answers that are not: files go through in pieces.

use std::future::Future;
use std::pin::{Pin, pin};
use std::time::{Duration, Instant};

use actix_web::body::BoxBody;
use actix_web::dev::Payload;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest, HttpResponse, Responder};
use futures::future::{Either, select};
use futures::{StreamExt, TryStreamExt};
use kernel::Code;
use service::intake::{Export, ProposalFile};
use service::{Context, Problem, Service};
use tokio::sync::mpsc::{Receiver, channel};

use crate::ask::{Known, know, refuse_nul_in_address};
use crate::problem::{Reject, respond};
use crate::reply::{knows, not_modified};

/// How many pieces wait for the disk before the sender does.
const WAITING: usize = 4;

/// What is still read of a body that nobody wants, so that its sender hears the answer.
const DRAINED: usize = 2 * 1024 * 1024;

/// How long that is waited for.
const DRAINING: Duration = Duration::from_secs(2);

/// A request whose body is read only when somebody wants it: who asks is known before.
pub struct Stream {
    /// The parts.
    pub service: Service,
    /// Who asks, and how.
    pub context: Context,
    /// Where the body belongs, from `Upload-Offset`; nothing where that is no whole number.
    pub offset: Option<u64>,
    payload: Payload,
}

impl FromRequest for Stream {
    type Error = Reject;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Reject>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move {
            stream(&request, payload)
                .await
                .map_err(|problem| Reject::new(problem, &request))
        })
    }
}

async fn stream(request: &HttpRequest, payload: Payload) -> Result<Stream, Problem> {
    refuse_nul_in_address(request)?;
    let Known { service, context } = know(request, &[], false, Instant::now(), None).await?;
    let kind = request.headers().get("Content-Type");
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !matches!(
        kind.trim(),
        "application/offset+octet-stream" | "application/octet-stream"
    ) {
        return Err(Problem::new(
            Code::UnsupportedMediaType,
            "Send the bytes as application/offset+octet-stream.",
        ));
    }
    let offset = request.headers().get("Upload-Offset");
    let offset = offset.and_then(|offset| offset.to_str().ok()?.trim().parse().ok());
    Ok(Stream {
        service,
        context,
        offset,
        payload,
    })
}

impl Stream {
    /// Sends the body to `work`, piece by piece, until it ends or `work` does.
    pub async fn into<T>(
        self,
        work: impl AsyncFnOnce(Service, Context, Option<u64>, Receiver<Bytes>) -> T,
    ) -> T {
        let (send, receive) = channel(WAITING);
        let mut payload = self.payload;
        let pump = async {
            // A connection that breaks off ends the body too: what came counts.
            while let Some(Ok(piece)) = payload.next().await {
                if send.send(piece).await.is_err() {
                    break;
                }
            }
            drop(send);
        };
        let work = pin!(work(self.service, self.context, self.offset, receive));
        let (answer, unread) = match select(work, Box::pin(pump)).await {
            Either::Left((answer, pump)) => {
                drop(pump);
                (answer, true)
            }
            Either::Right(((), work)) => (work.await, false),
        };
        if unread {
            // A sender that is slow or gone does not hear it, and nobody waits for that.
            let _ = tokio::time::timeout(DRAINING, drain(payload)).await;
        }
        answer
    }
}

async fn drain(mut payload: Payload) {
    let mut seen = 0;
    while let Some(Ok(piece)) = payload.next().await {
        seen += piece.len();
        if seen > DRAINED {
            return;
        }
    }
}

/// A file of a proposal, to be kept and not to be shown; its ETag is the digest of its bytes.
pub struct FileDownload(pub Result<ProposalFile, Problem>);

impl Responder for FileDownload {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let ProposalFile { file, bytes } = match self.0 {
            Ok(found) => found,
            Err(problem) => return respond(problem, request),
        };
        let etag = format!("\"{}\"", file.sha256);
        if knows(request, &etag) {
            return not_modified(&etag);
        }
        // Only the headers have gone out when a piece fails: the connection breaks off, and the length tells.
        let bytes = bytes.map_err(|fault| {
            tracing::error!("a file broke off: {fault}");
            std::io::Error::other("the file broke off")
        });
        HttpResponse::Ok()
            .insert_header(("ETag", etag))
            .insert_header(("Cache-Control", "private, no-cache"))
            .insert_header(("Content-Disposition", disposition(&file.name)))
            .content_type(file.media_type)
            .body(actix_web::body::SizedStream::new(
                u64::try_from(file.bytes).unwrap_or_default(),
                bytes,
            ))
    }
}

/// A file that is put together while it goes out; only its end tells that it is whole.
pub struct ExportDownload(pub Result<Export, Problem>);

impl Responder for ExportDownload {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let export = match self.0 {
            Ok(export) => export,
            Err(problem) => return respond(problem, request),
        };
        // The connection breaks off where a piece fails, and the missing end tells.
        let pieces = export.pieces.map_err(|problem| {
            tracing::error!("an export broke off: {problem:?}");
            std::io::Error::other("the export broke off")
        });
        HttpResponse::Ok()
            .insert_header(("Cache-Control", "private, no-store"))
            .insert_header(("Content-Disposition", disposition(&export.name)))
            .content_type(export.content_type)
            .streaming(pieces)
    }
}

/// `attachment` with a name for old readers and the true one (RFC 6266).
fn disposition(name: &str) -> String {
    let plain = |symbol: char| symbol.is_ascii_alphanumeric() || ".-_ ".contains(symbol);
    let old: String = name
        .chars()
        .map(|symbol| if plain(symbol) { symbol } else { '_' })
        .collect();
    let true_name: String = name
        .bytes()
        .map(|byte| match byte {
            b if b.is_ascii_alphanumeric() || b".-_".contains(&b) => char::from(b).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect();
    format!("attachment; filename=\"{old}\"; filename*=UTF-8''{true_name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_its_header() {
        assert_eq!(
            disposition("Übersicht \"1\";\r\n.pdf"),
            "attachment; filename=\"_bersicht _1____.pdf\"; filename*=UTF-8''%C3%9Cbersicht%20%221%22%3B%0D%0A.pdf"
        );
    }
}
