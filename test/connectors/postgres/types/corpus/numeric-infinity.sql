-- settings {"numeric": {"precision": 20, "scale": 6}}
-- query
SELECT '-Infinity'::numeric AS v
