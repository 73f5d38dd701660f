-- query
VALUES (true), (false), (NULL), ('yes'::bool), ('off'::bool)
