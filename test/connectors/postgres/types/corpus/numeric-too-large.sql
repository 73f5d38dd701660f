-- settings {"numeric": {"precision": 5, "scale": 2}}
-- query
SELECT 1000.00::numeric AS v
