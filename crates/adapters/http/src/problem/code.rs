use actix_web::http::StatusCode;

/// What went wrong, by a code that programs can rely on: a code never changes its meaning or its status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// 400: the body is not JSON.
    MalformedJson,
    /// 400: what was sent is not HTTP.
    MalformedRequest,
    /// 401: there is no token.
    MissingApiKey,
    /// 401: the token is none of ours, or was revoked.
    InvalidApiKey,
    /// 401: the token's time is over.
    ExpiredApiKey,
    /// 403: the token does not allow this.
    InsufficientPermissions,
    /// 404: there is no such user, or no such path.
    ResourceNotFound,
    /// 405: the path does not have this method.
    MethodNotAllowed,
    /// 408: the request did not arrive in time.
    RequestTimeout,
    /// 409: the id or the username is taken.
    ResourceAlreadyExists,
    /// 409: a request with the same idempotency key is under way.
    IdempotencyKeyInUse,
    /// 412: a condition of the request does not hold.
    PreconditionFailed,
    /// 413: the body is too large.
    PayloadTooLarge,
    /// 415: the body is of a type that is not read here.
    UnsupportedMediaType,
    /// 422: the body breaks the rules of a user, or a parameter those of the list.
    ValidationError,
    /// 422: the idempotency key was sent before, with another request.
    IdempotencyKeyReused,
    /// 429: too many requests.
    RateLimited,
    /// 429: too many idempotency records.
    IdempotencyLimitReached,
    /// 431: the head of the request is too large.
    HeadersTooLarge,
    /// 500: a fault of the service.
    InternalError,
    /// 503: the service cannot do its work now.
    ServiceUnavailable,
}

impl ErrorCode {
    /// Every code there is, by status.
    pub const ALL: [Self; 21] = [
        Self::MalformedJson,
        Self::MalformedRequest,
        Self::MissingApiKey,
        Self::InvalidApiKey,
        Self::ExpiredApiKey,
        Self::InsufficientPermissions,
        Self::ResourceNotFound,
        Self::MethodNotAllowed,
        Self::RequestTimeout,
        Self::ResourceAlreadyExists,
        Self::IdempotencyKeyInUse,
        Self::PreconditionFailed,
        Self::PayloadTooLarge,
        Self::UnsupportedMediaType,
        Self::ValidationError,
        Self::IdempotencyKeyReused,
        Self::RateLimited,
        Self::IdempotencyLimitReached,
        Self::HeadersTooLarge,
        Self::InternalError,
        Self::ServiceUnavailable,
    ];

