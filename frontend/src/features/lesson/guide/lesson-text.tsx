import { type ComponentProps, Suspense, use } from "react";
import { Markdown } from "@/ui/markdown";
import { highlighted } from "./highlight";

/** Text of a lesson, with its fenced code in the colours of the editor. */
export function LessonText({ text }: { text: string }) {
  return <Markdown text={text} components={COMPONENTS} />;
}

const COMPONENTS = { code: Code };

function Code({ className = "", children }: ComponentProps<"code">) {
  const language = /language-(\S+)/.exec(className)?.[1];
  const code = typeof children === "string" ? children : "";
  if (!language || code === "") return <code className={className}>{children}</code>;
  return (
    <code className={className}>
      <Suspense fallback={code}>
        <Coloured language={language} code={code} />
      </Suspense>
    </code>
  );
}

function Coloured({ language, code }: { language: string; code: string }) {
  return use(highlighted(language, code)).map(({ text, token, italic }, at) => (
    <span
      // biome-ignore lint/suspicious/noArrayIndexKey: pieces of a fixed text never move
      key={at}
      style={token ? { color: `var(${token})`, fontStyle: italic ? "italic" : undefined } : undefined}
    >
      {text}
    </span>
  ));
}
