"""A stand-in for the Docker provider, behind `pulumi_docker`'s own resource classes.

It exists for machines that reach package registries only. It covers Image, RemoteImage, Tag, Network, Volume, Container
and, on a swarm, Service, Secret and ServiceConfig, and refuses in preview whatever it does not cover. It does not push
images and speaks to one daemon.
"""
