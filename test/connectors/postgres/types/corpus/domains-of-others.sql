CREATE TYPE suit AS ENUM ('hearts', 'spades');
CREATE TYPE pair AS (x int, y text);
CREATE DOMAIN black AS suit CHECK (VALUE = 'spades');
CREATE DOMAIN paired AS pair;
CREATE DOMAIN span AS int4range;
CREATE DOMAIN place AS point;
CREATE DOMAIN document AS jsonb;
CREATE TABLE domains_of_others (a black, b paired, c span, d place, e document);
INSERT INTO domains_of_others VALUES ('spades', '(1,"a b")', '[1,2]', '(1,2)', '{"a":1}'), (NULL, NULL, NULL, NULL, NULL);
-- relation domains_of_others
