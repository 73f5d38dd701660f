CREATE TABLE under_view (id int PRIMARY KEY, amount numeric(8,2), at timestamptz, tags text[]);
INSERT INTO under_view VALUES (1, 1.50, '2020-01-01Z', '{a}'), (2, NULL, NULL, NULL), (3, -5, 'infinity', '{}');
CREATE VIEW a_view AS SELECT id, amount, amount * 2 AS twice, at, at::date AS day, tags, tags[1] AS tag, count(*) OVER () AS n FROM under_view;
-- relation a_view
