// The server says facts in English; here they are said in Ukrainian where every word is known.
import { findWord, t } from "./i18n.svelte";
import { view } from "./view.svelte";

const JOINTS = /( and |; | or |, |: | \(|\))/;
const JOINTS_UK: Record<string, string> = { " and ": " і ", " or ": " або " };
const COUNT = /^(about |up to |at least |)([\d,]+)(?: to ([\d,]+))?(?: (.+))?$/;

/** A fact in the language of the page; null where no translation exists: show it as it is. */
export function sayFact(value: string): string | null {
  if (view.place.lang === "en") return value;
  const said = value.split(JOINTS).map((part, i) => (i % 2 === 1 ? (JOINTS_UK[part] ?? part) : sayPart(part)));
  return said.includes(null) ? null : said.join("");
}

function sayPart(part: string): string | null {
  if (/^“.*”$/.test(part)) return `«${part.slice(1, -1)}»`;
  if (part === "" || /[А-Яа-яІіЇїЄєҐґ]/.test(part)) return part;
  const phrase = findWord("phrase", part.toLowerCase());
  if (phrase !== null) return phrase;
  const count = COUNT.exec(part);
  if (!count) return /^[-−\d.,\s°C]+$/.test(part) ? part : null;
  const [, about = "", low = "", high, unit] = count;
  const noun = unit === undefined ? "" : findWord("unit", unit);
  if (noun === null) return null;
  const number = high === undefined ? clean(low) : `${clean(low)}–${clean(high)}`;
  const said = about === "" ? number : `${t(ABOUT[about] ?? "about")} ${number}`;
  // "вибухів: 3" agrees with every number.
  return noun === "" ? said : `${noun}: ${said}`;
}

const ABOUT: Record<string, "about" | "up_to" | "at_least"> = {
  "about ": "about",
  "up to ": "up_to",
  "at least ": "at_least",
};

function clean(number: string): string {
  return new Intl.NumberFormat("uk").format(Number(number.replaceAll(",", "")));
}
