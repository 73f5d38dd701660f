-- query
SELECT 'NaN'::numeric(10,2) AS v
