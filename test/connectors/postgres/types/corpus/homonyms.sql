CREATE SCHEMA other;
CREATE TYPE other.numeric AS ENUM ('one', 'two');
CREATE DOMAIN other.text AS int4;
CREATE DOMAIN other.uuid AS varchar;
CREATE TABLE homonyms (a other.numeric, b other.text, c other.uuid, "A" text, "with ""quotes""" int, "ünï 😀" int);
INSERT INTO homonyms VALUES ('one', 5, 'no uuid', 'x', 1, 2);
-- relation homonyms
