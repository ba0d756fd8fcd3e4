//! Canonical JSON (RFC 8785), so that one document has one hash on every machine.

use serde::Serialize;
use serde_json::Value;

/// The canonical bytes: no white space, keys in the order of their UTF-16 units, strings escaped as
/// little as JSON allows. Our documents hold no fractions, whose printing is the hard part of the RFC.
pub(crate) fn bytes(document: &impl Serialize) -> Vec<u8> {
    let mut text = String::new();
    write(&value(document), &mut text);
    text.into_bytes()
}

/// The document as a JSON tree.
pub(crate) fn value(document: &impl Serialize) -> Value {
    match serde_json::to_value(document) {
        Ok(value) => value,
        // serde_json refuses only keys that are no strings, and our types have none.
        Err(why) => unreachable!("a document of strings and whole numbers is JSON: {why}"),
    }
}

fn write(value: &Value, text: &mut String) {
    match value {
        Value::Array(items) => {
            text.push('[');
            for (at, item) in items.iter().enumerate() {
                comma(at, text);
                write(item, text);
            }
            text.push(']');
        }
        Value::Object(fields) => {
            let mut sorted: Vec<_> = fields.iter().collect();
            sorted.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
            text.push('{');
            for (at, (key, field)) in sorted.into_iter().enumerate() {
                comma(at, text);
                text.push_str(&Value::String(key.clone()).to_string());
                text.push(':');
                write(field, text);
            }
            text.push('}');
        }
        plain => text.push_str(&plain.to_string()),
    }
}

fn comma(at: usize, text: &mut String) {
    if at > 0 {
        text.push(',');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_stand_in_the_order_of_the_rfc() {
        // RFC 8785, 3.2.3: the order is by UTF-16 units, in which U+1F600 comes before U+FB33.
        let document: Value = serde_json::from_str(
            "{\"\u{fb33}\":1,\"\u{1f600}\":2,\"\\r\":3,\"1\":4,\"a\":[true,null,{\"c\":0,\"b\":1}]}",
        )
        .unwrap();
        assert_eq!(
            String::from_utf8(bytes(&document)).unwrap(),
            "{\"\\r\":3,\"1\":4,\"a\":[true,null,{\"b\":1,\"c\":0}],\"\u{1f600}\":2,\"\u{fb33}\":1}"
        );
    }
}
