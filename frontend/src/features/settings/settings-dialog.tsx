import { Settings } from "lucide-react";
import { useState } from "react";
import { codeSizes, readingSizes, useChangeSettings, useSettings } from "@/api/settings";
import { useCommand } from "@/commands/use-command";
import { useT } from "@/i18n/use-t";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Segmented } from "@/ui/segmented";
import { SelectField } from "@/ui/select-field";

function sizes({ smallest, largest }: { smallest: number; largest: number }) {
  return Array.from({ length: largest - smallest + 1 }, (_, step) => {
    const size = String(smallest + step);
    return { id: size, label: `${size} px` };
  });
}

/** A person's choices on this computer; each takes effect at once. Opened by the command `settings.open`. */
export function SettingsDialog() {
  const t = useT();
  const [isOpen, setOpen] = useState(false);
  const { settings, version } = useSettings();
  const change = useChangeSettings();
  useCommand({
    id: "settings.open",
    labelKey: "settings.open",
    icon: Settings,
    keys: "Mod+Comma",
    run: () => setOpen(true),
  });
  return (
    <Dialog
      isOpen={isOpen}
      onOpenChange={setOpen}
      title={t("settings.title")}
      width="wide"
      actions={
        <Button kind="primary" onPress={() => setOpen(false)}>
          {t("dialog.done")}
        </Button>
      }
    >
      <div className="grid gap-4">
        <Row label={t("settings.theme")}>
          <Segmented
            name={t("settings.theme")}
            value={settings.theme}
            onChange={(theme) => change({ theme })}
            segments={[
              { id: "system", label: t("settings.themeSystem") },
              { id: "light", label: t("settings.themeLight") },
              { id: "dark", label: t("settings.themeDark") },
              { id: "contrast", label: t("settings.themeContrast") },
            ]}
          />
        </Row>
        <Row label={t("settings.runner")}>
          <Segmented
            name={t("settings.runner")}
            value={settings.runner}
            onChange={(runner) => change({ runner })}
            segments={[
              { id: "auto", label: t("settings.runnerAuto"), detail: t("settings.runnerAutoDetail") },
              { id: "docker", label: t("settings.runnerDocker"), detail: t("settings.runnerDockerDetail") },
              { id: "cloud", label: t("settings.runnerCloud"), detail: t("settings.runnerCloudDetail") },
            ]}
          />
        </Row>
        <div className="grid gap-4 compact:grid-cols-3">
          <SelectField
            label={t("settings.language")}
            value={settings.locale || "system"}
            onChange={(locale) => change({ locale: locale === "system" ? "" : locale })}
            options={[
              { id: "system", label: t("settings.languageSystem") },
              { id: "en", label: "English" },
              { id: "ru", label: "Русский" },
            ]}
          />
          <SelectField
            label={t("settings.codeSize")}
            value={String(settings.codeSize)}
            onChange={(size) => change({ codeSize: Number(size) })}
            options={sizes(codeSizes)}
          />
          <SelectField
            label={t("settings.readingSize")}
            value={String(settings.readingSize)}
            onChange={(size) => change({ readingSize: Number(size) })}
            options={sizes(readingSizes)}
          />
        </div>
        {version && <p className="text-small text-ink-faint">{t("settings.version", { version })}</p>}
      </div>
    </Dialog>
  );
}

function Row({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div className="grid gap-1">
      <span aria-hidden className="text-small font-medium text-ink-soft">
        {label}
      </span>
      {children}
    </div>
  );
}
