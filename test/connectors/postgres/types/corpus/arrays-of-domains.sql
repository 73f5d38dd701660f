CREATE DOMAIN ids AS int4[] CHECK (VALUE IS NOT NULL);
CREATE DOMAIN grid AS int4[][];
CREATE DOMAIN price AS numeric(10,2);
CREATE TABLE arrays_of_domains (a ids, b price[], c ids[], d grid, e price);
INSERT INTO arrays_of_domains VALUES ('{1,2}', '{1.5,NULL,2}', array['{1,2}', '{3}']::ids[], '{{1,2},{3,4}}', 9.99), ('{}', '{}', '{}', '{}', 0), ('{NULL}', NULL, NULL, NULL, NULL);
-- relation arrays_of_domains
-- prints otherwise: c
