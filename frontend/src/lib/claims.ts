import type { TimeRef } from "./api";
import { utc } from "./format";
import { word } from "./i18n.svelte";

/** When, as far as the words go: a moment only if the report gives one. */
export function sayTime(time: TimeRef): string | null {
  const { from_at: from, to_at: to } = time;
  if (from && to) return from === to ? utc(from) : `${utc(from)} – ${utc(to)}`;
  if (from) return `${utc(from)} –`;
  if (to) return `– ${utc(to)}`;
  const relative = [time.weekday, time.part_of_day].filter((w) => w !== null && w !== undefined);
  if (relative.length > 0) return relative.map((w) => word("time", w)).join(", ");
  return time.text === "" ? null : `«${time.text}»`;
}
