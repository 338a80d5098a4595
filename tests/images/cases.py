"""All that is asked inside of running containers."""

from collections.abc import Sequence

from tests.images.container_cases import CONTAINER_CASES
from tests.images.image_cases import IMAGE_CASES
from tests.images.inside import Case

CASES: Sequence[Case] = (*IMAGE_CASES, *CONTAINER_CASES)
