"""Synthetic streams of reports: who tells what of an attack, when, and how wrongly.

Nobody is attacked here: places are real names, everything else is drawn at random.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from random import Random
from zoneinfo import ZoneInfo

from rapidfuzz import fuzz

from lightkeeper.claims.model import PlaceRef, SpeakerRole
from lightkeeper.incidents.synth.model import SynthOptions, SynthPost, SynthStream
from lightkeeper.incidents.synth.tell import Post, Telling, write_post
from lightkeeper.region import Gazetteer, Place, PlaceLevel, SettlementKind

_KYIV = ZoneInfo("Europe/Kyiv")
_WEAPONS = ("uav", "uav", "uav", "cruise_missile", "ballistic_missile", "KAB")
_LANGUAGES = ("uk", "uk", "uk", "ru", "en")
_LEFT_OUT = ("Crimea", "Sevastopol", "Luhansk")
_MIN_POPULATION = 12_000


@dataclass(frozen=True, slots=True)
class _Town:
    """A town with the names that posts give it and what lies over it."""

    place: Place
    raion: Place
    oblast: Place


@dataclass(slots=True)
class _Strike:
    """One event as it was."""

    id: str
    town: _Town
    at: datetime
    weapon: str
    n: int
    customers: int
    injured: int
    sort: str = "attack"


@dataclass(slots=True)
class _World:
    """What a stream is drawn from and what was drawn so far."""

    rng: Random
    options: SynthOptions
    posts: list[SynthPost] = field(default_factory=list)

    def chance(self, easy: float, hard: float) -> bool:
        """True with a probability that lies between two values by difficulty."""
        return self.rng.random() < easy + (hard - easy) * self.options.difficulty_pu

    def between(self, low: float, high: float) -> float:
        """Return a delay, longer the harder."""
        return self.rng.uniform(low, high) * (1.0 + 2.0 * self.options.difficulty_pu)


def generate(gazetteer: Gazetteer, options: SynthOptions) -> SynthStream:
    """Draw a stream: nights of strikes, waves, corrections, rumours, ice and faults, and its truth.

    The same options give the same stream.
    """
    world = _World(Random(options.seed), options)
    towns = _towns(gazetteer)
    parent_of: dict[str, str] = {}
    explosions: dict[str, int] = {}
    look_alikes: list[tuple[str, str]] = []
    before: list[_Strike] = []
    for night in range(options.n_nights):
        dusk = options.start + timedelta(days=night)
        struck = _draw_night(world, towns, night, dusk, before, look_alikes)
        wave_id = f"W{night}"
        in_wave = [s for s in struck if s.sort == "attack"]
        has_wave = len({s.town.oblast.code for s in in_wave}) > 1 and world.chance(0.5, 0.7)
        for strike in struck:
            _tell_strike(world, strike)
            explosions[strike.id] = strike.n
            if has_wave and strike.sort == "attack":
                parent_of[strike.id] = wave_id
        if has_wave:
            _tell_wave(world, wave_id, in_wave, dusk)
        _tell_beside(world, towns, night, dusk)
        before = struck
    posts = sorted(world.posts, key=lambda p: (str(p.report.published_at), p.report.id))
    return SynthStream(
        posts=tuple(posts),
        parent_of=parent_of,
        explosions=explosions,
        look_alikes=tuple(look_alikes),
    )


def _towns(gazetteer: Gazetteer) -> list[_Town]:
    towns = []
    for place in gazetteer:
        if place.level is not PlaceLevel.SETTLEMENT or (place.population or 0) < _MIN_POPULATION:
            continue
        if gazetteer.kind(place.code) is not SettlementKind.CITY:
            continue
        raion = gazetteer.level_up(place.code, PlaceLevel.RAION)
        oblast = gazetteer.level_up(place.code, PlaceLevel.OBLAST)
        if raion is None or oblast is None or any(n in oblast.name_en for n in _LEFT_OUT):
            continue
        if len(gazetteer.find(place.name_uk)) == 1:  # a name that two towns bear tells nothing
            towns.append(_Town(place, raion, oblast))
    return towns


def _draw_night(
    world: _World,
    towns: Sequence[_Town],
    night: int,
    dusk: datetime,
    before: Sequence[_Strike],
    look_alikes: list[tuple[str, str]],
) -> list[_Strike]:
    rng = world.rng
    n = max(1, round(rng.gauss(world.options.strikes_per_night, 1.0)))
    weights = [float(t.place.population or 0) ** 0.5 for t in towns]
    struck: list[_Strike] = []
    taken: set[str] = set()

    def strike(town: _Town, like: _Strike | None = None, sort: str = "attack") -> _Strike | None:
        if town.place.code in taken:
            return None
        taken.add(town.place.code)
        count = rng.randint(3, 14)
        customers = rng.randint(20, 450) * 100
        if like is not None and world.chance(0.3, 0.9):
            count = max(2, like.n + rng.randint(-1, 1))
            customers = max(500, like.customers + rng.randint(-5, 5) * 100)
        found = _Strike(
            id=f"N{night}-{len(struck)}",
            town=town,
            at=dusk + timedelta(hours=rng.uniform(0.0, 7.5)),
            weapon=like.weapon if like is not None else rng.choice(_WEAPONS),
            n=count,
            customers=customers,
            injured=rng.randint(0, 5),
            sort=sort,
        )
        struck.append(found)
        return found

    for earlier in before:
        if earlier.sort == "attack" and world.chance(0.15, 0.7):
            again = strike(earlier.town, like=earlier)
            if again is not None:
                look_alikes.append((earlier.id, again.id))
    while len(struck) < n:
        found = strike(rng.choices(towns, weights)[0])
        if found is None:
            continue
        beside = [t for t in towns if t.raion == found.town.raion and t != found.town]
        if beside and world.chance(0.05, 0.5):
            other = strike(rng.choice(beside), like=found)
            if other is not None:
                look_alikes.append((found.id, other.id))
    for sort, share in (("weather", 0.3), ("technical", 0.3)):
        if rng.random() < share:
            strike(rng.choices(towns, weights)[0], sort=sort)
    return struck


def _tell_strike(world: _World, strike: _Strike) -> None:
    """Draw who tells of an event, and write their posts."""
    if strike.sort != "attack":
        _post(world, strike, "dso", 0.8, [(strike.sort, {})])
        if world.chance(0.3, 0.5):
            _rewrite(world, strike, "dso", 0.8, [(strike.sort, {})])
        return
    rng = world.rng
    told = strike.n if not world.chance(0.0, 0.4) else max(2, strike.n + rng.choice((-2, -1, 1, 2)))
    wrong = strike.customers + rng.randint(5, 60) * 100
    at_clock = world.chance(0.4, 0.2)
    counted = "explosions_at" if at_clock else "explosions_n"
    is_corrected = world.chance(0.2, 0.5)
    first = wrong if is_corrected else strike.customers
    every: list[tuple[str, float, list[tuple[str, dict[str, object]]]]] = [
        ("alert_bot", -0.4, [("alert", {})]),
        ("city", 0.2, [("explosions", {})]),
        ("watcher", 0.15, [(counted, {"n": told})]),
        ("city", world.between(0.6, 1.4), [("strike", {}), ("none_reported", {})]),
        ("oblast", world.between(0.8, 2.5), [("strike", {}), ("damage", {})]),
        ("dso", world.between(1.0, 3.0), [("outage", {"customers": first})]),
        ("alert_bot", rng.uniform(1.0, 3.0), [("all_clear", {})]),
        ("oblast", world.between(4.0, 7.0), [("injured", {"injured": max(1, strike.injured)})]),
        ("dso", world.between(8.0, 11.0), [("restored", {})]),
    ]
    share = min(1.0, world.options.posts_per_strike / 14.0)
    kept = [e for e in every if rng.random() < share]
    kept = kept or [every[1]]
    dso_item: str | None = None
    for role, delay_h, sentences in kept:
        item = _post(world, strike, role, delay_h, sentences)
        if role == "dso" and sentences[0][0] == "outage":
            dso_item = item
        if role in ("city", "oblast", "dso", "watcher"):
            for _ in range(2):
                if rng.random() < share * 0.35 and role != "watcher":
                    _rewrite(world, strike, role, delay_h, sentences)
            if rng.random() < share * 0.15:
                _forward(world)
    if is_corrected and dso_item is not None:
        delay_h = world.between(5.0, 7.0)
        _post(
            world,
            strike,
            "dso",
            delay_h,
            [("correction", {"customers": strike.customers})],
            reply_to=dso_item,
        )


def _post(
    world: _World,
    strike: _Strike,
    role: str,
    delay_h: float,
    sentences: Sequence[tuple[str, Mapping[str, object]]],
    *,
    language: str = "uk",
    attribution: SpeakerRole = SpeakerRole.SELF,
    source_words: str | None = None,
    colour: bool = False,
    own: bool = True,
    reply_to: str | None = None,
) -> str:
    """Write one post of an event; return its item."""
    texts = load_texts()
    rng = world.rng
    at = strike.at + timedelta(hours=delay_h)
    town = strike.town
    place, level = town.place, "town"
    if role in ("alert_bot", "dso", "oblast") or not own:
        if world.chance(0.0, 0.35):
            place, level = town.raion, "raion"
    elif role == "alert_bot":
        place = town.raion
    tellings = []
    for i, (kind, said) in enumerate(sentences):
        if not own and i > 0 and world.chance(0.0, 0.3):
            continue  # a rewrite leaves something out
        values = {
            "place": name_of(place, language),
            "weapon": texts.weapons[language][strike.weapon],
            "clock": f"{strike.at.astimezone(_KYIV):%H:%M}",
            "customers": strike.customers,
            "n": strike.n,
            "injured": strike.injured,
            **said,
        }
        words = rng.choice(texts.sentences[language][kind]).format(**values)
        tellings.append(
            Telling(kind, words, values, (ref_of(place, language),), strike.weapon, strike.at)
        )
    words_after = [source_words] if source_words else []
    if colour:
        words_after.append(rng.choice(texts.sentences[language]["colour"]))
    channel = _channel(world, role, town, level)
    item = str(len(world.posts) + 1)
    report, claims = write_post(
        Post(
            channel=channel,
            item=item,
            at=at,
            language=language,
            tellings=tuple(tellings),
            after=tuple(words_after),
            attribution=attribution,
            reply_to=reply_to,
        )
    )
    world.posts.append(SynthPost(report=report, claims=claims, event=strike.id, is_own_word=own))
    return item


_FROM = {
    "city": ("from_city", SpeakerRole.CITY_ADMINISTRATION),
    "oblast": ("from_oblast", SpeakerRole.OBLAST_ADMINISTRATION),
    "dso": ("from_dso", SpeakerRole.DISTRIBUTION_OPERATOR),
}


def _rewrite(
    world: _World,
    strike: _Strike,
    role: str,
    delay_h: float,
    sentences: Sequence[tuple[str, Mapping[str, object]]],
) -> None:
    """A news item that retells a body's post, in any language, perhaps embellished."""
    language = world.rng.choice(_LANGUAGES)
    key, speaker = _FROM[role]
    is_named = not world.chance(0.0, 0.4)
    _post(
        world,
        strike,
        f"news_{language}",
        delay_h + world.between(0.2, 1.5),
        sentences,
        language=language,
        attribution=speaker if is_named else SpeakerRole.SELF,
        source_words=load_texts().sentences[language][key][0] if is_named else None,
        colour=world.chance(0.2, 0.9),
        own=False,
    )


