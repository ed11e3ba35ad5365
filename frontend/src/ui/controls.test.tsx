import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { History } from "lucide-react";
import { useState } from "react";
import { describe, expect, it, vi } from "vitest";
import { Button, IconButton } from "@/ui/button";
import { Checkbox, CheckboxGroup, Radio, RadioGroup } from "@/ui/choice";
import { Dialog } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Menu, MenuItem } from "@/ui/menu";
import { ProblemState } from "@/ui/problem-state";
import { ProgressBar } from "@/ui/progress-bar";
import { Segmented } from "@/ui/segmented";
import { StepBar } from "@/ui/step-bar";
import { Tab, TabList, TabPanel, Tabs } from "@/ui/tabs";
import { VerdictChip, type VerdictState } from "@/ui/verdict-chip";

const person = () => userEvent.setup({ delay: null });

describe("buttons", () => {
  it("announce their keys and run", async () => {
    const onPress = vi.fn();
    render(
      <Button keys="Mod+Enter" onPress={onPress}>
        Check
      </Button>,
    );
    const button = screen.getByRole("button", { name: "Check" });
    expect(button.getAttribute("aria-keyshortcuts")).toBe("Control+Enter");
    await person().click(button);
    expect(onPress).toHaveBeenCalledTimes(1);
  });

  it("have a name even when they are only an icon", () => {
    render(<IconButton name="Attempts" icon={History} />);
    screen.getByRole("button", { name: "Attempts" });
  });
});

describe("tabs", () => {
  it("show the panel of the chosen one", async () => {
    render(
      <Tabs>
        <TabList aria-label="Panel">
          <Tab id="checks">Checks</Tab>
          <Tab id="output">Output</Tab>
        </TabList>
        <TabPanel id="checks">none failed</TabPanel>
        <TabPanel id="output">hello</TabPanel>
      </Tabs>,
    );
    screen.getByText("none failed");
    await person().click(screen.getByRole("tab", { name: "Output" }));
    expect(screen.getByRole("tabpanel").textContent).toBe("hello");
  });
});

const segments = [
  { id: "docker", label: "This computer" },
  { id: "cloud", label: "Cloud", detail: "Needs internet" },
] as const;

function RunnerSwitch() {
  const [value, setValue] = useState<"docker" | "cloud">("docker");
  return <Segmented name="Runs on" segments={segments} value={value} onChange={setValue} />;
}

describe("a segmented control", () => {
  it("changes to another segment and never to none", async () => {
    render(<RunnerSwitch />);
    const user = person();
    await user.click(screen.getByRole("radio", { name: "Cloud" }));
    await user.click(screen.getByRole("radio", { name: "Cloud" }));
    expect(screen.getByRole("radio", { name: "Cloud" }).getAttribute("aria-checked")).toBe("true");
  });
});

describe("choices", () => {
  it("tick and choose", async () => {
    const user = person();
    const onTick = vi.fn();
    const onChoose = vi.fn();
    render(
      <>
        <CheckboxGroup aria-label="Several" onChange={onTick}>
          <Checkbox value="a">A</Checkbox>
          <Checkbox value="b">B</Checkbox>
        </CheckboxGroup>
        <RadioGroup aria-label="One" onChange={onChoose}>
          <Radio value="x">X</Radio>
        </RadioGroup>
      </>,
    );
    await user.click(screen.getByRole("checkbox", { name: "B" }));
    await user.click(screen.getByRole("radio", { name: "X" }));
    expect(onTick).toHaveBeenCalledWith(["b"]);
    expect(onChoose).toHaveBeenCalledWith("x");
  });
});

describe("a field", () => {
  it("ties its error to the input", () => {
    render(<Field label="Class code" error="No class has this code." defaultValue="K7M" />);
    const input = screen.getByLabelText("Class code");
    expect(input.getAttribute("aria-invalid")).toBe("true");
    const described = input.getAttribute("aria-describedby")?.split(" ") ?? [];
    const texts = described.map((id) => document.getElementById(id)?.textContent);
    expect(texts.join()).toContain("No class has this code.");
  });
});

describe("a dialog", () => {
  it.each([
    ["closes with Esc", "dialog", 1],
    ["asks until it is answered", "alertdialog", 1],
  ] as const)("%s", async (_, role, closings) => {
    const onOpenChange = vi.fn();
    render(
      <Dialog isOpen onOpenChange={onOpenChange} title="Restore attempt 3?" role={role}>
        Your current code is kept.
      </Dialog>,
    );
    screen.getByRole(role, { name: "Restore attempt 3?" });
    await person().keyboard("{Escape}");
    expect(onOpenChange).toHaveBeenCalledTimes(closings);
  });
});

describe("a menu", () => {
  it("runs the chosen row", async () => {
    const run = vi.fn();
    render(
      <Menu name="Lesson" trigger={<Button>More</Button>}>
        <MenuItem label="Reset" note="Working" onAction={run} />
      </Menu>,
    );
    const user = person();
    await user.click(screen.getByRole("button", { name: "More" }));
    await user.click(await screen.findByRole("menuitem", { name: /Reset/ }));
    expect(run).toHaveBeenCalledTimes(1);
  });
});

describe("progress", () => {
  it("says how far it is, or that nobody knows", () => {
    const { rerender } = render(<ProgressBar name="Download" fraction={0.64} />);
    expect(screen.getByRole("progressbar", { name: "Download" }).getAttribute("aria-valuenow")).toBe("64");
    rerender(<ProgressBar name="Download" fraction={-1} />);
    expect(screen.getByRole("progressbar").hasAttribute("aria-valuenow")).toBe(false);
  });

  it("names every step and marks the current one", () => {
    const steps = [
      { id: "1", name: "Files", state: "done" },
      { id: "2", name: "Words", state: "open" },
    ] as const;
    render(<StepBar name="Lessons" steps={steps} current="2" label="2 of 2" />);
    const [first, second] = screen.getAllByRole("listitem", { hidden: true });
    expect(first?.textContent).toBe("Files");
    expect(second?.getAttribute("aria-current")).toBe("step");
  });
});

describe("a problem", () => {
  it("uses the server's words, and its own when there are none", () => {
    const { rerender } = render(
      <ProblemState
        problem={{ kind: "offline", message: "The cloud cannot be reached.", hint: "Work goes on." }}
      />,
    );
    screen.getByText("Work goes on.");
    rerender(<ProblemState problem={{ kind: "unreachable", message: "", hint: "" }} />);
    screen.getByText("Carrel is not answering");
    rerender(<ProblemState problem={{ kind: "internal", message: "", hint: "" }} />);
    screen.getByText("Something inside Carrel went wrong");
  });
});

describe("verdict chips", () => {
  it.each<[VerdictState, string]>([
    ["notStarted", "Not started"],
    ["working", "Working"],
    ["stuck", "Stuck"],
    ["failed", "2 failed"],
    ["local", "Local"],
    ["verified", "Verified"],
    ["mismatch", "Cloud disagrees"],
  ])("%s has words", (state, words) => {
    render(<VerdictChip state={state} failed={2} />);
    screen.getByText(words);
  });

  it("draw local in pencil and verified in ink", () => {
    render(
      <>
        <VerdictChip state="local" />
        <VerdictChip state="verified" />
      </>,
    );
    expect(screen.getByText("Local").className).toContain("border-dashed");
    expect(screen.getByText("Verified").className).toContain("bg-pass ");
  });
});
