"""Component resources of the Pulumi program, its typed configuration, and the image contexts that it plans with.

Components take plain values and resources; they read no configuration and export nothing.
"""
