"""Operator and user commands: set up a machine, run a stack, submit repositories, read courses.

Drives Pulumi, Docker and the backend from outside; declares no resource itself (that is `components`).
"""
