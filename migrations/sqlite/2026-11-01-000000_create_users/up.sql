-- SQLite compares text byte by byte (COLLATE BINARY) unless told otherwise, as this table needs it.
-- Instants are whole microseconds since 1970 (UTC), days are written YYYY-MM-DD.
CREATE TABLE users (
    id           TEXT    NOT NULL,
    version      BIGINT  NOT NULL,
    modified_at  BIGINT  NOT NULL,
    active       BOOLEAN NOT NULL,
    avatar       TEXT,
    bio          TEXT,
    birthday     TEXT,
    country      TEXT,
    email        TEXT,
    first_name   TEXT,
    last_name    TEXT,
    last_seen    BIGINT,
    last_typed   BIGINT,
    location     TEXT,
    organization TEXT,
    phone        TEXT,
    regions      TEXT,
    title        TEXT,
    twitter      TEXT,
    username     TEXT,
    username_key TEXT,
    CONSTRAINT users_pkey PRIMARY KEY (id),
    CONSTRAINT users_username_key_unique UNIQUE (username_key)
);
