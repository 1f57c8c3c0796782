DROP INDEX users_active_id;
DROP INDEX users_country_id;
DROP INDEX users_organization_id;
DROP INDEX users_email_id;
