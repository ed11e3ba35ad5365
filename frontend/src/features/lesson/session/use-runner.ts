import { useQuery } from "@connectrpc/connect-query";
import { useChangeSettings, useSettings } from "@/api/settings";
import { CheckService, RunnerKind, type RunnerState } from "@/gen/carrel/ide/v1/check_service_pb";

/** Runners a learner can choose between now. The class hub is not among them yet. */
export const OFFERED = [RunnerKind.DOCKER, RunnerKind.CLOUD] as const;
export type OfferedRunner = (typeof OFFERED)[number];

const names: Record<OfferedRunner, string> = { [RunnerKind.DOCKER]: "docker", [RunnerKind.CLOUD]: "cloud" };

export interface RunnerChoice {
  /** Where checks run now. */
  readonly runner: OfferedRunner;
  readonly choose: (runner: OfferedRunner) => void;
  /** What the server says about a runner; undefined until it has answered. */
  readonly stateOf: (runner: OfferedRunner) => RunnerState | undefined;
}

/** The chosen runner; while none is chosen, the first that can start a check. */
export function useRunner(): RunnerChoice {
  const { settings } = useSettings();
  const change = useChangeSettings();
  const { data } = useQuery(CheckService.method.listRunners, {});
  const stateOf = (runner: OfferedRunner) => data?.runners.find((state) => state.kind === runner);
  const chosen = OFFERED.find((runner) => names[runner] === settings.runner);
  const automatic = OFFERED.find((runner) => stateOf(runner)?.available);
  return {
    runner: chosen ?? automatic ?? RunnerKind.DOCKER,
    choose: (runner) => change({ runner: names[runner] }),
    stateOf,
  };
}
