"""How kernels are compiled, and when what is kept of them on disk holds.

Numba keeps compiled code for as long as the file of the outermost function stays as it is; it does
not see a change in a callee of another file. Kernels called from Python are therefore kept for as
long as every file of kernels here has the same contents.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from numba import njit

P = ParamSpec("P")
R = TypeVar("R")

# For kernels that neither allocate nor are called from Python: they need not count references to
# arrays, which otherwise takes longer than what they do.
bare: Any = njit(nogil=True, _nrt=False)  # type: ignore[call-overload]
# The same where sums may be taken in any order; the order does not depend on threads or batches.
bare_sums: Any = njit(nogil=True, _nrt=False, fastmath={"reassoc", "contract"})  # type: ignore[call-overload]


@cache
def _contents_of_kernels() -> int:
    found = 0
    for path in sorted(Path(__file__).parent.glob("*.py")):
        text = path.read_bytes()
        if b"numba" in text or b"flow.compiled" in text:
            found = zlib.crc32(text, found)
    return found


def entry(kernel: Callable[P, R]) -> Callable[P, R]:
    """Compile a kernel that is called from Python, and keep it on disk while no kernel changes."""
    dispatcher: Any = njit(cache=True, nogil=True)(kernel)
    # Where numba keeps the time and size of the one file that it looks at.
    dispatcher._cache._cache_file._source_stamp = _contents_of_kernels()
    compiled: Callable[P, R] = dispatcher
    return compiled
