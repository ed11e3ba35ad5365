import { useMutation } from "@connectrpc/connect-query";
import { LogIn, LogOut, Settings, Stethoscope, UserRound } from "lucide-react";
import { Button as AriaButton } from "react-aria-components";
import { isSignedIn, useKeepSyncStatus, useSyncStatus } from "@/api/sync";
import { useCommandRegistry } from "@/commands/use-command";
import { initials } from "@/features/account/initials";
import { SyncService } from "@/gen/carrel/ide/v1/sync_service_pb";
import { useT } from "@/i18n/use-t";
import { Menu, MenuItem } from "@/ui/menu";

/** The round button at the end of the top bar. */
export function AccountMenu() {
  const t = useT();
  const status = useSyncStatus();
  const commands = useCommandRegistry();
  const keep = useKeepSyncStatus();
  const signOut = useMutation(SyncService.method.signOut, { onSuccess: (response) => keep(response.status) });
  const signedIn = isSignedIn(status);
  const name = status?.accountName || status?.accountEmail || "";
  return (
    <Menu
      name={t("account.menu")}
      placement="bottom end"
      trigger={
        <AriaButton
          aria-label={signedIn ? t("account.menuOf", { name }) : t("account.menu")}
          className="grid size-7 shrink-0 cursor-default place-items-center rounded-round border border-line-strong bg-sheet-selected text-micro font-strong text-ink-soft data-hovered:bg-sheet-hover"
        >
          {signedIn ? initials(name) : <UserRound aria-hidden size={14} />}
        </AriaButton>
      }
    >
      {signedIn ? (
        <MenuItem
          label={t("account.signOut")}
          detail={status?.accountEmail}
          icon={LogOut}
          onAction={() => signOut.mutate({})}
        />
      ) : (
        <MenuItem
          label={t("account.signInOrRegister")}
          icon={LogIn}
          onAction={() => commands.run("account.signIn")}
        />
      )}
      <MenuItem
        label={t("settings.open")}
        icon={Settings}
        keys="Mod+Comma"
        onAction={() => commands.run("settings.open")}
      />
      <MenuItem label={t("doctor.title")} icon={Stethoscope} onAction={() => commands.run("doctor.open")} />
    </Menu>
  );
}
