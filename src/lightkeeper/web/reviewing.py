"""Routes of the review queue: what to look at first, and letting it stand.

Merging, splitting and taking reports back have routes of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends

from lightkeeper import operations
from lightkeeper.claims.model import ClaimId
from lightkeeper.incidents.review import ReviewItem
from lightkeeper.notices.model import Audience
from lightkeeper.operations import ReviewDesk, Workspace
from lightkeeper.storage import LogSeq
from lightkeeper.web.moments import AudienceQuery
from lightkeeper.web.session import User, require_user


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteRequest:
    """What a person adds to the log beside what is done."""

    note: str = ""


def make_review_router(workspace: Workspace) -> APIRouter:
    """Return the routes of the review queue on an open workspace."""
    router = APIRouter(prefix="/api")
    desk = ReviewDesk(workspace)

    @router.get("/review")
    def read_review(audience: AudienceQuery = Audience.OPERATOR) -> list[ReviewItem]:
        """What a person should look at first, and why. Not for the public."""
        return list(desk.items(audience))

    @router.post("/review/{item}/confirm", status_code=201)
    def confirm_review(
        item: str, body: NoteRequest, user: Annotated[User, Depends(require_user)]
    ) -> LogSeq:
        """Let an item stand; it no longer comes up while it stands on the same claims."""
        return desk.confirm(item, note=body.note, actor=user.name)

    @router.post("/review/{item}/reopen", status_code=201)
    def reopen_review(
        item: str, body: NoteRequest, user: Annotated[User, Depends(require_user)]
    ) -> LogSeq:
        """Take back that an item was let stand."""
        return desk.reopen(item, note=body.note, actor=user.name)

    @router.post("/claims/{claim_id}/retract", status_code=204)
    def retract_claim(
        claim_id: ClaimId, body: NoteRequest, user: Annotated[User, Depends(require_user)]
    ) -> None:
        """Take one claim out of every figure; it stays in the log."""
        desk.require_claim(claim_id)
        operations.retract_claim(workspace, claim_id, reason=body.note, actor=user.name)

    @router.post("/claims/{claim_id}/restore", status_code=204)
    def restore_claim(
        claim_id: ClaimId, body: NoteRequest, user: Annotated[User, Depends(require_user)]
    ) -> None:
        """Undo a claim's retraction."""
        desk.require_claim(claim_id)
        operations.restore_claim(workspace, claim_id, reason=body.note, actor=user.name)

    return router
