//! The page on which anybody verifies a receipt, without a program and without a login.

use actix_web::web::{Data, Form, ServiceConfig, get, post};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use intake::SignedReceipt;
use serde::Deserialize;
use service::intake::{Submitted, verify_receipt};

use crate::pages::html;
use crate::problem::respond;
use crate::server::Frame;

/// Adds the page.
pub fn routes(config: &mut ServiceConfig) {
    config
        .route("/receipt", get().to(show))
        .route("/receipt", post().to(verify));
}

#[derive(Deserialize)]
struct Pasted {
    receipt: String,
}

#[derive(Default, Template)]
#[template(path = "receipt.html")]
struct ReceiptPage {
    pasted: String,
    valid: bool,
    sentence: Option<String>,
}

async fn show(request: HttpRequest) -> HttpResponse {
    html(&ReceiptPage::default(), &request)
}

async fn verify(frame: Data<Frame>, request: HttpRequest, form: Form<Pasted>) -> HttpResponse {
    let pasted = form.into_inner().receipt;
    let found = match read(&pasted) {
        Ok(signed) => verify_receipt(&frame.service, &signed).map(|answer| answer.value),
        Err(why) => {
            let page = ReceiptPage {
                sentence: Some(format!("This could not be read as a receipt: {why}.")),
                pasted,
                ..ReceiptPage::default()
            };
            return html(&page, &request);
        }
    };
    match found {
        Ok(found) => {
            let page = ReceiptPage {
                pasted,
                valid: found.valid,
                sentence: Some(found.sentence),
            };
            html(&page, &request)
        }
        Err(problem) => respond(problem, &request),
    }
}

/// A receipt by itself, or in the answer to the submission.
fn read(pasted: &str) -> Result<SignedReceipt, serde_json::Error> {
    match serde_json::from_str::<Submitted>(pasted) {
        Ok(submitted) => Ok(submitted.receipt),
        Err(_) => serde_json::from_str(pasted),
    }
}
