CREATE DOMAIN positive AS int8 CHECK (VALUE > 0);
CREATE DOMAIN more_positive AS positive CHECK (VALUE > 10);
CREATE DOMAIN email AS varchar(100);
CREATE DOMAIN cents AS numeric(10,2) DEFAULT 0;
CREATE DOMAIN more_cents AS cents;
CREATE DOMAIN wide AS numeric;
CREATE TABLE domains (a positive, b more_positive, c email, d cents, e more_cents, f wide);
INSERT INTO domains VALUES (1, 11, 'a@example.org', 1.50, -2.25, 1.500), (NULL, NULL, NULL, NULL, NULL, NULL);
-- relation domains
