"""Entry point of `bin/fondation`: runs a command and turns every error into a message and an exit code."""

import sys
import traceback

from ops.commands.cli import main
from ops.errors import OpsError


def _run() -> int:
    try:
        main(prog_name="fondation")
    except OpsError as error:
        print(f"fondation: {error}", file=sys.stderr)  # noqa: T201 - the one place that speaks for a failed command
        return error.exit_code
    except KeyboardInterrupt:
        print("fondation: interrupted", file=sys.stderr)  # noqa: T201 - same
        return 130
    except Exception:  # noqa: BLE001 - the boundary: whatever is left is a defect of ours, shown with its traceback
        traceback.print_exc()
        print("fondation: this is a defect of the command itself; the lines above say where", file=sys.stderr)  # noqa: T201 - same
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(_run())
