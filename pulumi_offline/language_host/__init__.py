"""Pulumi's language host for Python programs, on top of the server that the SDK has for inline programs.

It runs the program and nothing else: it installs no dependencies and finds no packages to download.
"""
