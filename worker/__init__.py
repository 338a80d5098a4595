"""The worker: claims a job, clones its repository, runs the CLI, publishes the course.

Never analyses code itself and never talks to a model: the CLI is a process, and its folder is read as data.
"""
