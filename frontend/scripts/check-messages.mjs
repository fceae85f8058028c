// Fails when a text is missing in a language, is used and not there, or is there and not used.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
const SOURCES = join(ROOT, "src");
const FORMS = { en: ["one", "other"], uk: ["one", "few", "many", "other"] };
/** Word groups that must hold every value of an enumeration of the API. */
const ENUMERATIONS = {
  audience: "Audience",
  audience_of: "Audience",
  certainty: "Certainty",
  claim: "ClaimKind",
  knowledge: "Knowledge",
  layer: "Layer",
  notice_class: "NoticeClass",
  review_act: "ReviewActKind",
  review_kind: "ReviewKind",
  role: "SpeakerRole",
  service: "ServiceKind",
  source_kind: "SourceKind",
  source_state: "SourceState",
  status: "FieldStatus",
};

const problems = [];
const read = (path) => JSON.parse(readFileSync(path, "utf-8"));
const catalogue = (lang) => read(join(SOURCES, "lib", "messages", `${lang}.json`));
const [en, uk] = [catalogue("en"), catalogue("uk")];

const placeholders = (text) => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort().join();

function compare(where, a, b, check) {
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    if (!(key in a)) problems.push(`${where}.${key} is missing in en.json`);
    else if (!(key in b)) problems.push(`${where}.${key} is missing in uk.json`);
    else check(`${where}.${key}`, a[key], b[key]);
  }
}

function sameText(where, a, b) {
  if (a.trim() === "" || b.trim() === "") problems.push(`${where} is empty`);
  if (placeholders(a) !== placeholders(b)) problems.push(`${where}: the {placeholders} differ`);
}

compare("text", en.text, uk.text, sameText);
compare("plural", en.plural, uk.plural, (where, a, b) => {
  for (const [lang, forms] of [["en", a], ["uk", b]]) {
    const missing = FORMS[lang].filter((form) => !forms[form]);
    if (missing.length > 0) problems.push(`${where} lacks ${missing.join(", ")} in ${lang}.json`);
  }
});
compare("word", en.word, uk.word, (where, a, b) => compare(where, a, b, sameText));

const schemas = read(join(ROOT, "..", "docs", "reference", "openapi.json")).components.schemas;
for (const [group, name] of Object.entries(ENUMERATIONS)) {
  for (const value of schemas[name].enum) {
    if (!(value in en.word[group])) problems.push(`word.${group}.${value} is missing: the API has it`);
  }
}

const code = readdirSync(SOURCES, { recursive: true })
  .filter((file) => /\.(svelte|ts)$/.test(file) && !file.endsWith(".d.ts"))
  .map((file) => readFileSync(join(SOURCES, file), "utf-8"))
  .join("\n");
const literals = new Set([...code.matchAll(/["'`]([a-z_]+)["'`]/g)].map((m) => m[1]));
const called = (name) => [...code.matchAll(new RegExp(`\\b${name}\\(\\s*"([a-z_]+)"`, "g"))].map((m) => m[1]);

for (const [kind, name] of [["text", "t"], ["plural", "tn"], ["word", "(?:word|findWord)"]]) {
  for (const key of called(name)) {
    if (!(key in en[kind])) problems.push(`${kind}.${key} is used and not in the catalogues`);
  }
  for (const key of Object.keys(en[kind])) {
    if (!literals.has(key)) problems.push(`${kind}.${key} is in the catalogues and used nowhere`);
  }
}

for (const problem of problems) console.error(problem);
if (problems.length > 0) {
  console.error(`${problems.length} problem(s) in the texts of the page`);
  process.exit(1);
}
