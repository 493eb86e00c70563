-- The settings of every session behind PgBouncer, which passes none on. A test compares them with the program's.
ALTER ROLE beneficiate SET timezone = 'UTC';
ALTER ROLE beneficiate SET statement_timeout = '30000';
ALTER ROLE beneficiate SET lock_timeout = '3000';
ALTER ROLE beneficiate SET idle_in_transaction_session_timeout = '5000';
ALTER ROLE beneficiate SET plan_cache_mode = 'force_generic_plan';
