CREATE TABLE serials (a smallserial, b serial, c bigserial, d int GENERATED ALWAYS AS IDENTITY, e int GENERATED ALWAYS AS (b * 2) STORED);
INSERT INTO serials (a) SELECT i FROM generate_series(1, 3) AS i;
-- relation serials