    /// The code as it stands in an answer.
    pub const fn name(self) -> &'static str {
        match self {
            Self::MalformedJson => "MALFORMED_JSON",
            Self::MalformedRequest => "MALFORMED_REQUEST",
            Self::MissingApiKey => "MISSING_API_KEY",
            Self::InvalidApiKey => "INVALID_API_KEY",
            Self::ExpiredApiKey => "EXPIRED_API_KEY",
            Self::InsufficientPermissions => "INSUFFICIENT_PERMISSIONS",
            Self::ResourceNotFound => "RESOURCE_NOT_FOUND",
            Self::MethodNotAllowed => "METHOD_NOT_ALLOWED",
            Self::RequestTimeout => "REQUEST_TIMEOUT",
            Self::ResourceAlreadyExists => "RESOURCE_ALREADY_EXISTS",
            Self::IdempotencyKeyInUse => "IDEMPOTENCY_KEY_IN_USE",
            Self::PreconditionFailed => "PRECONDITION_FAILED",
            Self::PayloadTooLarge => "PAYLOAD_TOO_LARGE",
            Self::UnsupportedMediaType => "UNSUPPORTED_MEDIA_TYPE",
            Self::ValidationError => "VALIDATION_ERROR",
            Self::IdempotencyKeyReused => "IDEMPOTENCY_KEY_REUSED",
            Self::RateLimited => "RATE_LIMITED",
            Self::IdempotencyLimitReached => "IDEMPOTENCY_LIMIT_REACHED",
            Self::HeadersTooLarge => "HEADERS_TOO_LARGE",
            Self::InternalError => "INTERNAL_ERROR",
            Self::ServiceUnavailable => "SERVICE_UNAVAILABLE",
        }
    }

    /// The status of an answer with this code.
    pub const fn status(self) -> StatusCode {
        match self {
            Self::MalformedJson | Self::MalformedRequest => StatusCode::BAD_REQUEST,
            Self::MissingApiKey | Self::InvalidApiKey | Self::ExpiredApiKey => StatusCode::UNAUTHORIZED,
            Self::InsufficientPermissions => StatusCode::FORBIDDEN,
            Self::ResourceNotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::RequestTimeout => StatusCode::REQUEST_TIMEOUT,
            Self::ResourceAlreadyExists | Self::IdempotencyKeyInUse => StatusCode::CONFLICT,
            Self::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
            Self::PayloadTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::ValidationError | Self::IdempotencyKeyReused => StatusCode::UNPROCESSABLE_ENTITY,
            Self::RateLimited | Self::IdempotencyLimitReached => StatusCode::TOO_MANY_REQUESTS,
            Self::HeadersTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::InternalError => StatusCode::INTERNAL_SERVER_ERROR,
            Self::ServiceUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// What went wrong, in a few words that do not change from one occurrence to the next.
    pub const fn title(self) -> &'static str {
        match self {
            Self::MalformedJson => "The body is not JSON",
            Self::MalformedRequest => "The request is not HTTP",
            Self::MissingApiKey => "A token is missing",
            Self::InvalidApiKey => "The token is not valid",
            Self::ExpiredApiKey => "The token has expired",
            Self::InsufficientPermissions => "The token does not allow this",
            Self::ResourceNotFound => "Not found",
            Self::MethodNotAllowed => "Method not allowed",
            Self::RequestTimeout => "The request did not arrive in time",
            Self::ResourceAlreadyExists => "Already taken",
            Self::IdempotencyKeyInUse => "A request with the same key is under way",
            Self::PreconditionFailed => "A condition of the request does not hold",
            Self::PayloadTooLarge => "The body is too large",
            Self::UnsupportedMediaType => "The body's type is not supported",
            Self::ValidationError => "The request breaks a rule",
            Self::IdempotencyKeyReused => "The key was used for another request",
            Self::RateLimited => "Too many requests",
            Self::IdempotencyLimitReached => "Too many idempotency keys",
            Self::HeadersTooLarge => "The head of the request is too large",
            Self::InternalError => "A fault of the service",
            Self::ServiceUnavailable => "The service cannot do its work now",
        }
    }

    /// The code that fits a status best which the framework chose.
    pub fn of_status(status: StatusCode) -> Self {
        let fallback = if status.is_server_error() { Self::InternalError } else { Self::MalformedRequest };
        Self::ALL.into_iter().rev().find(|code| code.status() == status).unwrap_or(fallback)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use actix_web::http::StatusCode;

    use super::ErrorCode;

    #[test]
    fn all_lists_every_code_once_by_status() {
        let names: HashSet<_> = ErrorCode::ALL.into_iter().map(ErrorCode::name).collect();
        assert_eq!(names.len(), ErrorCode::ALL.len());
        assert!(ErrorCode::ALL.is_sorted_by_key(|code| code.status().as_u16()));
    }

    #[test]
    fn a_status_of_the_framework_gets_a_code() {
        assert_eq!(ErrorCode::of_status(StatusCode::BAD_REQUEST), ErrorCode::MalformedRequest);
        assert_eq!(ErrorCode::of_status(StatusCode::NOT_FOUND), ErrorCode::ResourceNotFound);
        assert_eq!(ErrorCode::of_status(StatusCode::IM_A_TEAPOT), ErrorCode::MalformedRequest);
        assert_eq!(ErrorCode::of_status(StatusCode::BAD_GATEWAY), ErrorCode::InternalError);
    }
}
