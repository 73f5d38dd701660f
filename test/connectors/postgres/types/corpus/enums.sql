CREATE TYPE mood AS ENUM ('sad', 'so so', 'happy 😀', '', 'it''s');
CREATE TABLE enums (a mood, b mood[]);
INSERT INTO enums VALUES ('sad', '{sad}'), ('so so', '{"so so",NULL}'), ('happy 😀', '{}'), ('', '{""}'), ('it''s', NULL), (NULL, '{it''s,sad}');
-- relation enums
