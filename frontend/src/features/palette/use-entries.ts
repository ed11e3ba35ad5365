import { useQuery } from "@connectrpc/connect-query";
import { BookMarked, BookOpen, type LucideIcon } from "lucide-react";
import { useMemo } from "react";
import { pickText } from "@/api/text";
import type { Keys } from "@/commands/keys";
import { useCommands } from "@/commands/use-command";
import type { Entry } from "@/features/palette/search";
import { CourseState, LibraryService } from "@/gen/carrel/ide/v1/library_service_pb";
import { useLocale, useT } from "@/i18n/use-t";
import { lessonPath, useGo } from "@/ui/routes";

export interface PaletteEntry extends Entry {
  icon?: LucideIcon;
  keys?: Keys;
  run: () => void;
}

export interface PaletteGroup {
  id: "actions" | "courses" | "lessons";
  entries: PaletteEntry[];
}

/** Everything the palette offers now: commands of the screen, courses and lessons on this computer. */
export function usePaletteGroups(): PaletteGroup[] {
  const t = useT();
  const locale = useLocale();
  const go = useGo();
  const commands = useCommands();
  const { data } = useQuery(LibraryService.method.listCourses);
  return useMemo(() => {
    const actions = commands
      .filter((command) => command.enabled !== false && !command.hidden)
      .map(({ id, labelKey, icon, keys, detail, run }) => ({
        id,
        label: t(labelKey),
        detail: detail ?? "",
        icon,
        keys,
        run,
      }));
    const courses: PaletteEntry[] = [];
    const lessons: PaletteEntry[] = [];
    for (const { course, state } of data?.courses ?? []) {
      if (!course || state !== CourseState.INSTALLED) continue;
      const title = pickText(course.title, locale);
      const first = course.lessons[0];
      if (first) {
        courses.push({
          id: `course:${course.id}`,
          label: title,
          detail: t("library.lessons", { count: course.lessons.length }),
          icon: BookMarked,
          run: () => go(lessonPath(course.id, first.slug)),
        });
      }
      for (const [index, lesson] of course.lessons.entries()) {
        lessons.push({
          id: `lesson:${lesson.id}`,
          label: pickText(lesson.title, locale),
          detail: t("palette.lessonOf", { course: title, number: index + 1 }),
          icon: BookOpen,
          run: () => go(lessonPath(course.id, lesson.slug)),
        });
      }
    }
    return [
      { id: "actions", entries: actions },
      { id: "courses", entries: courses },
      { id: "lessons", entries: lessons },
    ];
  }, [t, locale, go, commands, data]);
}
