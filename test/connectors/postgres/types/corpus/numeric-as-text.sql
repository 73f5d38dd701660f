-- settings {"numeric": "text"}
CREATE TABLE numeric_as_text (a numeric(12,2), b numeric, c numeric(10,0)[]);
INSERT INTO numeric_as_text VALUES (1.5, 1.500, '{1,NULL,NaN}'), ('NaN', 'Infinity', '{}'), (NULL, NULL, NULL);
-- relation numeric_as_text
