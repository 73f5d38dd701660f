/* The smallest guest in C: no libc, no imports, one export that the host calls. */

__attribute__((export_name("add"))) int add(int a, int b) { return a + b; }
