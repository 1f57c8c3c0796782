use crate::failure::Failure;
use crate::output;

/// Writes the OpenAPI document to standard output.
pub fn run() -> Result<(), Failure> {
    output::write(&users_http::openapi_json())
}
