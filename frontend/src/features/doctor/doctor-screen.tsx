import { useQuery } from "@connectrpc/connect-query";
import { CircleCheck, RefreshCw, TriangleAlert } from "lucide-react";
import { toProblem } from "@/api/problem";
import { useTitle } from "@/api/title";
import { type Finding, SettingsService } from "@/gen/carrel/ide/v1/settings_service_pb";
import { sentence } from "@/i18n/sentences";
import { useT } from "@/i18n/use-t";
import { Button } from "@/ui/button";
import { ProblemState } from "@/ui/problem-state";
import { Skeleton } from "@/ui/skeleton";

/** What Carrel needs on this computer, and whether it is there. */
export function DoctorScreen() {
  const t = useT();
  useTitle(t("doctor.title"));
  const { data, error, isFetching, refetch } = useQuery(
    SettingsService.method.diagnose,
    {},
    { staleTime: 0 },
  );
  const findings = data?.findings ?? [];
  const wrong = findings.filter((finding) => !finding.ok).length;
  return (
    <div className="flex-1 overflow-y-auto px-6 py-7">
      <div className="mx-auto grid max-w-180 gap-4">
        <div className="flex flex-wrap items-end gap-4">
          <div className="min-w-60 flex-1">
            <h1 className="font-reading text-display font-strong">{t("doctor.title")}</h1>
            <p role="status" className="mt-1 text-ink-soft">
              {data
                ? wrong === 0
                  ? t("doctor.allGood")
                  : t("doctor.needsYou", { count: wrong })
                : t("doctor.looking")}
            </p>
          </div>
          <Button icon={RefreshCw} busy={isFetching} isDisabled={isFetching} onPress={() => void refetch()}>
            {t("doctor.again")}
          </Button>
        </div>
        <section aria-label={t("doctor.findings")} className="sheet">
          {error && !data && <ProblemState className="p-5" problem={toProblem(error)} />}
          {!data && !error && <Skeleton className="p-5" />}
          <ul>
            {findings.map((finding) => (
              <FindingRow key={finding.subject} finding={finding} />
            ))}
          </ul>
        </section>
      </div>
    </div>
  );
}

function FindingRow({ finding }: { finding: Finding }) {
  const t = useT();
  const Icon = finding.ok ? CircleCheck : TriangleAlert;
  return (
    <li className="flex gap-3 border-line px-5 py-4 not-first:border-t">
      <Icon aria-hidden size={16} className={`mt-0.5 ${finding.ok ? "text-pass" : "text-warn"}`} />
      <div className="min-w-0 flex-1">
        <h2 className="font-strong">
          {sentence(finding.subject)}
          <span className="sr-only">, {t(finding.ok ? "doctor.ok" : "doctor.notOk")}</span>
        </h2>
        <p className="text-ink-soft">{sentence(finding.message)}</p>
        {!finding.ok && finding.hint && <p className="mt-1">{sentence(finding.hint)}</p>}
      </div>
    </li>
  );
}
