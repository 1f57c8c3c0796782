-- One index for each filter of the list, with the id behind it, so that a page is read where it begins and in its order.
-- Compared byte by byte (COLLATE "C"), so that no index depends on the locales of the system, which change with it.
-- Users without the member are never looked for by it and stand in none of the partial indexes. All four columns
-- rarely change: an update of others still finds every index as it is.
CREATE INDEX users_email_id ON users (email COLLATE "C", id) WHERE email IS NOT NULL;
CREATE INDEX users_organization_id ON users (organization COLLATE "C", id) WHERE organization IS NOT NULL;
CREATE INDEX users_country_id ON users (country COLLATE "C", id) WHERE country IS NOT NULL;
CREATE INDEX users_active_id ON users (active, id);
