import { useMutation } from "@connectrpc/connect-query";
import { RefreshCw } from "lucide-react";
import { toProblem } from "@/api/problem";
import { isSignedIn, useKeepSyncStatus, useSyncNow } from "@/api/sync";
import { useCommandRegistry } from "@/commands/use-command";
import { syncWords } from "@/features/account/sync-words";
import { SyncService, SyncState, type SyncStatus } from "@/gen/carrel/ide/v1/sync_service_pb";
import { useFormat } from "@/i18n/format";
import { sentence } from "@/i18n/sentences";
import { useT } from "@/i18n/use-t";
import { Button } from "@/ui/button";

/** What lies behind the sync chip: who, with which service, since when, and the two things to do. */
export function SyncDetails({ status, close }: { status: SyncStatus; close: () => void }) {
  const t = useT();
  const format = useFormat();
  const commands = useCommandRegistry();
  const keep = useKeepSyncStatus();
  const syncNow = useSyncNow();
  const signOut = useMutation(SyncService.method.signOut, { onSuccess: (response) => keep(response.status) });
  const { icon: Icon, label } = syncWords(status, t, format);
  const failure = syncNow.error ?? signOut.error;
  const problem = failure && toProblem(failure);
  const message = problem?.message || sentence(status.message);
  const hint = problem?.hint || sentence(status.hint);
  const busy = syncNow.isPending || status.state === SyncState.SYNCING;

  if (!isSignedIn(status)) {
    return (
      <div className="grid gap-2">
        <div className="flex items-center gap-2 font-medium">
          <Icon aria-hidden size={16} className="text-ink-faint" />
          {label}
        </div>
        <p className="text-small text-ink-soft">{t("sync.signedOutText")}</p>
        <Button
          className="mt-1 justify-self-start"
          size="small"
          onPress={() => {
            close();
            commands.run("account.signIn");
          }}
        >
          {t("account.signIn")}
        </Button>
      </div>
    );
  }
  return (
    <div className="grid gap-2">
      <div className="flex items-center gap-2 font-medium">
        <Icon aria-hidden size={16} className="text-ink-faint" />
        {label}
      </div>
      {status.state === SyncState.OFFLINE && (
        <p className="text-small text-ink-soft">{t("sync.offlineText")}</p>
      )}
      {message && <p className="text-small text-ink">{message}</p>}
      {hint && <p className="text-small text-ink-soft">{hint}</p>}
      <dl className="grid gap-1 border-t border-line pt-2 text-small text-ink-soft">
        <Row name={t("sync.account")} value={status.accountName || status.accountEmail} />
        <Row name={t("sync.service")} value={status.serverUrl.replace(/^https?:\/\//, "")} />
        <Row
          name={t("sync.lastSync")}
          value={status.lastSyncAtMs > 0n ? format.moment(status.lastSyncAtMs) : t("sync.never")}
        />
        <Row name={t("sync.waitingCount")} value={String(status.waiting)} />
      </dl>
      <div className="mt-1 flex gap-2">
        <Button
          size="small"
          icon={RefreshCw}
          busy={busy}
          isDisabled={busy}
          onPress={() => syncNow.mutate({})}
        >
          {busy ? t("sync.syncing") : t("sync.now")}
        </Button>
        <Button size="small" kind="quiet" isDisabled={signOut.isPending} onPress={() => signOut.mutate({})}>
          {t("account.signOut")}
        </Button>
      </div>
    </div>
  );
}

function Row({ name, value }: { name: string; value: string }) {
  return (
    <div className="flex gap-3">
      <dt className="flex-1 text-ink-faint">{name}</dt>
      <dd className="min-w-0 truncate tabular" title={value}>
        {value}
      </dd>
    </div>
  );
}
