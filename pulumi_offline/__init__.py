"""Pulumi where only package registries are reachable.

`locate.ensure` finds, downloads or builds an engine; `home.install_provider` and `home.record` put it to use in a
checkout; `home.environment` is what it runs with. The language host and the Docker provider are processes of their own,
and each preview or update starts three of them: so nothing is imported here.
"""
