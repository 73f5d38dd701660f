CREATE TABLE empty_table (a int, b text, c numeric(10,2), d text[], e bool);
-- relation empty_table
