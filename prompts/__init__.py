"""What the model is told and asked: one file a step, one for what all steps are given, one that stands before all.

`$name` marks what our code puts in. Only `system.md` is an instruction to the model as such; text of a repository goes
between marks that are escaped in it.
"""
