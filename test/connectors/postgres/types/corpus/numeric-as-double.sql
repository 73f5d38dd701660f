-- settings {"numeric": "double"}
CREATE TABLE numeric_as_double (v numeric(30,10), w numeric);
INSERT INTO numeric_as_double VALUES (1.5, 1e-400), (0.1, 123456789012345678901234567890.5), ('NaN', 'Infinity'),
  (NULL, '-Infinity'), (-0.3, 1e400), (9007199254740993, 0), (12345678901234567890.1234567890, 5e-324);
-- relation numeric_as_double
