CREATE TABLE q_orders (id int, customer int, amount numeric(8,2));
CREATE TABLE q_customers (id int, name varchar(10));
INSERT INTO q_customers VALUES (1, 'Ada'), (2, 'Bob'), (3, 'Cy');
INSERT INTO q_orders VALUES (1, 1, 10.5), (2, 1, 20), (3, 2, 0.01);
-- query
SELECT c.name, count(o.id) AS orders, sum(o.amount) AS total, avg(o.amount) AS mean, max(o.amount) AS most, array_agg(o.id ORDER BY o.id) AS ids, jsonb_agg(o.amount) AS doc, grouping(c.name) AS level
FROM q_customers AS c LEFT JOIN q_orders AS o ON o.customer = c.id GROUP BY c.name ORDER BY c.name
