CREATE TABLE network (a inet, b cidr, c macaddr, d macaddr8);
INSERT INTO network VALUES ('192.168.0.1', '192.168.0.0/24', '08:00:2b:01:02:03', '08:00:2b:01:02:03:04:05'), ('192.168.0.1/24', '10.0.0.0/8', 'ff:ff:ff:ff:ff:ff', '00:00:00:00:00:00:00:00'),
  ('0.0.0.0/0', '0.0.0.0/0', '00:00:00:00:00:00', 'ff:ff:ff:ff:ff:ff:ff:ff'), ('::1', '::1/128', NULL, NULL), ('::', '::/0', NULL, NULL), ('fe80::1/64', 'fe80::/10', NULL, NULL),
  ('2001:db8::ff00:42:8329', '2001:db8::/32', NULL, NULL), ('::ffff:1.2.3.4', '::ffff:1.2.3.0/120', NULL, NULL), ('::1.2.3.4', '::/96', NULL, NULL), ('1:0:0:2:0:0:0:3', '1:0:0:2::/64', NULL, NULL),
  ('1:2:3:4:5:6:7:8', '1.2.3.4', NULL, NULL), ('1:0:2:0:3:0:4:0', '8000::/1', NULL, NULL), ('::0001:0002', NULL, NULL, NULL), ('0:0:0:0:0:0:0:2', NULL, NULL, NULL), ('255.255.255.255/32', '255.255.255.255/32', NULL, NULL),
  ('0:0:1::', NULL, NULL, NULL), ('::ffff:0:1.2.3.4', NULL, NULL, NULL), ('0:0:0:0:0:ffff::', NULL, NULL, NULL), ('::1:0:0', NULL, NULL, NULL), (NULL, NULL, NULL, NULL);
-- relation network
