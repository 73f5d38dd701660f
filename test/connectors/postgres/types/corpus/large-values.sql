CREATE TABLE large_values (size int, t text, b bytea, j jsonb, a text[]);
ALTER TABLE large_values ALTER t SET STORAGE EXTERNAL;
INSERT INTO large_values SELECT n, repeat('ä', n / 2), decode(repeat('a5', n), 'hex'), jsonb_build_object('k', repeat('x', n)), array[repeat('y', n), NULL]
  FROM unnest(array[47, 48, 49, 65535, 65536, 70000, 262144, 3000000]) AS n;
INSERT INTO large_values SELECT n, repeat('z', n), NULL, NULL, NULL FROM generate_series(1, 100) AS n;
-- query
SELECT size, t, b, j, a FROM large_values
-- digest
