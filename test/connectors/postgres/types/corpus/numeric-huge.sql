-- query
SELECT md5(v::text) AS digest, length(v::text) AS size, v
FROM (VALUES (('9' || repeat('0', 20000))::numeric), (('0.' || repeat('0', 16000) || '123')::numeric)) AS t(v)
