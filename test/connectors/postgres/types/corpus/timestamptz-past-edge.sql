-- query
SELECT timestamptz '294247-01-10 04:00:54.775807+00' AS v
