CREATE EXTENSION IF NOT EXISTS file_fdw;
CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
CREATE FOREIGN TABLE file_table (a int, b numeric(6,2), c text) SERVER files OPTIONS (program $$printf '1,1.5,x\n2,,"q ""r"""\n'$$, format 'csv', null '');
-- relation file_table
