-- query
SELECT v::interval FROM unnest(array['0', '1 year 2 mons 3 days 04:05:06.789', '-1 year -2 mons +3 days -04:05:06', '1 mon', '-1 day', '1000000 hours', '0.000001 s', '-0.5 s', '178000000 years', '-178000000 years', '1 week', NULL]) AS v
