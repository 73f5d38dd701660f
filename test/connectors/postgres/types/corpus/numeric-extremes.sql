CREATE TABLE numeric_extremes (a numeric(1000,100), b numeric(39), c numeric(5,-2), d numeric(2,5), e numeric(3,-3));
INSERT INTO numeric_extremes VALUES
  ((repeat('9', 900) || '.' || repeat('9', 100))::numeric, repeat('9', 39)::numeric, 1234567, 0.00099, 123456),
  (-(repeat('9', 900) || '.' || repeat('9', 100))::numeric, -repeat('9', 39)::numeric, -1234567, -0.00099, -123456),
  (('0.' || repeat('0', 99) || '1')::numeric, 1, 50, 0.00001, 500), (0, 0, 0, 0, 0), (NULL, NULL, NULL, NULL, NULL),
  ('NaN', 'NaN', 'NaN', 'NaN', 'NaN'), (1, 2, 49, 0.000004, 499);
-- relation numeric_extremes
