"""Facts about source code: what is defined where, with line numbers. Nothing here judges or writes prose."""
