import { useMutation } from "@connectrpc/connect-query";
import { LogIn, RefreshCw } from "lucide-react";
import { useState } from "react";
import { isSignedIn, useKeepSyncStatus, useSyncNow, useSyncStatus } from "@/api/sync";
import { useCommand } from "@/commands/use-command";
import { AccountForm, type Credentials } from "@/features/account/account-form";
import { SyncService } from "@/gen/carrel/ide/v1/sync_service_pb";
import { useT } from "@/i18n/use-t";
import { Dialog } from "@/ui/dialog";
import { toast } from "@/ui/toast-store";

/** Sign in or make an account. Opened by the command `account.signIn`. */
export function AccountDialog() {
  const t = useT();
  const [isOpen, setOpen] = useState(false);
  const status = useSyncStatus();
  const keep = useKeepSyncStatus();
  const syncNow = useSyncNow();
  const signedIn = isSignedIn(status);
  const signIn = useMutation(SyncService.method.signIn, {
    onSuccess(response) {
      keep(response.status);
      setOpen(false);
      const name = response.status?.accountName || response.status?.accountEmail || "";
      toast({ title: t("account.welcome", { name }), detail: t("account.welcomeDetail"), icon: LogIn });
    },
  });
  useCommand({
    id: "account.signIn",
    labelKey: "account.signInOrRegister",
    icon: LogIn,
    enabled: status !== undefined && !signedIn,
    run: () => {
      signIn.reset();
      setOpen(true);
    },
  });
  useCommand({
    id: "sync.now",
    labelKey: "sync.now",
    icon: RefreshCw,
    enabled: signedIn,
    run: () => syncNow.mutate({}),
  });
  const submit = (credentials: Credentials) => signIn.mutate(credentials);
  return (
    <Dialog isOpen={isOpen} onOpenChange={setOpen} title={t("account.title")}>
      <AccountForm
        serverUrl={status?.serverUrl ?? ""}
        error={signIn.error}
        isPending={signIn.isPending}
        onSubmit={submit}
        onCancel={() => setOpen(false)}
      />
    </Dialog>
  );
}
