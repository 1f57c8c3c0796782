use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

/// Defines the codes with their names on the wire, in one table.
macro_rules! codes {
    ($($(#[$doc:meta])+ $code:ident = $name:literal,)+) => {
        /// What went wrong, by a code that programs can rely on.
        ///
        /// The service may learn new codes; those that this client does not know are [`Unknown`](Self::Unknown).
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorCode {
            $($(#[$doc])+ $code,)+
            /// A code that this version of the client does not know, as it was answered.
            Unknown(String),
        }

        impl ErrorCode {
            /// The code as it stands in an answer.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$code => $name,)+
                    Self::Unknown(name) => name,
                }
            }
        }

        impl FromStr for ErrorCode {
            type Err = Infallible;

            fn from_str(name: &str) -> Result<Self, Infallible> {
                Ok(match name {
                    $($name => Self::$code,)+
                    _ => Self::Unknown(name.to_owned()),
                })
            }
        }
    };
}

codes! {
    /// 400: the body is not JSON.
    MalformedJson = "MALFORMED_JSON",
    /// 400: what was sent is not HTTP.
    MalformedRequest = "MALFORMED_REQUEST",
    /// 401: there is no token.
    MissingApiKey = "MISSING_API_KEY",
    /// 401: the token is none of the service's, or was revoked.
    InvalidApiKey = "INVALID_API_KEY",
    /// 401: the token's time is over.
    ExpiredApiKey = "EXPIRED_API_KEY",
    /// 403: the token does not allow this.
    InsufficientPermissions = "INSUFFICIENT_PERMISSIONS",
    /// 404: there is no such user.
    ResourceNotFound = "RESOURCE_NOT_FOUND",
    /// 405: the service does not have this call.
    MethodNotAllowed = "METHOD_NOT_ALLOWED",
    /// 408: the request did not arrive in time.
    RequestTimeout = "REQUEST_TIMEOUT",
    /// 409: the id or the username is taken; the pointer tells which.
    ResourceAlreadyExists = "RESOURCE_ALREADY_EXISTS",
    /// 409: a request with the same idempotency key is still under way.
    IdempotencyKeyInUse = "IDEMPOTENCY_KEY_IN_USE",
    /// 412: the user is in another version than the one asked for.
    PreconditionFailed = "PRECONDITION_FAILED",
    /// 413: the body is too large.
    PayloadTooLarge = "PAYLOAD_TOO_LARGE",
    /// 415: the body is of a type that the service does not read.
    UnsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE",
    /// 422: a value breaks the rules; the pointers tell which.
    ValidationError = "VALIDATION_ERROR",
    /// 422: the idempotency key was used before, for another request.
    IdempotencyKeyReused = "IDEMPOTENCY_KEY_REUSED",
    /// 429: too many requests.
    RateLimited = "RATE_LIMITED",
    /// 429: the token has used too many idempotency keys within the last 24 hours.
    IdempotencyLimitReached = "IDEMPOTENCY_LIMIT_REACHED",
    /// 431: the head of the request is too large.
    HeadersTooLarge = "HEADERS_TOO_LARGE",
    /// 500: a fault of the service.
    InternalError = "INTERNAL_ERROR",
    /// 503: the service cannot do its work now.
    ServiceUnavailable = "SERVICE_UNAVAILABLE",
}

impl From<String> for ErrorCode {
    fn from(name: String) -> Self {
        match name.parse() {
            Ok(code) => code,
            Err(never) => match never {},
        }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::ErrorCode;

    #[test]
    fn a_code_is_read_and_written_also_an_unknown_one() {
        assert_eq!(ErrorCode::from("VALIDATION_ERROR".to_owned()), ErrorCode::ValidationError);
        let new = ErrorCode::from("BRAND_NEW".to_owned());
        assert_eq!(new, ErrorCode::Unknown("BRAND_NEW".to_owned()));
        assert_eq!(new.to_string(), "BRAND_NEW");
    }
}
