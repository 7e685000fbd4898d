"""`python -m clearspec_cli` is `clearspec`."""

import sys

from clearspec_cli.main import run

sys.exit(run())
