CREATE MATERIALIZED VIEW a_materialized_view AS SELECT i AS id, i / 4.0 AS quarter, 'row ' || i AS name, array[i, i] AS pair FROM generate_series(1, 5) AS i;
-- relation a_materialized_view
