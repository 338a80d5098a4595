"""Repositories, jobs and courses of a running stack, as a user has them in a terminal."""
