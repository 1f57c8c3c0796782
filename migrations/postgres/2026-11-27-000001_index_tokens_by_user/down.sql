DROP INDEX tokens_user_id;
