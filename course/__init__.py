"""The domain: steps, job states, documents and the course folder.

Imports nothing of the project and does no I/O but reading files.
"""
