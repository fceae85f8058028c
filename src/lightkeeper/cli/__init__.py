"""The command line: parse, call one use case, print. Results to stdout, progress to stderr."""

import sys

try:
    from lightkeeper.cli.main import main
except KeyboardInterrupt:  # before there is a command that could meet it
    sys.stderr.write("interrupted\n")
    sys.exit(130)

__all__ = ["main"]
