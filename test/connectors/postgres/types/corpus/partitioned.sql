CREATE TABLE partitioned (id int NOT NULL, at timestamp, dropped text, amount numeric(6,1)) PARTITION BY RANGE (id);
CREATE TABLE partitioned_low PARTITION OF partitioned FOR VALUES FROM (0) TO (10);
CREATE TABLE partitioned_high (amount numeric(6,1), id int NOT NULL, dropped text, at timestamp);
ALTER TABLE partitioned ATTACH PARTITION partitioned_high FOR VALUES FROM (10) TO (20);
INSERT INTO partitioned SELECT i, '2020-01-01'::timestamp + i * interval '1 day', 'x', i * 1.1 FROM generate_series(5, 14) AS i;
ALTER TABLE partitioned DROP COLUMN dropped;
-- relation partitioned