def _forward(world: _World) -> None:
    """An aggregator passes the last post on."""
    last = world.posts[-1]
    at = (last.report.published_at or world.options.start) + timedelta(
        minutes=world.rng.randint(2, 60)
    )
    number = world.rng.randint(1, 40)
    report, claims = write_post(
        Post(
            channel=f"Зараз {number}",
            item=str(len(world.posts) + 1),
            at=at,
            language=last.report.language or "uk",
            forwarded_from=last.report.channel,
            copied=(last.report, last.claims),
        )
    )
    world.posts.append(SynthPost(report=report, claims=claims, event=last.event, is_own_word=False))


def _tell_wave(world: _World, wave: str, struck: Sequence[_Strike], dusk: datetime) -> None:
    """Posts on the whole of a night's attack: the operator, the air force, news."""
    rng = world.rng
    texts = load_texts()
    oblasts = list({s.town.oblast.code: s.town.oblast for s in struck}.values())
    end = max(s.at for s in struck)
    weapon = struck[0].weapon
    for role, kind, delay_h, language in (
        ("tso", "wave", 0.5, "uk"),
        ("air_force", "wave_launched", 2.0, "uk"),
        ("news", "wave", 1.5, rng.choice(_LANGUAGES)),
        ("news", "wave_launched", 3.0, rng.choice(_LANGUAGES)),
    ):
        if rng.random() > 0.75:
            continue
        named = oblasts if not world.chance(0.0, 0.3) else oblasts[: max(2, len(oblasts) - 1)]
        values: dict[str, object] = {
            "oblasts": ", ".join(name_of(o, language) for o in named),
            "weapon": texts.weapons[language][weapon],
        }
        words = rng.choice(texts.sentences[language][kind]).format(**values)
        places = tuple(ref_of(o, language) for o in named)
        report, claims = write_post(
            Post(
                channel=_channel(
                    world, f"news_{language}" if role == "news" else role, struck[0].town, "town"
                ),
                item=str(len(world.posts) + 1),
                at=end + timedelta(hours=world.between(delay_h, delay_h + 1.0)),
                language=language,
                tellings=(Telling(kind, words, values, places, weapon, end),),
            )
        )
        world.posts.append(
            SynthPost(report=report, claims=claims, event=wave, is_own_word=role != "news")
        )


