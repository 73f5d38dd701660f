CREATE TABLE arrays_nested (a int4[][], b text[][][], c numeric(8,2)[][]);
INSERT INTO arrays_nested VALUES ('{{1,2},{3,NULL}}', '{{{a},{b}},{{c},{NULL}}}', '{{1.5}}'), ('{}', '{}', '{}'), (NULL, NULL, NULL),
  ('[1:1][3:5]={{7,8,9}}', '{{{x,y,z}}}', '{{1,2,3},{4,5,6}}'), ('{{1},{2},{3}}', NULL, '{{NULL,NULL}}');
-- relation arrays_nested
