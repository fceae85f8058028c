"""The command line: parse, call one use case, print. Results to stdout, progress to stderr."""

from lightkeeper.cli.main import main

__all__ = ["main"]
