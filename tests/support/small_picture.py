"""A two-district region, a picture of it with a strike and an outage, and its notices."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np

from lightkeeper.claims.model import (
    Attribution,
    Certainty,
    Claim,
    ClaimId,
    ClaimKind,
    Layer,
    PlaceRef,
    Span,
    SpeakerRole,
)
from lightkeeper.consequences.model import (
    Band,
    Chain,
    ChainLink,
    Course,
    Difference,
    Distribution,
    DistrictConsequence,
    Knowledge,
    ServiceCourse,
    ServiceState,
)
from lightkeeper.damage.model import AssetId
from lightkeeper.grid import make_network
from lightkeeper.incidents.model import Fact, FieldStatus, Incident, IncidentId, SourceGroup
from lightkeeper.notices import (
    Audience,
    DraftOptions,
    Notice,
    NoticeClass,
    Picture,
    draft_alarm,
    draft_outage,
    draft_schedule,
)
from lightkeeper.notices.picture import (
    AssetEntry,
    Calculation,
    DistrictEntry,
    MarginEntry,
    MobileEntry,
    ReinforcementEntry,
    RepairEntry,
    ReportEntry,
    ScheduleEntry,
    SheddingEntry,
    Totals,
)
from lightkeeper.plans.mobile import Placement
from lightkeeper.plans.model import (
    OutageSchedule,
    PlanCourse,
    Reinforcement,
    RepairJob,
    Restoration,
    ReturnStep,
    ShedStep,
)
from lightkeeper.region.model import (
    District,
    DistrictId,
    FeederId,
    Feeders,
    PlaceCode,
    QueueId,
    Region,
    ServiceKind,
    WarmPoint,
    WarmPointKind,
)
from lightkeeper.reports.model import ReportId

NOW = datetime(2026, 1, 10, 4, 0, tzinfo=UTC)
REPORT = ReportId("a" * 16)
STRIKE_WORDS = "hit the boiler hall of the plant on Riverside street"
ASSET_NAME = "S-0001 Ivanivka (synthetic)"


def make_region(*, is_synthetic: bool = True) -> Region:
    """Return two square districts side by side, one bus, no feeders."""

    def square(west: float) -> dict[str, object]:
        ring = [[west, 49.0], [west + 1, 49.0], [west + 1, 50.0], [west, 50.0], [west, 49.0]]
        return {"type": "Polygon", "coordinates": [ring]}

    districts = tuple(
        District(
            id=DistrictId(code),
            place=PlaceCode(code),
            oblast=PlaceCode("UA0"),
            name_uk=name_uk,
            name_en=name_en,
            population=10_000,
            lon=west + 0.5,
            lat=49.5,
            polygon=square(west),
        )
        for code, name_uk, name_en, west in (
            ("UA1", "Іванівський район", "Ivanivka Raion", 36.0),
            ("UA2", "Степанівський район", "Stepanivka Raion", 37.0),
        )
    )
    network = make_network(
        "small", 100.0, is_synthetic, {"buses": {"id": ["1"], "base_kv": [110.0]}}
    )
    return Region(
        name="Small region",
        network=network,
        districts=districts,
        feeders=Feeders(
            id=np.zeros(0, dtype=np.str_),
            load=np.zeros(0, np.int32),
            district=np.zeros(0, np.int32),
            place=np.zeros(0, dtype=np.str_),
            queue=np.zeros(0, dtype=np.str_),
            demand_mw=np.zeros(0),
            population=np.zeros(0, np.int32),
            is_critical=np.zeros(0, bool),
        ),
        heat_sources=(),
        services=(),
        warm_points=(
            WarmPoint(
                id="w1",
                name="School 1",
                kind=WarmPointKind.WARM_POINT,
                district=DistrictId("UA1"),
                capacity=100,
                lon=36.5,
                lat=49.5,
            ),
        ),
    )


def spread(low: float, median: float, high: float) -> Distribution:
    """Return a distribution of given quantiles."""
    return Distribution(
        p05=low, median=median, p95=high, mean=median, n_scenarios=100, effective_sample_size=90.0
    )


def make_claim(kind: ClaimKind, start: int, text: str) -> Claim:
    """Return an incident claim of the one report."""
    return Claim(
        id=ClaimId(f"{REPORT}:{kind}:{start}"),
        report=REPORT,
        kind=kind,
        layer=Layer.INCIDENT,
        span=Span(start, start + len(text), text),
        attribution=Attribution(role=SpeakerRole.SELF),
        places=(PlaceRef(text="Ivanivka", code=PlaceCode("UA1"), level=None, part="Riverside"),),
    )


OUTAGE = make_claim(ClaimKind.OUTAGE, 60, "the town is without power")
STRIKE = make_claim(ClaimKind.STRIKE, 0, STRIKE_WORDS)
ALERT = make_claim(ClaimKind.ALERT, 100, "air alarm")


def make_consequence(code: str, knowledge: Knowledge) -> DistrictConsequence:
    """Return a district's figures; reported ones stand on the outage claim."""
    reported = knowledge is not Knowledge.NO_REPORT
    return DistrictConsequence(
        district=DistrictId(code),
        knowledge=knowledge,
        reported_by=(OUTAGE.id,) if reported else (),
        reported_sources=(f"source-of-{code}",) if reported else (),
        population=10_000,
        people_off=spread(3_123.0, 5_456.0, 7_789.0),
        unserved_mw=spread(3.0, 5.0, 7.0),
        p_dark=0.7,
        services=(
            ServiceState(
                id="h1",
                name="Hospital 1",
                kind=ServiceKind.HOSPITAL,
                p_without_supply=0.4,
                backup_h=8.0,
            ),
        ),
    )


