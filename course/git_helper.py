"""What git asks for a credential: `git_helper.py FILE PREFIX NETLOC get`, git's question on standard input.

Reads the token where it is needed, so that it is in no command line, environment, address or further file. Answers for
https at that one host, and for nothing else that git may come to ask for. Standard library only.
"""

import json
import sys


def main(file: str, prefix: str, netloc: str, operation: str) -> int:
    """Answer git's question with user and token; say nothing where it is another one."""
    asked = dict(line.rstrip("\n").partition("=")[::2] for line in sys.stdin if "=" in line)
    if operation != "get" or asked.get("protocol") != "https" or asked.get("host") != netloc:
        return 0
    with open(file, encoding="utf-8") as stream:  # noqa: PTH123 - as little as possible is loaded
        known = json.load(stream)
    for name, value in known.items():
        if name == prefix:
            sys.stdout.write(f"username={value['user']}\npassword={value['token']}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:5]))
