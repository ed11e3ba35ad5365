import { Contrast, Library, Monitor, Moon, Stethoscope, Sun } from "lucide-react";
import { useChangeSettings } from "@/api/settings";
import { useCommand } from "@/commands/use-command";
import { doctorPath, libraryPath, useGo } from "@/ui/routes";

/** Commands that work on every screen. */
export function useShellCommands(): void {
  const go = useGo();
  const change = useChangeSettings();
  useCommand({
    id: "library.open",
    labelKey: "shell.goToLibrary",
    icon: Library,
    run: () => go(libraryPath),
  });
  useCommand({
    id: "doctor.open",
    labelKey: "shell.goToDoctor",
    icon: Stethoscope,
    run: () => go(doctorPath),
  });
  useCommand({
    id: "theme.system",
    labelKey: "shell.themeSystem",
    icon: Monitor,
    run: () => change({ theme: "system" }),
  });
  useCommand({
    id: "theme.light",
    labelKey: "shell.themeLight",
    icon: Sun,
    run: () => change({ theme: "light" }),
  });
  useCommand({
    id: "theme.dark",
    labelKey: "shell.themeDark",
    icon: Moon,
    run: () => change({ theme: "dark" }),
  });
  useCommand({
    id: "theme.contrast",
    labelKey: "shell.themeContrast",
    icon: Contrast,
    run: () => change({ theme: "contrast" }),
  });
}
