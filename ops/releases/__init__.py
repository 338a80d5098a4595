"""Releases of a stack: what each was, going back to one, and how long what it needs is kept.

A release is a successful update in Pulumi's stack history; the project keeps no record of its own beside that.
"""
