import type { LucideIcon } from "lucide-react";
import { create } from "zustand";

export interface ToastContent {
  title: string;
  detail?: string;
  icon?: LucideIcon;
  tone?: "quiet" | "pass" | "warn" | "fail";
  action?: { label: string; run: () => void };
}

export interface ToastEntry extends ToastContent {
  id: number;
}

/** How long a message stays. It waits longer while the pointer or the focus is on it. */
export const toastMs = 8_000;

interface ToastState {
  entries: readonly ToastEntry[];
  next: number;
  show: (content: ToastContent) => number;
  dismiss: (id: number) => void;
}

export const useToasts = create<ToastState>((set, get) => ({
  entries: [],
  next: 1,
  show(content) {
    const id = get().next;
    set((state) => ({ next: id + 1, entries: [...state.entries, { ...content, id }] }));
    return id;
  },
  dismiss: (id) => set((state) => ({ entries: state.entries.filter((entry) => entry.id !== id) })),
}));

/** Shows a message for a few seconds. For facts that need no answer; never for being offline. */
export function toast(content: ToastContent): number {
  return useToasts.getState().show(content);
}
