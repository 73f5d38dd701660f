CREATE TABLE arrays_of_text (a interval[], b int4range[], c money[], d timetz[], e point[], f varchar(5)[], g char(3)[], h name[], i interval[][], j xml[], k bit(3)[]);
INSERT INTO arrays_of_text VALUES ('{1 day,NULL,"1 mon -2 days"}', '{"[1,5)",empty,NULL}', '{1.5,-2}', '{12:00+02,NULL}', array[point '(1,2)', NULL], '{a,NULL}', '{a,abc}', '{n1,n2}', '{{1 day},{NULL}}', array['<a/>']::xml[], '{101,000}'),
  ('{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}'), (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
-- relation arrays_of_text
