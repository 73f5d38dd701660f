-- since 17
-- query
SELECT v::interval FROM unnest(array['infinity', '-infinity', NULL]) AS v
