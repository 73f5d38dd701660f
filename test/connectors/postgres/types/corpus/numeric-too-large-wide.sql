-- settings {"numeric": {"precision": 38, "scale": 2}}
-- query
SELECT 1e36::numeric AS v
