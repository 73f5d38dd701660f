-- query
SELECT ROW(1, 'two', NULL) AS a, array[ROW(1, 2), ROW(3, NULL)] AS b, pg_catalog.pg_notify('x', '') AS c, 'unknown' AS d, NULL AS e
