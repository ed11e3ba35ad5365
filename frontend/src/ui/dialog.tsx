import type { ReactNode } from "react";
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { classes } from "@/ui/classes";

export interface DialogProps {
  isOpen: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  /** `alertdialog` for questions that must be answered. */
  role?: "dialog" | "alertdialog";
  width?: "narrow" | "wide";
  children: ReactNode;
  /** Buttons, the primary one last. */
  actions?: ReactNode;
}

/** A sheet above everything else. Esc and a click outside close it, except for alert dialogs. */
export function Dialog({
  isOpen,
  onOpenChange,
  title,
  role = "dialog",
  width = "narrow",
  children,
  actions,
}: DialogProps) {
  return (
    <ModalOverlay
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      isDismissable={role === "dialog"}
      className="fixed inset-0 z-(--layer-dialog) flex items-start justify-center overflow-y-auto bg-scrim p-4 pt-[12vh]"
    >
      <Modal className={classes("w-full outline-none", width === "narrow" ? "max-w-100" : "max-w-140")}>
        <AriaDialog
          role={role}
          className="grid gap-3 rounded-dialog border border-line-strong bg-sheet-raised p-5 shadow-dialog outline-none"
        >
          <Heading slot="title" className="text-lead font-strong">
            {title}
          </Heading>
          {children}
          {actions && <div className="mt-2 flex flex-wrap justify-end gap-2">{actions}</div>}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}