def _tell_beside(world: _World, towns: Sequence[_Town], night: int, dusk: datetime) -> None:
    """A rumour with its denial, and statistics that are of no event."""
    rng = world.rng
    if world.chance(0.1, 0.6):
        town = rng.choice(towns)
        rumour = _Strike(
            id=f"R{night}",
            town=town,
            at=dusk + timedelta(hours=rng.uniform(1.0, 6.0)),
            weapon="uav",
            n=0,
            customers=0,
            injured=0,
            sort="rumour",
        )
        _post(world, rumour, "news_uk", 0.5, [("rumour", {})], own=False)
        if rng.random() < 0.7:
            _post(world, rumour, "city", 1.5, [("denial", {})])
    if rng.random() < 0.3:
        quiet = _Strike(f"S{night}", rng.choice(towns), dusk + timedelta(hours=12), "uav", 0, 0, 0)
        _post(world, quiet, "tso", 0.0, [("statistics", {"n": rng.randint(50, 300)})])
        world.posts[-1] = replace(world.posts[-1], event=None)


def _channel(world: _World, role: str, town: _Town, level: str) -> str:
    return (
        load_texts()
        .channels[role]
        .format(place=town.place.name_uk, oblast=town.oblast.name_uk, k=world.rng.randint(1, 40))
    )


