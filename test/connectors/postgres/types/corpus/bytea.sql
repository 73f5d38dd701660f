-- query
VALUES ('\x'::bytea), ('\x00'), ('\x00010203ff'), (NULL), ('\\'), ('text'), (decode(repeat('00ff', 100), 'hex'))
