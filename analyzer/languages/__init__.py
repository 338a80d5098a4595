"""One table per programming language: a tree-sitter query, and the few rules that a query cannot say."""
