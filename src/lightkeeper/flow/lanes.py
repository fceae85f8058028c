"""Eight numbers as one value in compiled code, one for each of eight scenarios in step.

Numba's loop vectoriser leaves the short inner loop over scenarios alone; vectors of LLVM say what
is meant. Arrays are flat, lane c of row i at `8 * i + c`. Each operation is IEEE arithmetic in each
lane by itself, so that a lane holds, bit for bit, what the same steps on plain numbers give. Masks
are bytes, bit c for lane c.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba import core, njit, types
from numba.extending import intrinsic, models, register_model

from lightkeeper.units import FloatArray

N_LANES = 8
ALL_LANES = 255

# Numba calls these with types and builders of its own, none of which are typed for a checker.
operation: Any = intrinsic
making: Any = core
tuples: Any = types.UniTuple

_VECTOR = ir.VectorType(ir.DoubleType(), N_LANES)
_FLAGS = ir.VectorType(ir.IntType(1), N_LANES)
_INDEX = ir.IntType(32)


class _LanesType(types.Type):
    def __init__(self) -> None:
        super().__init__(name="eight_lanes")


_lanes = _LanesType()


@register_model(_LanesType)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, dmm: Any, fe_type: Any) -> None:
        super().__init__(dmm, fe_type, _VECTOR)  # type: ignore[no-untyped-call]


@njit(nogil=True)
def aligned(n_rows: int) -> FloatArray:
    """Zeros for rows of lanes, at the start of a cache line."""
    room = np.zeros(n_rows * N_LANES + N_LANES)
    skip = (64 - room.ctypes.data % 64) % 64 // 8
    return room[skip : skip + n_rows * N_LANES]


def _constant(value: float) -> Any:
    return ir.Constant(_VECTOR, [value] * N_LANES)


def _row(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    """Pointer to the lanes of row `args[1]` of the array `args[0]`."""
    array = context.make_array(signature.args[0])(context, builder, args[0])
    i = context.cast(builder, args[1], signature.args[1], types.intp)
    at = builder.gep(array.data, [builder.mul(i, ir.Constant(i.type, N_LANES))])
    return builder.bitcast(at, _VECTOR.as_pointer())


@operation
def load(_typing: Any, array: Any, i: Any) -> Any:
    """Lanes of row i."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.load(_row(context, builder, signature, args), align=8)

    return _lanes(array, i), code


@operation
def store(_typing: Any, array: Any, i: Any, value: Any) -> Any:
    """Set the lanes of row i."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        builder.store(args[2], _row(context, builder, signature, args), align=8)
        return context.get_dummy_value()

    return types.void(array, i, value), code


@operation
def spread(_typing: Any, _value: Any) -> Any:
    """One number in every lane."""

    def code(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        none = ir.Constant(_VECTOR, ir.Undefined)
        first = builder.insert_element(none, args[0], ir.Constant(_INDEX, 0))
        zeros = ir.Constant(ir.VectorType(_INDEX, N_LANES), [0] * N_LANES)
        return builder.shuffle_vector(first, none, zeros)

    return _lanes(types.float64), code


@operation
def add(_typing: Any, _a: Any, _b: Any) -> Any:
    """a + b."""

    def code(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.fadd(*args)

    return _lanes(_lanes, _lanes), code


@operation
def sub(_typing: Any, _a: Any, _b: Any) -> Any:
    """a - b."""

    def code(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.fsub(*args)

    return _lanes(_lanes, _lanes), code


@operation
def mul(_typing: Any, _a: Any, _b: Any) -> Any:
    """a * b."""

    def code(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.fmul(*args)

    return _lanes(_lanes, _lanes), code


def _fused(builder: Any) -> Any:
    kind = ir.FunctionType(_VECTOR, [_VECTOR] * 3)
    return making.cgutils.get_or_insert_function(builder.module, kind, "llvm.fmuladd.v8f64")


@operation
def add_product(_typing: Any, _a: Any, _b: Any, _c: Any) -> Any:
    """a + b * c, rounded once where the machine can."""

    def code(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        a, b, c = args
        return builder.call(_fused(builder), [b, c, a])

    return _lanes(_lanes, _lanes, _lanes), code


@operation
def sub_product(_typing: Any, _a: Any, _b: Any, _c: Any) -> Any:
    """a - b * c, rounded once where the machine can."""

    def code(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        a, b, c = args
        return builder.call(_fused(builder), [builder.fneg(b), c, a])

    return _lanes(_lanes, _lanes, _lanes), code


@operation
def reciprocal(_typing: Any, _a: Any) -> Any:
    """1 / a, infinite where a is zero."""

    def code(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.fdiv(_constant(1.0), args[0])

    return _lanes(_lanes), code


def _size_of(builder: Any, value: Any) -> Any:
    negative = builder.fcmp_ordered("<", value, _constant(0.0))
    return builder.select(negative, builder.fsub(_constant(0.0), value), value)


@operation
def magnitude(_typing: Any, _a: Any) -> Any:
    """abs(a)."""

    def code(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return _size_of(builder, args[0])

    return _lanes(_lanes), code


@operation
def larger(_typing: Any, _a: Any, _b: Any) -> Any:
    """The larger of a and b; a where one of them is not a number."""

    def code(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.select(builder.fcmp_ordered(">", args[1], args[0]), args[1], args[0])

    return _lanes(_lanes, _lanes), code


@operation
def replace_small(_typing: Any, _a: Any, _bound: Any, _other: Any) -> Any:
    """`other` in lanes where abs(a) <= bound, else a."""

    def code(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        small = builder.fcmp_ordered("<=", _size_of(builder, args[0]), args[1])
        return builder.select(small, args[2], args[0])

    return _lanes(_lanes, _lanes, _lanes), code


@operation
def pick(_typing: Any, mask: Any, _a: Any, _b: Any) -> Any:
    """A in the lanes of the mask, b in the others."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        byte = context.cast(builder, args[0], signature.args[0], types.uint8)
        return builder.select(builder.bitcast(byte, _FLAGS), args[1], args[2])

    return _lanes(mask, _lanes, _lanes), code


