CREATE TABLE fewer_dimensions (v int[][]);
INSERT INTO fewer_dimensions VALUES ('{1,2}');
-- relation fewer_dimensions
