"""The bundled command line: turns a git repository into a course in six steps.

It reads a repository and writes a folder. It never runs, installs or imports the code that it reads, opens no
network connection with the `static` engine, and knows nothing of queues, backends or pages.
"""

from course.version import VERSION

__version__ = VERSION