@operation
def above(_typing: Any, _a: Any, _b: Any) -> Any:
    """Mask of the lanes where a > b."""

    def code(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        flags = builder.fcmp_ordered(">", *args)
        return builder.bitcast(flags, ir.IntType(N_LANES))

    return types.uint8(_lanes, _lanes), code


@operation
def clear(_typing: Any, _a: Any, mask: Any) -> Any:
    """Zero in the lanes of the mask, whatever was there; a in the others."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        byte = context.cast(builder, args[1], signature.args[1], types.uint8)
        return builder.select(builder.bitcast(byte, _FLAGS), _constant(0.0), args[0])

    return _lanes(_lanes, mask), code


def _zip(builder: Any, a: Any, b: Any, width: int) -> tuple[Any, Any]:
    """Swap runs of `width` lanes between a and b, as one step of turning a square."""

    def pick(of_b: int) -> Any:
        places = []
        for c in range(N_LANES):
            run = c // width
            is_b = run % 2
            places.append((c - width * is_b) + width * of_b + N_LANES * is_b)
        mask = ir.Constant(ir.VectorType(_INDEX, N_LANES), places)
        return builder.shuffle_vector(a, b, mask)

    return pick(0), pick(1)


@operation
def turn(
    _typing: Any, _a: Any, _b: Any, _c: Any, _d: Any, _e: Any, _f: Any, _g: Any, _h: Any
) -> Any:
    """Eight rows of eight lanes, rows and lanes exchanged."""
    rows = tuples(_lanes, N_LANES)

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        found = list(args)
        for width in (1, 2, 4):
            for i in range(N_LANES):
                if i // width % 2 == 0:
                    found[i], found[i + width] = _zip(builder, found[i], found[i + width], width)
        return context.make_tuple(builder, signature.return_type, found)

    return rows(*([_lanes] * N_LANES)), code


@operation
def store_at(_typing: Any, array: Any, i: Any, value: Any) -> Any:
    """Set eight numbers of a flat array from place i on, which need not be a multiple of eight."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        flat = context.make_array(signature.args[0])(context, builder, args[0])
        at = context.cast(builder, args[1], signature.args[1], types.intp)
        to = builder.bitcast(builder.gep(flat.data, [at]), _VECTOR.as_pointer())
        builder.store(args[2], to, align=8)
        return context.get_dummy_value()

    return types.void(array, i, value), code


@operation
def store_whole(_typing: Any, array: Any, i: Any, value: Any) -> Any:
    """Set eight 32-bit whole numbers from place i on, counted over all rows of the array."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        flat = context.make_array(signature.args[0])(context, builder, args[0])
        at = context.cast(builder, args[1], signature.args[1], types.intp)
        whole = ir.VectorType(_INDEX, N_LANES)
        to = builder.bitcast(builder.gep(flat.data, [at]), whole.as_pointer())
        builder.store(builder.fptosi(args[2], whole), to, align=4)
        return context.get_dummy_value()

    return types.void(array, i, value), code
