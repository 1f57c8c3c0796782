-- One index for each filter of the list, with the id behind it, so that a page is read where it begins and in its order.
-- Users without the member are never looked for by it and stand in none of the partial indexes.
CREATE INDEX users_email_id ON users (email, id) WHERE email IS NOT NULL;
CREATE INDEX users_organization_id ON users (organization, id) WHERE organization IS NOT NULL;
CREATE INDEX users_country_id ON users (country, id) WHERE country IS NOT NULL;
CREATE INDEX users_active_id ON users (active, id);
