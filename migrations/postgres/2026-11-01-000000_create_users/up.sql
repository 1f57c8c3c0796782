-- What must be equal or sorted alike on every database (id, username_key) is compared byte by byte: COLLATE "C".
-- A page is left three tenths empty, so that an update finds room for its new row version next to the old one and
-- no index has to be touched (a "heap-only tuple"). For the same reason no column that updates often is indexed.
CREATE TABLE users (
    id           text COLLATE "C" NOT NULL,
    version      bigint           NOT NULL,
    modified_at  timestamptz      NOT NULL,
    active       boolean          NOT NULL,
    avatar       text,
    bio          text,
    birthday     date,
    country      text,
    email        text,
    first_name   text,
    last_name    text,
    last_seen    timestamptz,
    last_typed   timestamptz,
    location     text,
    organization text,
    phone        text,
    regions      text,
    title        text,
    twitter      text,
    username     text,
    username_key text COLLATE "C",
    CONSTRAINT users_pkey PRIMARY KEY (id),
    CONSTRAINT users_username_key_unique UNIQUE (username_key)
) WITH (fillfactor = 70);
