CREATE EXTENSION IF NOT EXISTS citext;
CREATE EXTENSION IF NOT EXISTS hstore;
CREATE EXTENSION IF NOT EXISTS ltree;
CREATE EXTENSION IF NOT EXISTS cube;
CREATE TABLE extensions (a citext, b hstore, c ltree, d citext[], e cube);
INSERT INTO extensions VALUES ('MiXed', 'a=>1, b=>NULL', 'Top.Science', '{A,NULL,b}', '(1,2)'), (NULL, NULL, NULL, NULL, NULL), ('', '', '', '{}', NULL);
-- relation extensions