def make_notice(
    notice_class: NoticeClass = NoticeClass.UNPLANNED, *, is_synthetic: bool = True
) -> Notice:
    """Return the draft of a class for the first district."""
    region, options = make_region(is_synthetic=is_synthetic), DraftOptions()
    match notice_class:
        case NoticeClass.UNPLANNED:
            notice = draft_outage(
                region,
                make_consequence("UA1", Knowledge.REPORTED_PARTLY_DARK),
                now=NOW,
                calculation="c",
                options=options,
            )
        case NoticeClass.LIFE_SAFETY:
            notice = draft_alarm(region, DistrictId("UA1"), [ALERT.id], now=NOW, options=options)
        case NoticeClass.PLANNED:
            notice = draft_schedule(
                region, make_schedule(), NOW, now=NOW, calculation="c", options=options
            )
    assert notice is not None
    return notice


def make_schedule() -> OutageSchedule:
    """Return two queues in two slots, the first off in the first."""
    return OutageSchedule(
        queues=(QueueId("1.1"), QueueId("1.2")),
        slot_min=30,
        is_off=np.array([[True, False], [False, False]]),
        needed_mw=np.array([1.0, 0.0]),
        shed_mw=np.array([1.0, 0.0]),
        hours_off=np.array([0.5, 0.0]),
        breaches=(),
    )


def make_schedule_entry() -> ScheduleEntry:
    """Return `make_schedule` as the picture shows it."""
    schedule = make_schedule()
    return ScheduleEntry(
        starts_at=NOW,
        slot_min=schedule.slot_min,
        queues=schedule.queues,
        is_off=tuple(tuple(map(bool, row)) for row in schedule.is_off),
        needed_mw=tuple(schedule.needed_mw.tolist()),
        shed_mw=tuple(schedule.shed_mw.tolist()),
        hours_off=tuple(schedule.hours_off.tolist()),
        breaches=(),
    )


def make_repair() -> RepairEntry:
    """Return two repairs of the one asset, the first of them waiting."""
    job = RepairJob(
        asset=AssetId("substation:S-0001"),
        name=ASSET_NAME,
        district=DistrictId("UA1"),
        crew=0,
        start_h=0.0,
        travel_h=1.0,
        repair_h=5.0,
        end_h=9.0,
        people_back=1_000.0,
        waits_for=("alarm until 3 h",),
        reason=f"{ASSET_NAME} brings back the most people",
    )
    return RepairEntry(
        n_crews=1,
        jobs=(job, replace(job, start_h=9.0, end_h=15.0, waits_for=())),
        time_h=(0.0, 15.0),
        people_off=(1_000.0, 0.0),
        person_hours=9_000.0,
        person_hours_as_listed=9_000.0,
        notes=(),
    )


