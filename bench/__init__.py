"""Benchmarks: each figure against a limit or a named peer, printed with the machine that it was measured on."""
