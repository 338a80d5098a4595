"""What belongs together, what matters and what comes first, computed from the facts of `analyzer.code`."""
