-- settings {"arrays": "json"}
-- query
SELECT v, w FROM (VALUES ('{{1,2},{3,NULL}}'::int[], '{a,NULL,"q\""}'::text[]), ('{5}', '{}'), (NULL, NULL)) AS t(v, w)
