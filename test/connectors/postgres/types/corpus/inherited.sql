CREATE TABLE parent (a int, b text);
CREATE TABLE child (c uuid) INHERITS (parent);
INSERT INTO parent VALUES (1, 'parent');
INSERT INTO child VALUES (2, 'child', NULL);
-- relation parent
