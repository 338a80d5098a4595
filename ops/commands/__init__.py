"""Commands of `bin/fondation` by topic, one module each; `ops/commands/cli.py` puts them together.

A module holds arguments and words only and imports what does the work inside its functions, so that `--help` answers
at once.
"""
