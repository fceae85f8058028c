// The server says facts in English; here they are said in the language of the page, word by known
// word. What nobody translated is somebody's own words: they are quoted in their own language.
import { findWord, t } from "./i18n.svelte";
import { view } from "./view.svelte";

const JOINTS = /( and |; | or |, |: | \(|\))/;
const JOINTS_UK: Record<string, string> = { " and ": " і ", " or ": " або " };
const COUNT = /^(about |up to |at least |)([\d,]+)(?: to ([\d,]+))?(?: (.+))?$/;
const CYRILLIC = /[А-Яа-яІіЇїЄєҐґ]/;
/** Facts whose name is also what they count: it need not be said twice. */
const COUNTED = ["explosions", "strikes"];

export interface Piece {
  text: string;
  /** Of words in another language than the page's. */
  lang?: string;
}

/** A fact's value in the language of the page; `name` is what the fact is of. */
export function sayFact(value: string, name = ""): Piece[] {
  const isUk = view.place.lang === "uk";
  const parts = value.split(JOINTS);
  // "explosions, number not said" under "Explosions".
  if (COUNTED.includes(name) && parts[0] === name && parts.length > 2) parts.splice(0, 2);
  const pieces = parts.map((part, i): Piece => {
    if (i % 2 === 1) return { text: isUk ? (JOINTS_UK[part] ?? part) : part };
    return sayPart(withoutNoun(part, name));
  });
  return join(pieces);
}

const withoutNoun = (part: string, name: string) =>
  COUNTED.includes(name) ? part.replace(new RegExp(`^(.*\\d) ${name.slice(0, -1)}s?$`), "$1") : part;

function sayPart(part: string): Piece {
  const isUk = view.place.lang === "uk";
  if (part === "") return { text: part };
  const quoted = /^“(.*)”$/.exec(part);
  const words = quoted?.[1] ?? part;
  const lang = CYRILLIC.test(words) ? "uk" : "en";
  if (quoted || lang === "uk") return { text: `«${words}»`, ...(lang === view.place.lang ? {} : { lang }) };
  if (!isUk) return { text: part };
  const said = sayInUkrainian(part);
  return said === null ? { text: `«${words}»`, lang } : { text: said };
}

function sayInUkrainian(part: string): string | null {
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

/** Neighbours of the page's own language become one. */
function join(pieces: readonly Piece[]): Piece[] {
  const joined: Piece[] = [];
  for (const piece of pieces) {
    const last = joined.at(-1);
    if (last && !last.lang && !piece.lang) last.text += piece.text;
    else if (piece.text !== "") joined.push({ ...piece });
  }
  return joined;
}

/** Words of a report where nothing tells their translation: quoted, with their language. */
export function sayWords(words: string): Piece {
  return sayPart(words);
}

const ABOUT: Record<string, "about" | "up_to" | "at_least"> = {
  "about ": "about",
  "up to ": "up_to",
  "at least ": "at_least",
};

function clean(number: string): string {
  return new Intl.NumberFormat("uk").format(Number(number.replaceAll(",", "")));
}