def make_incident(claims: tuple[Claim, ...] = (ALERT, STRIKE, OUTAGE)) -> Incident:
    """Return one incident of the one report with a fact for each claim."""
    return Incident(
        id=IncidentId("i1"),
        title="Strike and power outage - Ivanivka",
        kind="strike",
        places=OUTAGE.places,
        time=None,
        claims=claims,
        reports=(REPORT,),
        sources=(SourceGroup(reports=(REPORT,), origin="administration", reason="one report"),),
        n_independent_sources=1,
        facts=tuple(
            Fact(
                name=claim.kind.value,
                value="power outage from damage: Riverside" if claim is OUTAGE else claim.span.text,
                certainty=Certainty.OBSERVED,
                status=FieldStatus.REPORTED,
                claims=(claim.id,),
            )
            for claim in claims
        ),
        contradictions=(),
        unknowns=(),
    )


def make_plan_course() -> PlanCourse:
    """Return the same two hours with a plan carried out."""
    course = replace(make_course(), chains=())
    band, figures = course.people_off, spread(-900.0, -500.0, -100.0)
    return PlanCourse(
        course=course,
        people_switched_off=band,
        people_off_by_damage=band,
        change={"people_off": band},
        restoration=Restoration(
            hours=(0, 1),
            with_plan=band,
            without_plan=band,
            person_hours=Difference(
                change=figures, p_less=1.0, p_more=0.0, unpaired_mean_error=None
            ),
            end_h=spread(1.0, 2.0, 3.0),
        ),
    )


def make_course() -> Course:
    """Return two hours ahead, with a chain that names the one asset."""

    def band(low: float, middle: float, high: float) -> Band:
        return Band(
            p05=(low, low),
            median=(middle, middle),
            p95=(high, high),
            mean=(middle, middle),
            median_low=(middle, None),
            median_high=(middle, None),
        )

    people = band(3_123.0, 5_456.0, 7_789.0)
    figures = spread(3_123.0, 5_456.0, 7_789.0)
    return Course(
        hours=(0, 1),
        district_hours=(0, 1),
        people_off=people,
        unserved_mw=people,
        people_without_heat=people,
        people_below_16=people,
        people_below_10=people,
        services_failed={"hospital": people},
        services_total={"hospital": 1},
        customer_hours=figures,
        unserved_energy_mwh=figures,
        service_hours=figures,
        outdoor_c=(-8.0, None),
        people_with_known_homes=20_000,
        districts=(),
        services=(
            ServiceCourse(
                id="h1",
                name="Hospital 1",
                kind="hospital",
                district=DistrictId("UA1"),
                p_failed=(0.0, 0.4),
                first_fails_h=None,
            ),
        ),
        drains=(),
        homes=(),
        n_scenarios=100,
        effective_sample_size=90.0,
        chains=(
            Chain(
                substation="S-0001",
                name=ASSET_NAME,
                cause="substation destroyed",
                n_feeders=2,
                people=1_000,
                demand_mw=4.0,
                districts=((DistrictId("UA1"), 1_000),),
                services=(
                    ChainLink(
                        id="h1",
                        name="Hospital 1",
                        kind="hospital",
                        district=DistrictId("UA1"),
                        works_until_h=8.0,
                        because="power",
                    ),
                ),
                then=(),
            ),
        ),
    )


