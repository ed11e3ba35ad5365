import { memo } from "react";
import ReactMarkdown, { type Components } from "react-markdown";
import rehypeSanitize from "rehype-sanitize";
import remarkGfm from "remark-gfm";
import { Callout } from "@/ui/callout";
import { calloutKinds, callouts } from "@/ui/callouts";
import { classes } from "@/ui/classes";

const components: Components = {
  a: ({ node: _, ...props }) => <a {...props} target="_blank" rel="noreferrer" />,
  img: ({ node: _, alt, ...props }) => <img {...props} alt={alt ?? ""} loading="lazy" />,
  blockquote: ({ node, ...props }) => {
    const kind = calloutKinds.find((each) => each === node?.properties.dataCallout);
    return kind ? <Callout kind={kind}>{props.children}</Callout> : <blockquote {...props} />;
  },
  // Wide code scrolls by itself, so the keyboard must be able to reach it.
  pre: ({ node: _, ...props }) => (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be focusable
    <pre {...props} tabIndex={0} />
  ),
  table: ({ node: _, ...props }) => (
    <div className="table-scroll">
      <table {...props} />
    </div>
  ),
};

export interface MarkdownProps {
  text: string;
  /** `reading` is lesson prose, `small` is a hint or an explanation in the interface's own type. */
  size?: "reading" | "small";
  className?: string;
  /** Replaces elements, such as fenced code that can run. Keep the object stable. */
  components?: Components;
}

/** Markdown of a course. Raw HTML in it is dropped: a course is somebody else's text. */
export const Markdown = memo(function Markdown({
  text,
  size = "reading",
  className,
  components: more,
}: MarkdownProps) {
  return (
    <div className={classes("prose", size === "small" && "prose-small", className)}>
      <ReactMarkdown
        skipHtml
        remarkPlugins={[remarkGfm]}
        rehypePlugins={[rehypeSanitize, callouts]}
        components={more ? { ...components, ...more } : components}
      >
        {text}
      </ReactMarkdown>
    </div>
  );
});
