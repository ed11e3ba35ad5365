import type { useT } from "@/i18n/use-t";

/** Who ran a check, in words. */
export function runnerName(runner: string, t: ReturnType<typeof useT>): string {
  switch (runner) {
    case "cloud":
      return t("lesson.runner.cloud");
    case "hub":
      return t("lesson.runner.hub");
    default:
      return t("lesson.runner.docker");
  }
}