def make_picture(
    *, received_at: datetime = NOW - timedelta(hours=2), notices: tuple[Notice, ...] = ()
) -> Picture:
    """Return the operator's full picture: one report of a strike and an outage in one district."""
    figures = spread(3_123.0, 5_456.0, 7_789.0)
    region = make_region()
    knowledge = (Knowledge.REPORTED_PARTLY_DARK, Knowledge.NO_REPORT)
    return Picture(
        audience=Audience.OPERATOR,
        region=region.name,
        is_exercise=True,
        as_of=NOW,
        seq=3,
        calculation=Calculation(
            model="m",
            version="0",
            seed=1,
            n_scenarios=100,
            effective_sample_size=90.0,
            inputs_sha256="0" * 64,
            notes=(),
        ),
        totals=Totals(
            population=20_000,
            demand_mw=40.0,
            people_off=figures,
            unserved_mw=spread(3.0, 5.0, 7.0),
            unserved_energy_mwh=spread(72.0, 120.0, 168.0),
            horizon_h=24.0,
            n_districts_reported=1,
            n_districts_without_report=1,
            people_in_reported_districts=10_000,
        ),
        incidents=(make_incident(),),
        outside=(),
        reports=(
            ReportEntry(
                id=REPORT,
                source="post.txt",
                channel=None,
                title=None,
                language="en",
                published_at=received_at,
                received_at=received_at,
                is_retracted=False,
                n_claims=3,
                text=f"{STRIKE_WORDS}. the town is without power. air alarm",
            ),
        ),
        districts=tuple(
            DistrictEntry(
                name_uk=d.name_uk,
                name_en=d.name_en,
                oblast_uk="Область",
                oblast_en="Oblast",
                lon=d.lon,
                lat=d.lat,
                consequence=make_consequence(d.id, known),
            )
            for d, known in zip(region.districts, knowledge, strict=True)
        ),
        assets=(
            AssetEntry(
                id="substation:S-0001",
                kind="substation",
                name=ASSET_NAME,
                district_en="Ivanivka Raion",
                district_uk="Іванівський район",
                p_intact=0.5,
                p_impaired=0.3,
                p_destroyed=0.2,
                basis="inferred",
                incidents=(IncidentId("i1"),),
            ),
        ),
        islands=(),
        course=make_course(),
        with_plan=make_plan_course(),
        margin=MarginEntry(
            n_single_losses=10,
            n_critical=1,
            worst_unserved_mw=12.0,
            worst_element="branch-17",
            smallest_headroom_pu=0.1,
            smallest_headroom_element="branch-18",
            reason="one further loss in ten separates load",
        ),
        shedding=SheddingEntry(
            demand_mw=40.0,
            served_mw=35.0,
            unsupplied_mw=0.0,
            ordered_mw=0.0,
            bound_mw=5.0,
            shed_mw=5.0,
            gap_pu=0.0,
            least_gap_pu=0.0,
            people=1_000,
            steps=(
                ShedStep(
                    feeder=FeederId("F-1"),
                    district=DistrictId("UA1"),
                    shed_mw=5.0,
                    people=1_000,
                    serves_critical=False,
                ),
            ),
            returns=(
                ReturnStep(
                    feeder=FeederId("F-1"),
                    district=DistrictId("UA1"),
                    back_mw=5.0,
                    people=1_000,
                    serves_critical=False,
                    island=0,
                    needs_mw=5.0,
                    waits_for_lines=False,
                ),
            ),
            notes=(),
        ),
        mobile=MobileEntry(
            placements=(
                Placement(
                    unit="M-1",
                    unit_name="generator M-1",
                    site="H-1",
                    site_name="Hospital H-1",
                    kind=ServiceKind.HOSPITAL,
                    district=DistrictId("UA1"),
                    arrives_h=1.0,
                    stops_h=6.0,
                    kept_h=42.0,
                    share_pu=1.0,
                    worth=420.0,
                    reason="arrives 5.0 h before it stops and keeps it going for 42.0 h",
                ),
            ),
            unused=(),
            too_large=(),
            service_hours_kept=42.0,
            service_hours_lost=0.0,
            horizon_h=48,
        ),
        schedule=None,
        repair=None,
        reinforcement=ReinforcementEntry(
            budget=10.0,
            spent=1.0,
            expected_unserved_mwh=100.0,
            expected_unserved_after_mwh=90.0,
            n_scenarios=100,
            chosen=(
                Reinforcement(
                    asset=AssetId("substation:S-0001"),
                    name=ASSET_NAME,
                    from_level=0,
                    to_level=1,
                    cost=1.0,
                    avoided_mwh=10.0,
                    avoided_standard_error_mwh=1.0,
                ),
            ),
            notes=(),
        ),
        notices=notices,
    )
