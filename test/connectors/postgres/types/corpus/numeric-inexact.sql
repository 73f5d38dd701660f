-- settings {"numeric": {"precision": 20, "scale": 6}}
-- query
SELECT 0.0000001::numeric AS v
