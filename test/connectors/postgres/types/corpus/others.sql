CREATE TABLE others (a money, b bit(5), c varbit, d point, e line, f lseg, g box, h path, i polygon, j circle, k tsvector, l tsquery, m pg_lsn, n xid, o tid, p jsonpath, q regclass, r int2vector, s oidvector, t xml, u xid8, v regtype, w "char"[]);
INSERT INTO others VALUES ('-1234.5', B'10101', B'1', '(1,2)', '{1,2,3}', '[(0,0),(1,1)]', '(1,1),(0,0)', '((0,0),(1,1))', '((0,0),(1,1),(1,0))', '<(0,0),5>', 'a:1 fat:2B', 'fat & rat', '16/B374D848', '4294967295', '(0,1)', '$.a[*] ? (@ > 1)', 'pg_class', '1 2 3', '4 5', '<a b="c">ä</a>', '18446744073709551615', 'numeric', '{a,b}'),
  (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
-- relation others
