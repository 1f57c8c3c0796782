//! The OpenAPI document.

/// The OpenAPI document of the service, as indented JSON that ends with a line feed.
pub fn openapi_json() -> String {
    String::new()
}
