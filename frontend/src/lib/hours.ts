// The hours to come: which figure of which district at which hour, and what may be said of it.
import type { Course, DistrictEntry, Picture } from "./api";
import { isKnown, isNothingKnown } from "./format";
import type { Measure } from "./measures";

export interface Spread {
  p05: number;
  median: number;
  p95: number;
}

/** The last hour told of districts that is not after `hour`. */
export function districtHour(course: Course, hour: number): number {
  return course.district_hours.filter((h) => h <= hour).at(-1) ?? 0;
}

/** People of a district at an hour; null where nothing is known of them. */
export function districtAt(picture: Picture, entry: DistrictEntry, measure: Measure, hour: number): Spread | null {
  const { course } = picture;
  if (!course || isNothingKnown(entry)) return null;
  const own = course.districts.find((d) => d.district === entry.consequence.district)?.[measure];
  const i = course.district_hours.indexOf(districtHour(course, hour));
  const [p05, median, p95] = [own?.p05[i], own?.median[i], own?.p95[i]];
  return isKnown(p05) && isKnown(median) && isKnown(p95) ? { p05, median, p95 } : null;
}

export function shareAt(picture: Picture, entry: DistrictEntry, measure: Measure, hour: number): number | null {
  const found = districtAt(picture, entry, measure, hour);
  const { population } = entry.consequence;
  return found && population > 0 ? found.median / population : null;
}

/** The instant so many hours after the picture's. */
export function instantAt(picture: Picture, hour: number): string {
  return new Date(Date.parse(picture.as_of) + hour * 3_600_000).toISOString();
}
