import { Search } from "lucide-react";
import { useState } from "react";
import { Dialog, Modal, ModalOverlay } from "react-aria-components";
import { useCommand } from "@/commands/use-command";
import { PaletteBody } from "@/features/palette/palette-body";
import { useT } from "@/i18n/use-t";

/** Finds commands, courses and lessons by their words. Opened by Ctrl K and by search fields. */
export function Palette() {
  const t = useT();
  const [isOpen, setOpen] = useState(false);
  useCommand({
    id: "palette.open",
    labelKey: "palette.open",
    icon: Search,
    keys: "Mod+KeyK",
    hidden: true,
    everywhere: true,
    run: () => setOpen((before) => !before),
  });
  return (
    <ModalOverlay
      isOpen={isOpen}
      onOpenChange={setOpen}
      isDismissable
      className="fixed inset-0 z-(--layer-palette) flex items-start justify-center bg-scrim px-4 pt-[min(112px,13vh)]"
    >
      <Modal className="w-full max-w-160 outline-none">
        <Dialog
          aria-label={t("palette.open")}
          className="overflow-hidden rounded-dialog border border-line-strong bg-sheet-raised shadow-dialog outline-none"
        >
          <PaletteBody close={() => setOpen(false)} />
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
