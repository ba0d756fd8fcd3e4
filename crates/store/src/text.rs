//! Between the domain's names and the database's text.

use std::str::FromStr;

use diesel::result::Error as Diesel;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::StoreError;

/// Reads a name that only this program writes; any other text is a fault of the database's content.
pub fn name<T: FromStr>(text: &str) -> Result<T, StoreError> {
    text.parse()
        .map_err(|_| broken(format!("'{text}' is no {}", std::any::type_name::<T>())))
}

/// Reads a document that only this program writes.
pub fn document<T: DeserializeOwned>(value: Value) -> Result<T, StoreError> {
    serde_json::from_value(value).map_err(|error| broken(error.to_string()))
}

/// A document as a JSON tree.
pub fn json(document: &impl Serialize) -> Result<Value, StoreError> {
    serde_json::to_value(document).map_err(|error| broken(error.to_string()))
}

fn broken(what: String) -> StoreError {
    StoreError::Database(Diesel::DeserializationError(what.into()))
}
