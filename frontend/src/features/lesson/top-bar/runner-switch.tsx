import { ChevronDown, Cloud, CloudOff, Laptop, type LucideIcon } from "lucide-react";
import { RunnerKind } from "@/gen/carrel/ide/v1/check_service_pb";
import { type MessageKey, useT } from "@/i18n/use-t";
import { Button } from "@/ui/button";
import { Menu, MenuItem } from "@/ui/menu";
import { Segmented } from "@/ui/segmented";
import { useLayoutKind } from "../layout/use-window";
import { OFFERED, type OfferedRunner, useRunner } from "../session/use-runner";

const labels: Record<OfferedRunner, MessageKey> = {
  [RunnerKind.DOCKER]: "lesson.runner.docker",
  [RunnerKind.CLOUD]: "lesson.runner.cloud",
};

/** Where checks run, and why a place cannot be used now. An unusable place can still be chosen: it may come back. */
export function RunnerSwitch() {
  const t = useT();
  const kind = useLayoutKind();
  const { runner, choose, stateOf } = useRunner();
  const places = OFFERED.map((offered) => {
    const state = stateOf(offered);
    const away = state !== undefined && !state.available;
    const detail = state && [state.message, state.hint].filter(Boolean).join(" ");
    return { offered, label: t(labels[offered]), icon: iconOf(offered, away), detail: detail || undefined };
  });
  const present = places.find((place) => place.offered === runner);
  if (kind === "large" || kind === "wide") {
    return (
      <Segmented
        name={t("lesson.runner")}
        value={String(runner)}
        onChange={(id) => choose(OFFERED.find((offered) => String(offered) === id) ?? RunnerKind.DOCKER)}
        segments={places.map(({ offered, label, icon, detail }) => ({
          id: String(offered),
          label,
          icon: offered === runner ? icon : undefined,
          detail,
        }))}
      />
    );
  }
  const Icon = present?.icon ?? Laptop;
  return (
    <Menu
      name={t("lesson.runner")}
      placement="bottom end"
      trigger={
        <Button size="large" aria-label={`${t("lesson.runner")}: ${present?.label ?? ""}`} className="px-2.5">
          <Icon aria-hidden size={16} />
          {kind === "medium" && present?.label}
          <ChevronDown aria-hidden size={14} />
        </Button>
      }
    >
      {places.map(({ offered, label, icon, detail }) => (
        <MenuItem
          key={offered}
          label={label}
          icon={icon}
          detail={detail}
          checked={offered === runner}
          onAction={() => choose(offered)}
        />
      ))}
    </Menu>
  );
}

function iconOf(runner: OfferedRunner, away: boolean): LucideIcon {
  if (runner === RunnerKind.DOCKER) return Laptop;
  return away ? CloudOff : Cloud;
}
