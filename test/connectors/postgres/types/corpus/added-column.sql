CREATE TABLE added_column (a int);
INSERT INTO added_column VALUES (1), (2);
ALTER TABLE added_column ADD b numeric(5,2) DEFAULT 1.25, ADD c text DEFAULT 'later';
INSERT INTO added_column VALUES (3, NULL, NULL);
-- relation added_column
