"""The web application: submit a repository, follow its job, read its course.

Talks to the backend only; never clones, analyses or stores anything itself.
"""
