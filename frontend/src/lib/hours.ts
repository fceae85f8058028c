// The hours to come: which figure of which district at which hour, and what may be said of it.
import type { Course, DistrictEntry, Picture } from "./api";
import { isKnown, isNothingKnown } from "./format";
import type { Measure } from "./measures";

export interface Spread {
  p05: number;
  median: number;
  p95: number;
}

/** The hours ahead with the plan carried out, or with nothing repaired. */
export function courseOf(picture: Picture, withPlan: boolean): Course | null {
  return (withPlan ? picture.with_plan?.course : null) ?? picture.course ?? null;
}

/** The last hour told of districts that is not after `hour`. */
export function districtHour(course: Course, hour: number): number {
  return course.district_hours.filter((h) => h <= hour).at(-1) ?? 0;
}

/** People of a district at an hour; null where nothing is known of them. */
export function districtAt(course: Course | null, entry: DistrictEntry, measure: Measure, hour: number): Spread | null {
  if (!course || isNothingKnown(entry)) return null;
  const own = course.districts.find((d) => d.district === entry.consequence.district)?.[measure];
  const i = course.district_hours.indexOf(districtHour(course, hour));
  return spread(own?.p05[i], own?.median[i], own?.p95[i]);
}

type Figure = number | null | undefined;

const spread = (p05: Figure, median: Figure, p95: Figure): Spread | null =>
  isKnown(p05) && isKnown(median) && isKnown(p95) ? { p05, median, p95 } : null;

/**
 * What can be told of a district, each with its own drawing and word: nothing is reported and
 * nothing follows; something is known, this figure is not; a figure, which may say "nobody".
 */
export const TOLD = ["calculated", "nobody", "unknown", "no_report"] as const;
export type Told = (typeof TOLD)[number];

export interface Shown {
  told: Told;
  figure: Spread | null;
  /** Of the district's people; null where there is no figure. */
  share: number | null;
}

export const NOTHING: Shown = { told: "no_report", figure: null, share: null };

export interface Moment {
  measure: Measure;
  hour: number;
  plan: boolean;
}

/** What the map shows of a district; `moment` null: who is without power now. */
export function shownOf(picture: Picture, entry: DistrictEntry, moment: Moment | null): Shown {
  if (isNothingKnown(entry)) return NOTHING;
  const { people_off: now, population } = entry.consequence;
  const figure = moment ? districtAt(courseOf(picture, moment.plan), entry, moment.measure, moment.hour) : spread(now.p05, now.median, now.p95);
  if (!figure || population <= 0) return { ...NOTHING, told: "unknown" };
  // Less than one person in 95 of 100 scenarios.
  return { told: figure.p95 < 0.5 ? "nobody" : "calculated", figure, share: figure.median / population };
}

/** The instant so many hours after the picture's. */
export function instantAt(picture: Picture, hour: number): string {
  return new Date(Date.parse(picture.as_of) + hour * 3_600_000).toISOString();
}
