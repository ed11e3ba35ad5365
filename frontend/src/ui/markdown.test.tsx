import { render, screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { Markdown } from "@/ui/markdown";

describe("Markdown", () => {
  it("draws lists, tables and code", () => {
    render(
      <Markdown
        text={"# Files\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```python\nprint(1)\n```"}
      />,
    );
    screen.getByRole("heading", { level: 1, name: "Files" });
    expect(screen.getAllByRole("listitem")).toHaveLength(2);
    screen.getByRole("cell", { name: "2" });
    expect(screen.getByText("print(1)").className).toContain("language-python");
  });

  it.each([
    ["a script", "<script>window.hacked = true</script>\n\nfine"],
    ["a handler", '<img src=x onerror="window.hacked = true">fine'],
    ["a frame", '<iframe src="https://elsewhere.example"></iframe>\n\nfine'],
    ["a style", "<style>body { display: none }</style>\n\nfine"],
  ])("drops raw HTML: %s", (_, text) => {
    const { container } = render(<Markdown text={text} />);
    expect(container.querySelector("script, iframe, style, img, [onerror]")).toBeNull();
    expect(container.textContent).toContain("fine");
  });

  it("drops links that would run something", () => {
    render(<Markdown text="[press](javascript:alert(1)) and [read](https://docs.example)" />);
    expect(screen.getByText("press").getAttribute("href") ?? "").not.toContain("javascript:");
    const link = screen.getByRole("link", { name: "read" });
    expect(link.getAttribute("href")).toBe("https://docs.example");
    expect(link.getAttribute("rel")).toBe("noreferrer");
  });

  it("draws remarks as notes, and leaves other quotations alone", () => {
    render(<Markdown text={"> [!TIP]\n> Read **aloud**.\n\n> [!NONSENSE] said somebody\n\n> Plain."} />);
    expect(screen.getByRole("note", { name: "Tip" }).textContent?.trim()).toBe("Read aloud.");
    expect(screen.getAllByRole("blockquote").map((quote) => quote.textContent?.trim())).toEqual([
      "[!NONSENSE] said somebody",
      "Plain.",
    ]);
  });

  it("lets the keyboard reach wide code", () => {
    const { container } = render(<Markdown text={"```\nwide\n```"} />);
    expect(container.querySelector("pre")?.tabIndex).toBe(0);
  });
});
