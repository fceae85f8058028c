// Names of places and of incidents in the language of the page.
import type { DistrictEntry, Incident, Picture, PlaceRef, ReportEntry } from "./api";
import { utcTime } from "./format";
import { findWord, t, word } from "./i18n.svelte";
import { view } from "./view.svelte";

const FINENESS = ["settlement", "city_district", "hromada", "raion", "oblast"];
const MAX_PLACES = 3;

export function districtName(entry: DistrictEntry): string {
  return view.place.lang === "uk" ? entry.name_uk : entry.name_en;
}

export function oblastName(entry: DistrictEntry): string {
  return view.place.lang === "uk" ? entry.oblast_uk : entry.oblast_en;
}

export function districtById(picture: Picture, id: string | null): DistrictEntry | undefined {
  return picture.districts.find((d) => d.consequence.district === id);
}

/** The official name where the picture knows it, else the words of the report. */
export function placeName(place: PlaceRef, picture: Picture): string {
  const official =
    picture.place_names?.find((n) => n.code === place.code) ??
    picture.districts.find((d) => d.name_en === place.text && place.code === null);
  if (!official) return place.text;
  return view.place.lang === "uk" ? official.name_uk : official.name_en;
}

/** The server's title is English; the Ukrainian one is put together from kind and places. */
export function incidentTitle(incident: Incident, picture: Picture): string {
  if (view.place.lang === "en") return incident.title;
  const rank = (p: PlaceRef) => FINENESS.indexOf(p.level ?? "");
  const known = incident.places.filter((p) => p.level !== "country");
  const names = [...known]
    .sort((a, b) => (rank(a) + 9) % 9 - (rank(b) + 9) % 9)
    .map((p) => placeName(p, picture))
    .filter((name, i, all) => all.indexOf(name) === i);
  const more = names.length - MAX_PLACES;
  const unsaid = t(picture.audience === "public" ? "place_not_released" : "place_not_stated");
  const where = names.length === 0 ? unsaid : names.slice(0, MAX_PLACES).join(", ");
  const rest = more > 0 ? ` ${t("and_more", { n: more })}` : "";
  const kind = findWord("incident_kind", incident.kind) ?? word("incident_kind", "report");
  return `${kind} — ${where}${rest}`;
}

/** A name that the network's model gives; what is invented says so in the language of the page. */
export function givenName(name: string): string {
  if (view.place.lang === "en") return name;
  return name
    .replace(/ \(synthetic\)$/, ` ${t("invented")}`)
    .replace(/^Synthetic UA, seed (\d+)$/, (_, seed: string) => t("invented_region", { seed }));
}

/** A report as its readers know it. */
export function reportName(report: ReportEntry): string {
  if (report.title !== null) return report.title;
  const name = report.channel ?? report.source;
  return report.published_at ? `${name}, ${utcTime(report.published_at)}` : name;
}
