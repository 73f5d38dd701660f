CREATE TYPE float_range AS RANGE (subtype = float8);
CREATE TABLE ranges (a int4range, b numrange, c tsrange, d tstzrange, e daterange, f int8multirange, g float_range);
INSERT INTO ranges VALUES ('[1,10)', '[1.5,2.5]', '[2020-01-01,2020-02-01)', '[2020-01-01 00:00+02,)', '[2020-01-01,2020-01-31]', '{[1,2),[5,6)}', '(1.5,infinity]'),
  ('empty', 'empty', '(,)', 'empty', '(,2020-01-01]', '{}', 'empty'), (NULL, NULL, NULL, NULL, NULL, NULL, NULL), ('(,5]', '(,)', '["2020-01-01 10:00:00",infinity]', '[-infinity,infinity)', 'empty', '{(,)}', '(,)');
-- relation ranges
