// The server's notes are English sentences; a known one is said in the language of the page.
import { findWord } from "./i18n.svelte";
import { view } from "./view.svelte";

/** What differs from one note of a kind to the next: a quoted name, a number, one who speaks. */
const VARIABLE = /"[^"]*"|\d[\d,]*(?:\.\d+)?%?|(?<=\b(?:the|one) )(?:[a-z]+ ){0,2}[a-z]+(?=, whose|;|$)/g;

/** The note in the language of the page; null where it has no translation: show it as it is. */
export function sayNote(note: string): string | null {
  if (view.place.lang === "en") return note;
  return sayOne(note) ?? sayEach(note.split("; "));
}

function sayEach(parts: readonly string[]): string | null {
  const said = parts.map(sayOne);
  return said.includes(null) ? null : said.join("; ");
}

/** The catalogue holds notes with "#" for what varies, in the order of the English ones. */
function sayOne(note: string): string | null {
  const exact = findWord("note", note);
  if (exact !== null) return exact;
  const values = note.match(VARIABLE) ?? [];
  const said = findWord("note", note.replace(VARIABLE, "#"));
  if (said === null) return null;
  let next = 0;
  return said.replace(/#/g, () => sayValue(values[next++] ?? ""));
}

function sayValue(value: string): string {
  if (value.startsWith('"')) return `«${value.slice(1, -1)}»`;
  if (/^\d/.test(value)) {
    const number = Number(value.replaceAll(",", "").replace("%", ""));
    const digits = { maximumFractionDigits: 3 };
    return `${new Intl.NumberFormat("uk", digits).format(number)}${value.endsWith("%") ? "%" : ""}`;
  }
  return sayRole(value);
}

const ROLES: Record<string, string> = {
  "transmission system operator": "tso",
  "distribution operator": "dso",
  "the report itself": "self",
  "an unnamed source": "unnamed",
};

/** One who speaks, as the server names it, in the language of the page; a proper name as it is. */
export function sayRole(value: string): string {
  if (view.place.lang === "en") return value;
  return findWord("role", ROLES[value] ?? value.replaceAll(" ", "_")) ?? value;
}
