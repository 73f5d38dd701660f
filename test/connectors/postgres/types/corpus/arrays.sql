CREATE TABLE arrays (a int4[], b text[], c bool[], d numeric(10,2)[], e numeric[], f timestamptz[], g uuid[], h jsonb[], i bytea[], j float8[], k date[], l int2[], m int8[], n time[]);
INSERT INTO arrays VALUES
  ('{1,2,3}', '{a,b,c}', '{t,f,NULL}', '{1.10,-2.25,NULL}', '{1.10,NaN,-Infinity}', '{2020-01-01 00:00+00,infinity,NULL}', '{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11,NULL}', array['{"a": 1}', NULL, '[]']::jsonb[], array['\x00ff', '\x']::bytea[], '{1.5,NaN,-0}', '{2020-01-01,0001-01-01 BC,-infinity}', '{-1,NULL,32767}', '{9223372036854775807,-9223372036854775808}', '{24:00,00:00:00.5}'),
  ('{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}'),
  ('{NULL}', '{NULL,"","NULL","null"," "}', '{NULL}', '{NULL}', '{NULL}', '{NULL}', '{NULL}', '{NULL}', '{NULL}', '{NULL}', '{NULL}', '{NULL}', '{NULL}', '{NULL}'),
  ('[2:4]={7,8,9}', '[-1:0]={x,y}', '[0:0]={t}', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (array(SELECT generate_series(1, 3000)), array['quote"', 'back\slash', 'comma,', '{brace}', E'tab\t', 'ünï😀', 'a b'], array(SELECT i % 3 = 0 FROM generate_series(1, 20) AS i), '{0,0.01}', '{0.000,1e50}', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
-- relation arrays
