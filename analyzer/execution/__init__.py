"""Runs a repository's Python examples, where that was asked for, and tells what came of them."""
