//! The tables, as diesel sees them; a test holds them against the migrated database.

diesel::table! {
    users (id) {
        id -> Text,
        version -> BigInt,
        modified_at -> BigInt,
        active -> Bool,
        avatar -> Nullable<Text>,
        bio -> Nullable<Text>,
        birthday -> Nullable<Text>,
        country -> Nullable<Text>,
        email -> Nullable<Text>,
        first_name -> Nullable<Text>,
        last_name -> Nullable<Text>,
        last_seen -> Nullable<BigInt>,
        last_typed -> Nullable<BigInt>,
        location -> Nullable<Text>,
        organization -> Nullable<Text>,
        phone -> Nullable<Text>,
        regions -> Nullable<Text>,
        title -> Nullable<Text>,
        twitter -> Nullable<Text>,
        username -> Nullable<Text>,
        username_key -> Nullable<Text>,
        first_name_key -> Nullable<Text>,
        last_name_key -> Nullable<Text>,
        email_key -> Nullable<Text>,
        organization_key -> Nullable<Text>,
    }
}

diesel::table! {
    tokens (id) {
        id -> Text,
        name -> Text,
        secret_hash -> Binary,
        scopes -> Text,
        created_at -> BigInt,
        expires_at -> Nullable<BigInt>,
        revoked_at -> Nullable<BigInt>,
        last_used_on -> Nullable<Text>,
        user_id -> Nullable<Text>,
        may_set -> Nullable<Text>,
    }
}

diesel::table! {
    idempotency_records (caller, key) {
        caller -> Text,
        key -> Text,
        fingerprint -> Binary,
        kept_at -> BigInt,
        outcomes -> Text,
        bytes -> BigInt,
        user_id -> Nullable<Text>,
    }
}
