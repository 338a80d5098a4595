"""The configuration of the stack that Pulumi deploys.

Apart from its rules, which commands apply without loading Pulumi.
"""

import pulumi

from components.configuration import ConfigurationError, StackConfiguration, parse_configuration


def stack_configuration() -> StackConfiguration:
    """Return the configuration of the stack that runs.

    Raises:
        pulumi.RunError: It cannot be used; Pulumi shows the message alone.
    """
    try:
        return parse_configuration(pulumi.runtime.config.CONFIG.get())
    except ConfigurationError as error:
        raise pulumi.RunError(str(error)) from None
