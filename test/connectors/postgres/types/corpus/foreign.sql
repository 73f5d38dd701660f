CREATE EXTENSION IF NOT EXISTS postgres_fdw;
CREATE TABLE remote (id int8, amount numeric(10,3), name text, at timestamptz, tags text[], doc jsonb);
INSERT INTO remote VALUES (1, 1.125, 'a', '2020-01-01 00:00Z', '{x,NULL}', '{"a": 1}'), (2, NULL, NULL, 'infinity', '{}', NULL);
DO $$ BEGIN
  EXECUTE format('CREATE SERVER loopback FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host %L, port %L, dbname %L)', '127.0.0.1', current_setting('port'), current_database());
END $$;
CREATE USER MAPPING FOR CURRENT_USER SERVER loopback OPTIONS (user 'postgres');
CREATE FOREIGN TABLE foreign_table (id int8 NOT NULL, amount numeric(10,3), name text, at timestamptz, tags text[], doc jsonb) SERVER loopback OPTIONS (table_name 'remote');
-- relation foreign_table
