-- query
SELECT timestamp '294276-12-31 23:59:59.999999' AS v
