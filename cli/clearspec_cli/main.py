"""The entry point: runs the command and turns every refusal into one line and an exit code."""

import os
import sys
from collections.abc import Sequence

FAILED, REFUSED, INTERRUPTED = 1, 2, 130


def run(arguments: Sequence[str] | None = None) -> int:
    """Run `clearspec` with these arguments; returns the exit code.

    0: all is well; 1: a check failed; 2: the input cannot be used; 130: interrupted.
    """
    try:
        from clearspec_cli.app import call
    except ModuleNotFoundError as error:
        return _refuse(f"the command needs {error.name}: pip install 'clearspec[cli]'")
    from clearspec_cli.refusal import Interrupted, Refused

    try:
        return call(sys.argv[1:] if arguments is None else list(arguments))
    except Refused as refusal:
        return _refuse(str(refusal))
    except (KeyboardInterrupt, Interrupted) as interruption:
        print(f"clearspec: interrupted{_after(interruption)}", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read standard output has seen enough; nothing more can be written there.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _refuse(message: str) -> int:
    print(f"clearspec: {' '.join(message.split())}", file=sys.stderr)
    return REFUSED


def _after(interruption: BaseException) -> str:
    return f"; {interruption}" if str(interruption) else ""


if __name__ == "__main__":
    sys.exit(run())
