"""Start the command line: `python -m analyzer` and the zipapp both come through here."""

import sys

from analyzer.cli import main

if __name__ == "__main__":
    sys.exit(main())
