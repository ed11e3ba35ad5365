import type { Language, LanguageSupport } from "@codemirror/language";
import { nameOf } from "../files/file-tree";

type Pack = LanguageSupport | Language;
export type Parser = Language["parser"];
type Loader = () => Promise<Pack>;

async function legacy(
  load: Promise<Parameters<typeof import("@codemirror/language").StreamLanguage.define>[0]>,
) {
  const { StreamLanguage } = await import("@codemirror/language");
  return StreamLanguage.define(await load);
}

const javascript = (typescript: boolean, jsx: boolean): Loader => {
  return () => import("@codemirror/lang-javascript").then((pack) => pack.javascript({ typescript, jsx }));
};
const cpp: Loader = () => import("@codemirror/lang-cpp").then((pack) => pack.cpp());
const html: Loader = () => import("@codemirror/lang-html").then((pack) => pack.html());
const yaml: Loader = () => import("@codemirror/lang-yaml").then((pack) => pack.yaml());
const shell: Loader = () => legacy(import("@codemirror/legacy-modes/mode/shell").then((mode) => mode.shell));
const ruby: Loader = () => legacy(import("@codemirror/legacy-modes/mode/ruby").then((mode) => mode.ruby));

const byExtension: Record<string, Loader> = {
  py: () => import("@codemirror/lang-python").then((pack) => pack.python()),
  js: javascript(false, false),
  mjs: javascript(false, false),
  cjs: javascript(false, false),
  jsx: javascript(false, true),
  ts: javascript(true, false),
  mts: javascript(true, false),
  tsx: javascript(true, true),
  go: () => import("@codemirror/lang-go").then((pack) => pack.go()),
  c: cpp,
  h: cpp,
  cc: cpp,
  cpp,
  hpp: cpp,
  css: () => import("@codemirror/lang-css").then((pack) => pack.css()),
  html,
  htm: html,
  json: () => import("@codemirror/lang-json").then((pack) => pack.json()),
  md: () => import("@codemirror/lang-markdown").then((pack) => pack.markdown()),
  php: () => import("@codemirror/lang-php").then((pack) => pack.php()),
  sql: () => import("@codemirror/lang-sql").then((pack) => pack.sql()),
  yaml,
  yml: yaml,
  sh: shell,
  bash: shell,
  bats: shell,
  rb: ruby,
  toml: () => legacy(import("@codemirror/legacy-modes/mode/toml").then((mode) => mode.toml)),
  ini: () => legacy(import("@codemirror/legacy-modes/mode/properties").then((mode) => mode.properties)),
  diff: () => legacy(import("@codemirror/legacy-modes/mode/diff").then((mode) => mode.diff)),
  patch: () => legacy(import("@codemirror/legacy-modes/mode/diff").then((mode) => mode.diff)),
  java: () => legacy(import("@codemirror/legacy-modes/mode/clike").then((mode) => mode.java)),
  kt: () => legacy(import("@codemirror/legacy-modes/mode/clike").then((mode) => mode.kotlin)),
  cs: () => legacy(import("@codemirror/legacy-modes/mode/clike").then((mode) => mode.csharp)),
  rs: () => legacy(import("@codemirror/legacy-modes/mode/rust").then((mode) => mode.rust)),
  lua: () => legacy(import("@codemirror/legacy-modes/mode/lua").then((mode) => mode.lua)),
  xml: () => legacy(import("@codemirror/legacy-modes/mode/xml").then((mode) => mode.xml)),
};

const byName: Record<string, Loader> = {
  dockerfile: () =>
    legacy(import("@codemirror/legacy-modes/mode/dockerfile").then((mode) => mode.dockerFile)),
  "nginx.conf": () => legacy(import("@codemirror/legacy-modes/mode/nginx").then((mode) => mode.nginx)),
  rakefile: ruby,
  gemfile: ruby,
};

/** Loads the highlighting for a file by its name; undefined for plain text. Each language is its own chunk. */
export function languageOf(path: string): Promise<Pack> | undefined {
  const name = nameOf(path).toLowerCase();
  const extension = name.includes(".") ? name.slice(name.lastIndexOf(".") + 1) : "";
  return (byName[name] ?? byExtension[extension])?.();
}

/** Loads the parser of a language by a file's name; undefined when there is none. */
export async function parserOf(path: string): Promise<Parser | undefined> {
  const pack = await languageOf(path);
  if (!pack) return undefined;
  return "language" in pack ? pack.language.parser : pack.parser;
}

/** Whether the file is worth a "code" icon. */
export function isCode(path: string): boolean {
  const name = nameOf(path).toLowerCase();
  const extension = name.slice(name.lastIndexOf(".") + 1);
  return extension !== "md" && (name in byName || extension in byExtension);
}