@dataclass(frozen=True, slots=True)
class Texts:
    """Sentences by language and kind, weapons by language, names of channels by role."""

    sentences: dict[str, dict[str, list[str]]]
    weapons: dict[str, dict[str, str]]
    channels: dict[str, str]


@cache
def load_texts() -> Texts:
    """Return what posts are written with."""
    text = resources.files("lightkeeper.incidents.synth").joinpath("texts.toml").read_text("utf-8")
    held = tomllib.loads(text)
    weapons, channels = held.pop("weapons"), held.pop("channels")
    return Texts(sentences=held, weapons=weapons, channels=channels)


def ref_of(place: Place, language: str) -> PlaceRef:
    """Return a place as a reader finds it in a text of a language."""
    return PlaceRef(text=name_of(place, language), code=place.code, level=place.level)


def name_of(place: Place, language: str) -> str:
    """Return a place's name in a language; the Ukrainian one where no Russian one is known."""
    if language == "en":
        return place.name_en
    if language == "uk":
        return place.name_uk
    russian = [s for s in place.spellings if _is_russian(s)]
    return max(russian, key=lambda s: fuzz.ratio(s, place.name_uk), default=place.name_uk)


def _is_russian(name: str) -> bool:
    letters = set(name.casefold())
    return not letters & set("іїєґў") and bool(letters & set("аеоуыиэюя"))
