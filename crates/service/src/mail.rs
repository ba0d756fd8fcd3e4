//! Letters to the outbox: every template hears of the same few things.

use serde_json::{Value, json};
use store::call::CallRow;
use store::outbox::Mail;

use crate::Service;

/// A mail for the outbox. `context` holds the template's own variables; the installation's address is
/// and whether it is a rehearsal are added here.
pub fn letter(
    service: &Service,
    call: Option<&CallRow>,
    recipient: &str,
    template: &str,
    context: Value,
) -> Mail {
    let id = kernel::id::new();
    let public_url = &service.settings().public_url;
    let host = public_url
        .split("//")
        .nth(1)
        .and_then(|rest| rest.split([':', '/']).next())
        .filter(|host| !host.is_empty())
        .unwrap_or("localhost");
    let mut context = context;
    if let Value::Object(fields) = &mut context {
        fields.insert("installation".to_owned(), json!(public_url));
        fields.insert(
            "rehearsal".to_owned(),
            json!(call.is_some_and(|call| call.rehearsal)),
        );
    }
    Mail {
        id,
        call_id: call.map(|call| call.id),
        recipient: recipient.to_owned(),
        template: template.to_owned(),
        context,
        message_id: format!("<{id}@{host}>"),
    }
}
