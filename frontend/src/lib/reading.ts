// A claim's fields in words, for the page that shows how a report is read.
import { sayTime } from "./claims";
import { type Piece, sayFact, sayWords } from "./facts";
import { findWord, t, word } from "./i18n.svelte";
import type { components } from "./schema";
import { view } from "./view.svelte";

type Schemas = components["schemas"];
export type Claim = Schemas["Claim"];
export type PlaceName = Schemas["PlaceName"];
export type SecondReading = Schemas["SecondReading"];
export type Comparison = Schemas["Comparison"];
export type TriedText = Schemas["TriedText"];
export type ModelInfo = Schemas["ModelInfo"];
type Count = Schemas["Count"];
type PlaceRef = Schemas["PlaceRef"];

/** Hue of a kind, in degrees; kinds that stand for one thing are near each other. */
const HUE: Record<string, number> = {
  strike: 5,
  alert: 22,
  explosions: 42,
  damage: 75,
  unknown: 102,
  advice: 130,
  restored: 150,
  all_clear: 168,
  repair: 192,
  conditions: 214,
  services: 236,
  forecast: 258,
  outage: 285,
  schedule: 305,
  casualties: 328,
  weapon: 350,
};

export const hueOf = (kind: string): number => HUE[kind] ?? 0;

const WEAPONS: Record<string, string> = {
  uav: "attack drone",
  shahed_uav: "shahed-type drone",
  mlrs: "multiple rocket launcher",
};
const OUTAGES: Record<string, string> = {
  damage: "power outage from damage",
  emergency: "emergency shutdowns",
  scheduled: "scheduled outages",
  power_limit_industry: "power limits for industry",
  weather: "power outage from the weather",
  technical: "power outage from a technical fault",
  planned_works: "power off for planned works",
};
const SILENCES: Record<string, string> = {
  zero: "said to be none",
  none_reported: "none reported so far",
  not_released: "not released",
};

/** A code of the server in the language of the page, as it is where nobody translated it. */
function say(code: string): string {
  const plain = code.replaceAll("_", " ");
  return findWord("phrase", plain.toLowerCase()) ?? findWord("service", code) ?? plain;
}

function sayCount(count: Count | null | undefined): string | null {
  if (!count) return null;
  const { min = null, best = null, max = null } = count;
  const number = new Intl.NumberFormat("en");
  const low = number.format(best ?? min ?? max ?? 0);
  const english =
    best !== null
      ? `${count.approximate ? "about " : ""}${low}`
      : min !== null && max !== null
        ? `${low} to ${number.format(max)}`
        : `${min !== null ? "at least " : "up to "}${low}`;
  const said = count.unit ? `${english} ${count.unit.replaceAll("_", " ")}` : english;
  return plain(sayFact(said));
}

const plain = (pieces: readonly Piece[]): string => pieces.map((p) => p.text).join("");

function sayCasualties(claim: Claim): string | null {
  const said = claim.casualties;
  if (!said) return null;
  if (said.status !== "counted") return say(SILENCES[said.status] ?? said.status);
  const numbers = (["killed", "injured", "missing"] as const)
    .filter((harm) => said[harm] !== null && said[harm] !== undefined)
    .map((harm) => `${word("unit", harm)}: ${said[harm]}`);
  return numbers.length > 0 ? numbers.join(", ") : t("number_not_said");
}

function sayWeapons(claim: Claim): string | null {
  if (!claim.weapons) return null;
  const names = claim.weapons.items.map((w) => say(WEAPONS[w] ?? w));
  const joint = claim.weapons.mode === "either" ? ` ${t("or")} ` : ", ";
  return names.join(joint);
}

/** The official name where it is known, else the report's words. */
function officialName(place: PlaceRef, names: readonly PlaceName[]): Piece[] {
  const official = names.find((n) => n.code === place.code);
  if (official) return [{ text: view.place.lang === "uk" ? official.name_uk : official.name_en }];
  return place.code === null ? [sayWords(place.text), { text: ` (${t("place_unknown")})` }] : [sayWords(place.text)];
}

/** Where, with the part of each place that is told. */
export function sayPlaces(places: readonly PlaceRef[], names: readonly PlaceName[]): Piece[] {
  return places.flatMap((place, i) => [
    ...(i > 0 ? [{ text: ", " }] : []),
    ...officialName(place, names),
    ...(place.part ? [{ text: ": " }, sayWords(place.part)] : []),
  ]);
}

/** Who says it, from the report outwards. */
export function saySpeaker(claim: Claim): Piece[] {
  const said = claim.attribution;
  if (said.role === "self") return [{ text: t("own_words") }];
  const name = said.name ? ` (${said.name})` : "";
  const through = (said.chain ?? []).flatMap((link, i) => [{ text: i > 0 ? " → " : `, ${t("through")} ` }, sayWords(link)]);
  return [{ text: `${word("role", said.role)}${name}` }, ...through];
}

/** Label and value of every field that the claim has, in the order they are asked for. */
export function fieldsOf(claim: Claim, names: readonly PlaceName[]): [string, Piece[]][] {
  const places = claim.places ?? [];
  const fields: [string, string | Piece[] | null | undefined][] = [
    [t("speaker"), saySpeaker(claim)],
    [t("certainty"), word("certainty", claim.certainty ?? "observed")],
    [t("layer"), word("layer", claim.layer)],
    [word("fact", "place"), places.length > 0 ? sayPlaces(places, names) : t("not_stated")],
    [word("fact", "time"), (claim.time && sayTime(claim.time)) || t("not_stated")],
    [word("fact", "number"), sayCount(claim.count)],
    [t("without_supply"), sayCount(claim.customers)],
    [word("claim", "casualties"), sayCasualties(claim)],
    [word("claim", "weapon"), sayWeapons(claim)],
    [word("fact", "target"), claim.target ? say(claim.target) : null],
    [t("effect"), claim.effect ? say(claim.effect) : null],
    [t("outage_type"), OUTAGES[claim.outage_type ?? ""] ? say(OUTAGES[claim.outage_type ?? ""] ?? "") : null],
    [word("fact", "cause"), claim.cause ? say(claim.cause) : null],
    [t("services_of"), claim.services?.length ? claim.services.map(say).join(", ") : null],
    [t("extent"), claim.extent ? [sayWords(claim.extent.replaceAll("_", " "))] : null],
    [word("claim", "unknown"), claim.subject ? (findWord("unknown", claim.subject) ?? say(claim.subject)) : null],
    [word("claim", "alert"), claim.alert_type ? say(claim.alert_type) : null],
    [t("temperature"), typeof claim.temperature_c === "number" ? `${claim.temperature_c} °C` : null],
  ];
  return fields.flatMap(([label, value]): [string, Piece[]][] =>
    value === null || value === undefined || value === "" ? [] : [[label, typeof value === "string" ? [{ text: value }] : value]],
  );
}

/** A side of a disagreement, as the server names it, in the language of the page. */
export function saySide(field: string, value: string): string {
  if (field === "kind") return word("claim", value);
  if (field === "layer") return word("layer", value);
  if (field === "certainty") return word("certainty", value);
  if (field === "speaker") return word("role", value);
  if (field === "polarity") return t(value === "negative" ? "said_not_so" : "said_so");
  if (field === "place" || field === "time") return value;
  return plain(sayFact(value.replaceAll("_", " ")));
}
