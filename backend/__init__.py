"""The embedded backend: Convex's function API and sync protocol on SQLite.

It serves the functions of the job contract that worker and web need. It does not run user code, has no actions and
no user accounts: one key guards every write.
"""

from course.version import VERSION

__version__ = VERSION
