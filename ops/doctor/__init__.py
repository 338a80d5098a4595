"""Checks of a machine and of a stack: what is as it should be, what is not, and what to do about it."""
