"""The operator's machine: what it is, and what has to be on it before Pulumi can plan. Knows nothing of stacks."""
