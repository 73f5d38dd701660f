-- query
SELECT 1 AS "One", 'x'::text AS "t w o", NULL::int4 AS three, now() IS NOT NULL AS four, ARRAY[[1,2]]::text AS five, 1::numeric(5,2) + 1 AS six, 'a'::varchar(3) || 'b' AS seven
