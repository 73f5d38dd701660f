CREATE TYPE inventory_item AS (name text, supplier_id int, price numeric);
CREATE TABLE composites (a inventory_item, b inventory_item[]);
INSERT INTO composites VALUES (ROW('fuzzy dice', 42, 1.99), array[ROW('a "b", c', NULL, 0)::inventory_item, NULL]), (ROW(NULL, NULL, NULL), '{}'), (NULL, NULL), (ROW('', 0, 'NaN'), NULL);
-- relation composites
