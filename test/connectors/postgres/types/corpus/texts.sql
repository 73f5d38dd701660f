CREATE TABLE texts (a text, b varchar(20), c char(5), d name, e "char", f bpchar, g varchar);
INSERT INTO texts VALUES ('plain', 'limited', 'ab', 'a_name', 'x', 'pad  ', 'free'),
  ('', '', '', '', '', '', ''), (' spaces ', E'tab\there', '  x', 'n', ' ', '', E'line\nfeed'),
  ('emoji 😀 and 漢字', 'ünïcödé', 'äöü', 'näme', E'\\377', '😀', E'\\N'),
  ('quote " '' \ {} ,', 'NULL', 'null', 'NULL', '"', '{}', '()'),
  (U&'\FEFFbom', U&'\FFFF', U&'e\0301', U&'\+01F468', '\', U&'\200D', E'\u0001'), (NULL, NULL, NULL, NULL, NULL, NULL, NULL);
-- relation texts
