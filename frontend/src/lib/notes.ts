// The server's notes are English sentences; a known one is said in the language of the page.
import { findWord, wordsOf } from "./i18n.svelte";
import { view } from "./view.svelte";

/** The note in the language of the page; null where it has no translation: show it as it is. */
export function sayNote(note: string): string | null {
  if (view.place.lang === "en") return note;
  return sayOne(note) ?? sayEach(note.split("; "));
}

function sayEach(parts: readonly string[]): string | null {
  if (parts.length < 2) return null;
  const said = parts.map(sayOne);
  return said.includes(null) ? null : said.join("; ");
}

/** A sentence of the catalogue has "#" for what varies, in the order of the English one. */
interface Sentence {
  pattern: RegExp;
  said: string;
}

let sentences: Sentence[] | null = null;

/** The sentences that hold something that varies; the one with the most fixed words comes first. */
function patterns(): Sentence[] {
  sentences ??= Object.entries(wordsOf("note", "uk"))
    .filter(([key]) => key.includes("#"))
    .sort(([a], [b]) => b.length - a.length)
    .map(([key, said]) => ({
      pattern: new RegExp(`^${key.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replaceAll("#", "([^;]+?)")}$`),
      said,
    }));
  return sentences;
}

function sayOne(note: string): string | null {
  const exact = findWord("note", note);
  if (exact !== null) return exact;
  for (const { pattern, said } of patterns()) {
    const found = pattern.exec(note);
    if (!found) continue;
    let next = 1;
    return said.replace(/#/g, () => sayValue(found[next++] ?? ""));
  }
  return null;
}

function sayValue(value: string): string {
  if (value.startsWith('"')) return `«${value.slice(1, -1)}»`;
  if (/^\d[\d,]*(\.\d+)?%?$/.test(value)) {
    const number = Number(value.replaceAll(",", "").replace("%", ""));
    const digits = { maximumFractionDigits: 3 };
    return `${new Intl.NumberFormat("uk", digits).format(number)}${value.endsWith("%") ? "%" : ""}`;
  }
  return findWord("note_value", value) ?? sayOne(value) ?? sayRole(value);
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

const WEIGHED = /^(.+) \(([+-][\d.]+)\)$/;

/** Evidence that two incidents are one, with its weight: "the same place (+2.0)". */
export function sayEvidence(reason: string): { words: string; weight: string; isFor: boolean } {
  const [, what = reason, weight = ""] = WEIGHED.exec(reason) ?? [];
  return { words: sayNote(what) ?? what, weight: weight.replace("-", "−"), isFor: !weight.startsWith("-") };
}
