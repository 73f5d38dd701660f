-- query
SELECT '{{1,2},{3,4}}'::int[] AS v
