"""Reading a repository: which files there are, what they hold, which commit they belong to."""
