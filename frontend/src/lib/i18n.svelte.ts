// Texts of the page. A key that is missing or unused fails `npm run check`.
import en from "./messages/en.json";
import uk from "./messages/uk.json";
import { type Lang, view } from "./view.svelte";

export type TextKey = keyof typeof en.text;
export type PluralKey = keyof typeof en.plural;
export type WordGroup = keyof typeof en.word;

type Forms = Partial<Record<Intl.LDMLPluralRule, string>>;
type Values = Record<string, string | number>;

const TEXT: Record<Lang, Record<TextKey, string>> = { en: en.text, uk: uk.text };
const PLURAL: Record<Lang, Record<PluralKey, Forms>> = { en: en.plural, uk: uk.plural };
const WORD: Record<Lang, Record<WordGroup, Record<string, string>>> = { en: en.word, uk: uk.word };

function fill(text: string, values: Values): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

export function t(key: TextKey, values: Values = {}): string {
  return fill(TEXT[view.place.lang][key], values);
}

/** The form that agrees with a number; `shown` is the number as printed. */
export function tn(key: PluralKey, n: number, shown?: string): string {
  const forms = PLURAL[view.place.lang][key];
  const form = forms[new Intl.PluralRules(view.place.lang).select(n)] ?? forms.other ?? "{n}";
  return fill(form, { n: shown ?? new Intl.NumberFormat(view.place.lang).format(n) });
}

/** The word for a value the server names, null if the catalogue has none. */
export function findWord(group: WordGroup, value: string): string | null {
  return WORD[view.place.lang][group][value] ?? null;
}

/** Every word of a group in a language. */
export function wordsOf(group: WordGroup, lang: Lang): Readonly<Record<string, string>> {
  return WORD[lang][group];
}

/** The word for a value the server names; a value nobody translated is shown as it is. */
export function word(group: WordGroup, value: string): string {
  return findWord(group, value) ?? value.replaceAll("_", " ");
}
