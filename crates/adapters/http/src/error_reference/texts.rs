use crate::problem::ErrorCode;

/// What the reference says of one code.
pub struct Text {
    /// What it means.
    pub meaning: &'static str,
    /// What a client should do about it.
    pub remedy: &'static str,
    /// The `detail` of the example.
    pub detail: &'static str,
    /// The `instance` of the example.
    pub instance: &'static str,
    /// The `errors` of the example: pointer, code and detail of each.
    pub errors: &'static [(&'static str, &'static str, &'static str)],
}

impl Text {
    const fn new(meaning: &'static str, remedy: &'static str, detail: &'static str) -> Self {
        Self { meaning, remedy, detail, instance: "/v1/users/ada", errors: &[] }
    }
}

/// What the reference says of `code`.
#[expect(clippy::too_many_lines, reason = "a table: one entry for each code")]
pub const fn text_of(code: ErrorCode) -> Text {
    match code {
        ErrorCode::MalformedJson => Text::new(
            "The body is not valid JSON (RFC 8259) in UTF-8, or has a member twice, under one name or under both of its \
             names. The detail gives line and column, or the member.",
            "Correct the body. Sending it again unchanged cannot succeed.",
            "The body is not valid JSON: look at line 3, column 12.",
        ),
        ErrorCode::MalformedRequest => Text {
            instance: "/",
            ..Text::new(
                "What was sent cannot be read as an HTTP request, or its body ends before the length that was announced.",
                "Look for a client or a proxy that writes broken HTTP. The connection is closed.",
                "What was sent cannot be read as an HTTP request.",
            )
        },
        ErrorCode::MissingApiKey => Text::new(
            "The request has no `Authorization` header.",
            "Send `Authorization: Token <token>` or `Authorization: Bearer <token>`.",
            "Send a token: Authorization: Token <token>.",
        ),
        ErrorCode::InvalidApiKey => Text::new(
            "The token cannot be read, is not one of this service, or was revoked.",
            "Check that the token is sent whole; otherwise ask for a new one. Do not try again with the same token.",
            "The token is not one of this service, or was revoked.",
        ),
        ErrorCode::ExpiredApiKey => Text::new(
            "The token was valid until a moment that has passed.",
            "Ask for a new token.",
            "The token has expired.",
        ),
        ErrorCode::InsufficientPermissions => Text {
            errors: &[("/email", "NOT_PERMITTED", "must not be set by this token")],
            ..Text::new(
                "The token is valid, but lacks the scope that the request needs: `users:read` to read, `users:write` to create \
                 and update, `users:delete` to delete; then there are no `errors`. Or it is a self-service token, which reads \
                 and updates its own user alone and sets some members only, and `errors` points to each that it may not set.",
                "Use a token with the scope that the detail names, or leave out the members that `errors` points to, also those \
                 that are sent with the value they have.",
                "The token does not allow setting /email.",
            )
        },
        ErrorCode::ResourceNotFound => Text::new(
            "There is no user with this id, or nothing at this path. Updating never creates a user.",
            "Check the id and the path, which is exact: `/v1/users/` is not `/v1/users`.",
            "There is no user with this id.",
        ),
        ErrorCode::MethodNotAllowed => Text::new(
            "The path does not have this method.",
            "Use one of the methods that the header `Allow` lists.",
            "TRACE is not a method of this path.",
        ),
        ErrorCode::RequestTimeout => Text::new(
            "The head of the request did not arrive within 5 seconds, or its body not within the time limit of a request: 5 \
             seconds as well, unless the operator has set another.",
            "Send it again, on a new connection and without pauses.",
            "The body did not arrive in time.",
        ),
        ErrorCode::ResourceAlreadyExists => Text {
            errors: &[("/username", "ALREADY_TAKEN", "is the username of another user")],
            ..Text::new(
                "The id or the username belongs to another user. Usernames that differ only in case or width are one name.",
                "Choose another value for the member that `errors` points to.",
                "The username is taken by another user.",
            )
        },
        ErrorCode::IdempotencyKeyInUse => Text::new(
            "A request with the same `Idempotency-Key` of the same token is under way. This one did nothing.",
            "Send the request again, with the same key, after the time in `Retry-After`: it then gets the answer of the first.",
            "A request with this Idempotency-Key is under way. Try again.",
        ),
        ErrorCode::PreconditionFailed => Text::new(
            "A condition of the request, such as `If-Match`, does not hold: somebody else has changed the user since it was \
             read. Nothing was changed. The header `ETag` has the tag that would match now.",
            "Read the user again, decide anew, and send the update with the new tag.",
            "The user is in another version than the request asks for; ETag tells which.",
        ),
        ErrorCode::PayloadTooLarge => Text::new(
            "The body has more than 256 KiB; that of a bulk request, more than 4 MiB.",
            "Send less. No valid user comes near that size; of a bulk request, make several.",
            "A body may have at most 262144 bytes.",
        ),
        ErrorCode::UnsupportedMediaType => Text::new(
            "The body is declared as something else than JSON in UTF-8, on a `PATCH` as something else than one of the two \
             kinds of patches, or as compressed.",
            "Send one of the types in the header `Accept`, and no `Content-Encoding`.",
            "The body must be application/json, in UTF-8.",
        ),
        ErrorCode::ValidationError => Text {
            errors: &[
                ("/birthday", "OUT_OF_RANGE", "must be a day from 1900-01-01 to today"),
                ("/nickname", "UNKNOWN_MEMBER", "is not a member of a user"),
            ],
            ..Text::new(
                "The body is JSON, but breaks rules of a user; or a JSON patch does not fit the user, and then the pointers \
                 lead into the patch; or a parameter or `Idempotency-Key` is wrong, and then the pointers name parameters, or \
                 there are none. `errors` has every place at once, at most 100. Nothing was changed.",
                "Correct every place that `errors` points to. With `Prefer: handling=lenient` members that a user does not \
                 have, and parameters that there are not, are ignored instead of refused.",
                "The body breaks 2 rules; the first: /birthday must be a day from 1900-01-01 to today.",
            )
        },
        ErrorCode::IdempotencyKeyReused => Text::new(
            "The `Idempotency-Key` was sent within the last 24 hours by the same token, with another request: another method, \
             path, query, condition or body. This one did nothing.",
            "Use a new key for each thing that is to be done, and send it again only with the very same request.",
            "The Idempotency-Key was sent before, with another request.",
        ),
        ErrorCode::RateLimited => Text::new(
            "Too many requests came in too short a time.",
            "Wait as long as the header `Retry-After` says.",
            "There were too many requests. Try again later.",
        ),
        ErrorCode::IdempotencyLimitReached => Text::new(
            "The answers to requests with an `Idempotency-Key` are stored for 24 hours, and there is no room for another one: \
             the token has reached its limit, or all tokens together have. The request was not carried out. Requests \
             that were carried out before are still answered.",
            "Wait as long as the header `Retry-After` says, or send the request without a key.",
            "Too many requests with an Idempotency-Key were carried out within the last 24 hours.",
        ),
        ErrorCode::HeadersTooLarge => Text {
            instance: "/",
            ..Text::new(
                "The path and the headers together are larger than 128 KiB, or there are more than 96 header lines.",
                "Send fewer or shorter headers.",
                "The head of a request may have at most 128 KiB and 96 header lines.",
            )
        },
        ErrorCode::InternalError => Text::new(
            "A fault of the service. Whether the request took effect is unknown.",
            "Report it with the request id. Send the request again with the same `Idempotency-Key`; an update may be sent again without one as well: carrying \
             out the same one twice does no harm.",
            "The service could not answer. The request id tells its operator why.",
        ),
        ErrorCode::ServiceUnavailable => Text::new(
            "The service or its database cannot do its work now. Whether the request took effect is unknown.",
            "Send the request again after the time in `Retry-After`, and ever more rarely after that; a request other than an \
             update with the same `Idempotency-Key`, so that it does not take effect twice.",
            "The database is not available. Try again.",
        ),
    }
}
