//! Headers of requests and answers.

use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::{Header, HeaderBuilder, ObjectBuilder, Required, ResponseBuilder, Type};

/// A header of an answer.
pub fn answered(description: &str) -> Header {
    HeaderBuilder::new().schema(Some(text())).description(Some(description)).build()
}

/// `X-Request-Id`, which every answer has.
pub fn request_id() -> Header {
    answered("The caller's own `X-Request-Id` where it is sane, otherwise one that the service made up.")
}

/// `ETag` of an answer with a user.
pub fn entity_tag() -> Header {
    answered("The version of the user, a strong and opaque entity tag.")
}

/// `Last-Modified` of an answer with a user.
pub fn last_modified() -> Header {
    answered("When the user came into this version, to the second.")
}

/// `Preference-Applied` of an answer to a request with a body or parameters.
pub fn preference_applied() -> Header {
    answered("`handling=lenient`, where the request preferred that.")
}

/// The answer with the headers that tell of a limit, where there is one.
pub fn with_limits(answer: ResponseBuilder) -> ResponseBuilder {
    let number = |description: &str| {
        let number = ObjectBuilder::new().schema_type(Type::Integer);
        HeaderBuilder::new().schema(Some(number)).description(Some(description)).build()
    };
    let limit =
        "Where requests are limited: how many may be made now (`r`), and in how many seconds one more (`t`).";
    let policy = "Where requests are limited: how many may come at once (`q`), and in how many seconds as many again (`w`).";
    answer
        .header("RateLimit", answered(limit))
        .header("RateLimit-Policy", answered(policy))
        .header("X-RateLimit-Limit", number("The same as `q` of `RateLimit-Policy`."))
        .header("X-RateLimit-Remaining", number("The same as `r` of `RateLimit`."))
        .header(
            "X-RateLimit-Reset",
            number("In how many seconds as many as `X-RateLimit-Limit` may be made again."),
        )
}

/// A header of a request; none is required.
pub fn sent(name: &str, description: &str) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(description))
        .schema(Some(text()))
        .build()
}

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}
