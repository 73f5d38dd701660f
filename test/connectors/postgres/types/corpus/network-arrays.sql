-- query
SELECT '{192.168.0.1,::1,10.0.0.0/8,NULL}'::inet[] AS a, '{10.0.0.0/8,::/0}'::cidr[] AS b, '{08:00:2b:01:02:03}'::macaddr[] AS c
