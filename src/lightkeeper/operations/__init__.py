"""Use cases: they join the stages with storage; `web` and `cli` only translate them."""

from lightkeeper.operations.brief import (
    BriefRequest,
    brief_of_files,
    brief_of_log,
    brief_of_picture,
)
from lightkeeper.operations.calculate import calculate
from lightkeeper.operations.demo import open_demo
from lightkeeper.operations.evaluate import ClaimsEvaluation, evaluate_claims
from lightkeeper.operations.evaluate_incidents import IncidentsEvaluation, evaluate_incidents
from lightkeeper.operations.files import picture_of_files
from lightkeeper.operations.language_model import SecondReading, endpoint_from
from lightkeeper.operations.maps import districts_geojson, grid_geojson, outline_geojson
from lightkeeper.operations.margin import regional_margin
from lightkeeper.operations.models import find_problems, load_network, synthesise
from lightkeeper.operations.picture import assemble
from lightkeeper.operations.read_text import ReadText, read_files
from lightkeeper.operations.reconcile_mentions import (
    MentionsReconciled,
    reconcile_mentions_file,
)
from lightkeeper.operations.record import (
    Ingested,
    decide_merge,
    enter_report,
    find_without_claims,
    ingest,
    order_shortage,
    read_reports,
    record_inspection,
    record_observations,
    restore_claim,
    restore_report,
    retract_claim,
    retract_report,
    undo_merge,
)
from lightkeeper.operations.review import ReviewDesk, review_of_files
from lightkeeper.operations.screen import screen
from lightkeeper.operations.service import PictureService
from lightkeeper.operations.simulate import simulate, simulate_outages
from lightkeeper.operations.source_file import find_missing, read_source_file
from lightkeeper.operations.sources import (
    Looked,
    SourceDesk,
    SourcePoller,
    list_logged_sources,
    list_sources,
    make_tools,
)
from lightkeeper.operations.trace import trace
from lightkeeper.operations.workspace import (
    ExerciseClock,
    PictureOptions,
    Progress,
    Workspace,
    open_workspace,
)

__all__ = [
    "BriefRequest",
    "ClaimsEvaluation",
    "ExerciseClock",
    "IncidentsEvaluation",
    "Ingested",
    "Looked",
    "MentionsReconciled",
    "PictureOptions",
    "PictureService",
    "Progress",
    "ReadText",
    "ReviewDesk",
    "SecondReading",
    "SourceDesk",
    "SourcePoller",
    "Workspace",
    "assemble",
    "brief_of_files",
    "brief_of_log",
    "brief_of_picture",
    "calculate",
    "decide_merge",
    "districts_geojson",
    "endpoint_from",
    "enter_report",
    "evaluate_claims",
    "evaluate_incidents",
    "find_missing",
    "find_problems",
    "find_without_claims",
    "grid_geojson",
    "ingest",
    "list_logged_sources",
    "list_sources",
    "load_network",
    "make_tools",
    "open_demo",
    "open_workspace",
    "order_shortage",
    "outline_geojson",
    "picture_of_files",
    "read_files",
    "read_reports",
    "read_source_file",
    "reconcile_mentions_file",
    "record_inspection",
    "record_observations",
    "regional_margin",
    "restore_claim",
    "restore_report",
    "retract_claim",
    "retract_report",
    "review_of_files",
    "screen",
    "simulate",
    "simulate_outages",
    "synthesise",
    "trace",
    "undo_merge",
]
