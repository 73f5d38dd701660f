CREATE TABLE all_null (a int2, b int4, c int8, d float4, e float8, f numeric(10,2), g numeric, h text, i bytea, j bool, k date, l time, m timestamp, n uuid, o jsonb, p int[], q inet, r interval);
INSERT INTO all_null SELECT FROM generate_series(1, 20);
-- relation all_null
