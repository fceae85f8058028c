// Names of places and of incidents in the language of the page.
import type { DistrictEntry, Incident, Picture, ReportEntry } from "./api";
import { data } from "./data.svelte";
import { utcTime } from "./format";
import { t } from "./i18n.svelte";
import { view } from "./view.svelte";

export function districtName(entry: DistrictEntry): string {
  return view.place.lang === "uk" ? entry.name_uk : entry.name_en;
}

export function oblastName(entry: DistrictEntry): string {
  return view.place.lang === "uk" ? entry.oblast_uk : entry.oblast_en;
}

export function districtById(picture: Picture, id: string | null): DistrictEntry | undefined {
  return picture.districts.find((d) => d.consequence.district === id);
}

/** What the server calls the incident in the language of the page: briefs call it the same. */
export function incidentTitle(incident: Incident, picture: Picture): string {
  const told = picture.incident_titles?.find((title) => title.incident === incident.id);
  return told?.[view.place.lang] ?? incident.title;
}

/** A name that the network's model gives; what is invented says so in the language of the page. */
export function givenName(name: string): string {
  if (view.place.lang === "en") {
    // The synthetic network names its sites after districts, in Ukrainian.
    const [, code, place] = /^(\S+) (.+) \(synthetic\)$/.exec(name) ?? [];
    const district = data.picture?.districts.find((d) => d.name_uk === place);
    return district ? `${code} ${district.name_en} (synthetic)` : name;
  }
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
