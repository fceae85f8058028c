// What is shown, kept in the URL so that a link, a reload and the back button restore it.
import type { Audience } from "./api";
import { type Measure, MEASURES } from "./measures";

export type Lang = "uk" | "en";
export const LANGS: readonly Lang[] = ["uk", "en"];
export const AUDIENCES: readonly Audience[] = ["public", "official", "operator"];
export const TABS = [
  "incidents",
  "brief",
  "review",
  "districts",
  "hours",
  "notices",
  "plans",
  "network",
  "assets",
  "reports",
  "sources",
] as const;
export type Tab = (typeof TABS)[number];

export type Theme = "system" | "light" | "dark";
export const THEMES: readonly Theme[] = ["system", "light", "dark"];

interface Place {
  audience: Audience;
  lang: Lang;
  at: string | null;
  tab: Tab;
  incident: string | null;
  district: string | null;
  report: string | null;
  claim: string | null;
  grid: boolean;
  /** The hour ahead that the tab "hours" and its map show, and of what. */
  hour: number;
  measure: Measure;
  /** The hours ahead with the plan carried out, not with nothing repaired. */
  plan: boolean;
  /** What the brief is of: an incident, a place, a period. */
  of: string | null;
  where: string | null;
  from: string | null;
  to: string | null;
}

const NOWHERE = { incident: null, district: null, report: null, claim: null } as const;

function oneOf<T extends string>(allowed: readonly T[], value: string | null, otherwise: T): T {
  return allowed.find((item) => item === value) ?? otherwise;
}

function preferredLang(): Lang {
  const kept = localStorage.getItem("lang");
  if (kept === "uk" || kept === "en") return kept;
  return navigator.languages.some((code) => code.startsWith("uk")) ? "uk" : "en";
}

function moment(value: string | null): string | null {
  return value !== null && !Number.isNaN(Date.parse(value)) ? value : null;
}

function hourOf(value: string | null): number {
  const hour = Number(value ?? 0);
  return Number.isInteger(hour) && hour >= 0 && hour < 1000 ? hour : 0;
}

function read(search: string): Place {
  const query = new URLSearchParams(search);
  return {
    audience: oneOf(AUDIENCES, query.get("audience"), "operator"),
    lang: oneOf(LANGS, query.get("lang"), preferredLang()),
    at: moment(query.get("at")),
    tab: oneOf(TABS, query.get("tab"), "incidents"),
    incident: query.get("incident"),
    district: query.get("district"),
    report: query.get("report"),
    claim: query.get("claim"),
    grid: query.get("grid") === "1",
    hour: hourOf(query.get("hour")),
    measure: oneOf(MEASURES, query.get("measure"), "people_off"),
    plan: query.get("plan") === "1",
    of: query.get("of"),
    where: query.get("where"),
    from: moment(query.get("from")),
    to: moment(query.get("to")),
  };
}

function write(place: Place): string {
  const query = new URLSearchParams({ audience: place.audience, lang: place.lang });
  if (place.at !== null) query.set("at", place.at);
  if (place.tab !== "incidents") query.set("tab", place.tab);
  for (const name of ["incident", "district", "report", "claim", "of", "where", "from", "to"] as const) {
    const value = place[name];
    if (value !== null) query.set(name, value);
  }
  if (place.grid) query.set("grid", "1");
  if (place.hour > 0) query.set("hour", String(place.hour));
  if (place.measure !== "people_off") query.set("measure", place.measure);
  if (place.plan) query.set("plan", "1");
  return `?${query}`;
}

class View {
  place = $state<Place>(read(location.search));
  theme = $state<Theme>(oneOf(THEMES, localStorage.getItem("theme"), "system"));

  constructor() {
    addEventListener("popstate", () => {
      this.place = read(location.search);
    });
  }

  /** Address of this view with some of it changed, for links. */
  href(change: Partial<Place>): string {
    return write({ ...this.place, ...change });
  }

  /** Go there, as a step that the back button undoes. */
  go(change: Partial<Place>): void {
    const next = { ...this.place, ...change };
    if (write(next) === write(this.place)) return;
    this.place = next;
    history.pushState(null, "", write(next));
  }

  /** Change the address without a step for the back button, as a slider is moved. */
  stay(change: Partial<Place>): void {
    this.place = { ...this.place, ...change };
    history.replaceState(null, "", write(this.place));
  }

  openTab(tab: Tab): void {
    this.go({ ...NOWHERE, tab });
  }

  openIncident(incident: string): void {
    this.go({ ...NOWHERE, incident });
  }

  /** The brief of one incident, or of everything. */
  openBrief(of: string | null): void {
    this.go({ ...NOWHERE, tab: "brief", of });
  }

  openDistrict(district: string): void {
    this.go({ ...NOWHERE, district });
  }

  openReport(report: string, claim: string | null = null): void {
    this.go({ report, claim });
  }

  setLang(lang: Lang): void {
    localStorage.setItem("lang", lang);
    this.go({ lang });
  }

  setTheme(theme: Theme): void {
    localStorage.setItem("theme", theme);
    this.theme = theme;
  }
}

export const view = new View();
