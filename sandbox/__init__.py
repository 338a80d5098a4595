"""Runs short Python programs of a repository where they can reach nothing: no network, no secret, no file of ours."""
