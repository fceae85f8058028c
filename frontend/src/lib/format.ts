// Figures and instants as people read them. What is not known is a word, never 0.
import type { Distribution } from "./api";
import { t } from "./i18n.svelte";
import { view } from "./view.svelte";

type Figure = number | null | undefined;

export function isKnown(x: Figure): x is number {
  return typeof x === "number" && Number.isFinite(x);
}

function format(x: Figure, options: Intl.NumberFormatOptions, unit = ""): string {
  if (!isKnown(x)) return t("not_known");
  const clean = Math.abs(x) < 1e-9 ? 0 : x;
  const text = new Intl.NumberFormat(view.place.lang, options).format(clean);
  return unit === "" ? text : `${text}\u00a0${unit}`;
}

/** A modelled number of people: more than three digits would pretend. */
export const people = (x: Figure): string =>
  format(isKnown(x) ? Math.round(x) : x, { maximumSignificantDigits: 3 });
export const rounded = (x: Figure): string => format(x, { maximumSignificantDigits: 3 });
export const whole = (x: Figure): string => format(x, { maximumFractionDigits: 0 });
export const megawatts = (x: Figure): string => format(x, { maximumSignificantDigits: 3 }, t("mw"));
export const energy = (x: Figure): string => format(x, { maximumSignificantDigits: 3 }, t("mwh"));
export const hours = (x: Figure): string => format(x, { maximumFractionDigits: 1 }, t("hour"));
export const plain = (x: Figure): string => format(x, { maximumFractionDigits: 1 });

/** A chance or a share. One that is tiny but not nothing is "< 1 %". */
export function percent(x: Figure): string {
  if (!isKnown(x)) return t("not_known");
  const options: Intl.NumberFormatOptions = { style: "percent", maximumFractionDigits: 0 };
  if (x > 0 && x < 0.01) return `<\u00a0${format(0.01, options)}`;
  if (x < 1 && x > 0.99) return `>\u00a0${format(0.99, options)}`;
  return format(x, options);
}

/** A small share that matters to the hundredth: a gap to an optimum. */
export const percentFine = (x: Figure): string => format(x, { style: "percent", maximumFractionDigits: 2 });

export function range(d: Distribution, say: (x: Figure) => string): string {
  return `${say(d.p05)} – ${say(d.p95)}`;
}

/** "2026-01-10 04:10 UTC". */
export function utc(iso: string | null | undefined): string {
  if (!iso) return t("not_known");
  const at = new Date(iso).toISOString();
  return `${at.slice(0, 10)} ${at.slice(11, 16)} UTC`;
}

/** "04:10 UTC". */
export function utcTime(iso: string): string {
  return `${new Date(iso).toISOString().slice(11, 16)} UTC`;
}

/** The clock of whoever is at the screen: "06:10 GMT+2". */
export function localTime(iso: string): string {
  return new Intl.DateTimeFormat(view.place.lang === "uk" ? "uk" : "en-GB", {
    hour: "2-digit",
    minute: "2-digit",
    timeZoneName: "shortOffset",
  }).format(new Date(iso));
}

/** The same with the day of the week: "Sat 06:10 GMT+2". */
export function localDay(iso: string): string {
  return new Intl.DateTimeFormat(view.place.lang === "uk" ? "uk" : "en-GB", {
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    timeZoneName: "shortOffset",
  }).format(new Date(iso));
}

/** Day and clock without the zone, for lists that name it once: "Sat 06:10". */
export function localClock(iso: string): string {
  return new Intl.DateTimeFormat(view.place.lang === "uk" ? "uk" : "en-GB", {
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
  }).format(new Date(iso));
}

/** The zone of whoever is at the screen, as it is now: "GMT+2". */
export function timeZone(): string {
  const parts = new Intl.DateTimeFormat("en-GB", { timeZoneName: "shortOffset" }).formatToParts(new Date());
  return parts.find((p) => p.type === "timeZoneName")?.value ?? "";
}

type Entry = {
  consequence: { population: number; people_off: Distribution; knowledge: string; inferred: boolean };
};

/** Nobody reported on the district, and nothing that is reported bears on it. */
export function isNothingKnown({ consequence }: Entry): boolean {
  return consequence.knowledge === "no_report" && !consequence.inferred;
}

export function shareOff(entry: Entry): number | null {
  const { population, people_off } = entry.consequence;
  if (isNothingKnown(entry)) return null;
  return population > 0 && isKnown(people_off.median) ? people_off.median / population : null;
}
