"""Groups of arrays passed between kernels as one pointer.

Numba passes a tuple of arrays as all their fields, hundreds of arguments, which takes most of the
time that kernels compile. `by_reference` makes one pointer of it; attributes read as before, and
groups inside groups are pointers too. A kernel called from Python makes references of its arguments
(which live as long as it runs) and of nothing else. Copy what an inner loop reads to a name of its
own: the compiler cannot know that the group stays as it is.
"""

from __future__ import annotations

from typing import Any

from numba import core, types
from numba.core.typing.templates import AttributeTemplate
from numba.extending import (
    infer_getattr,
    intrinsic,
    lower_getattr_generic,
    models,
    register_model,
)

# What a kernel is made with; numba has no types for a checker here.
making: Any = core
operation: Any = intrinsic
reading: Any = lower_getattr_generic


class _Reference(types.Type):
    def __init__(self, group: Any) -> None:
        self.group = group
        super().__init__(name=f"reference({group.name})")


@register_model(_Reference)
class _ReferenceModel(models.PrimitiveModel):
    def __init__(self, dmm: Any, fe_type: Any) -> None:
        behind = dmm.lookup(fe_type.group).get_value_type()
        super().__init__(dmm, fe_type, behind.as_pointer())  # type: ignore[no-untyped-call]


def _is_group(member: Any) -> bool:
    return isinstance(member, types.NamedTuple)


@infer_getattr
class _ReferenceAttributes(AttributeTemplate):
    key = _Reference

    def generic_resolve(  # type: ignore[override]
        self, reference: Any, attribute: str
    ) -> Any:
        if attribute not in reference.group.fields:
            return None
        member = reference.group[reference.group.fields.index(attribute)]
        return _Reference(member) if _is_group(member) else member


@reading(_Reference)
def _read(context: Any, builder: Any, reference: Any, value: Any, attribute: str) -> Any:
    i = reference.group.fields.index(attribute)
    member = reference.group[i]
    at = making.cgutils.gep_inbounds(builder, value, 0, i)
    if _is_group(member):
        return at
    return making.imputils.impl_ret_borrowed(context, builder, member, builder.load(at))


@operation
def _by_reference(_typing: Any, group: Any) -> Any:
    if isinstance(group, _Reference):
        return making.typing.signature(
            group, group
        ), lambda _context, _builder, _signature, args: args[0]

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return making.cgutils.alloca_once_value(builder, args[0])

    return making.typing.signature(_Reference(group), group), code


# For the type checker a reference is the group itself.
by_reference: Any = _by_reference
