"""The version of the functions that a Convex deployment has to offer: `convex/functions/system.ts` has the same."""

from typing import Final

NAME: Final = "fondation"
VERSION: Final = 2
