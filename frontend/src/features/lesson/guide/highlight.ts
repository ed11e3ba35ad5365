import { type Parser, parserOf } from "../editor/languages";

/** A piece of code in one colour; undefined is the colour of plain code. */
export interface CodePiece {
  readonly text: string;
  readonly token?: string;
  readonly italic?: boolean;
}

/** What fenced blocks call languages, where it is not the ending of their files. */
const FENCE_NAMES: Record<string, string> = {
  python: "py",
  python3: "py",
  javascript: "js",
  typescript: "ts",
  golang: "go",
  shell: "sh",
  console: "sh",
  ruby: "rb",
  markdown: "md",
  rust: "rs",
  kotlin: "kt",
  csharp: "cs",
};

const cache = new Map<string, Promise<readonly CodePiece[]>>();

/** Colours code of a lesson's text. The same promise for the same code; it never rejects. */
export function highlighted(language: string, code: string): Promise<readonly CodePiece[]> {
  const key = `${language}\n${code}`;
  const known = cache.get(key) ?? colour(language, code).catch(() => [{ text: code }]);
  cache.set(key, known);
  return known;
}

async function colour(language: string, code: string): Promise<readonly CodePiece[]> {
  const name = language.toLowerCase();
  const parser = await parserOf(`code.${FENCE_NAMES[name] ?? name}`);
  return parser ? pieces(parser, code) : [{ text: code }];
}

async function pieces(parser: Parser, code: string): Promise<readonly CodePiece[]> {
  const [{ highlightCode, tagHighlighter }, { TOKEN_COLOURS }] = await Promise.all([
    import("@lezer/highlight"),
    import("../editor/token-colours"),
  ]);
  const highlighter = tagHighlighter(
    TOKEN_COLOURS.map(({ tag, token }) => ({ tag: [...tag], class: token })),
  );
  const italics = new Set(TOKEN_COLOURS.filter(({ italic }) => italic).map(({ token }) => token));
  const out: CodePiece[] = [];
  highlightCode(
    code,
    parser.parse(code),
    highlighter,
    (text, classes) => {
      const token = classes.split(" ")[0] || undefined;
      out.push({ text, token, italic: token !== undefined && italics.has(token) });
    },
    () => out.push({ text: "\n" }),
  );
  return out;
}
