-- query
VALUES ('00000000-0000-0000-0000-000000000000'::uuid), ('ffffffff-ffff-ffff-ffff-ffffffffffff'), ('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'), (NULL), ('01234567-89ab-cdef-0123-456789abcdef')
