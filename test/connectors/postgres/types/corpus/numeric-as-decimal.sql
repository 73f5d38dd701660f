-- settings {"numeric": {"precision": 20, "scale": 6}}
CREATE TABLE numeric_as_decimal (a numeric, b numeric(5,1), c numeric(50,2));
INSERT INTO numeric_as_decimal VALUES (1.5, 1.5, 2.25), (12345678901234.123456, NULL, 3), (-0.000001, 0, -0.01);
-- relation numeric_as_decimal
