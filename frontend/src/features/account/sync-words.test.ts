import { create } from "@bufbuild/protobuf";
import i18next from "i18next";
import { describe, expect, it } from "vitest";
import { initials } from "@/features/account/initials";
import { syncWords } from "@/features/account/sync-words";
import { SyncState, SyncStatusSchema } from "@/gen/carrel/ide/v1/sync_service_pb";
import { startI18n } from "@/i18n";
import { createFormat } from "@/i18n/format";

const at = BigInt(new Date().setHours(9, 12, 0, 0));

function words(state: SyncState, waiting = 0, offlineSinceMs = 0n) {
  const status = create(SyncStatusSchema, { state, waiting, offlineSinceMs });
  const { label, waiting: rest, tone } = syncWords(status, i18next.t, createFormat("en"));
  return [label, rest, tone];
}

describe("syncWords", () => {
  it.each([
    ["signed out", () => words(SyncState.SIGNED_OUT), ["Saved on this computer", "", "quiet"]],
    ["synced", () => words(SyncState.SYNCED), ["Synced", "", "quiet"]],
    ["waiting", () => words(SyncState.WAITING, 1), ["1 waiting to sync", "", "quiet"]],
    ["syncing", () => words(SyncState.SYNCING, 2), ["Syncing", "", "info"]],
    ["refused", () => words(SyncState.REFUSED, 2), ["The cloud needs you", "2 waiting to sync", "warn"]],
  ])("%s", (_, got, want) => {
    expect(got()).toEqual(want);
  });

  it("never makes a drama of being offline", () => {
    expect(words(SyncState.OFFLINE, 3, at)).toEqual(["Offline since 09:12", "3 waiting to sync", "quiet"]);
    expect(words(SyncState.OFFLINE)).toEqual(["Offline, saved here", "", "quiet"]);
  });

  it("counts in Russian as Russians do", () => {
    startI18n("ru");
    const waiting = (count: number) => words(SyncState.WAITING, count)[0];
    expect([1, 3, 5, 11, 21, 22].map(waiting)).toEqual([
      "1 ждёт отправки",
      "3 ждут отправки",
      "5 ждут отправки",
      "11 ждут отправки",
      "21 ждёт отправки",
      "22 ждут отправки",
    ]);
  });
});

describe("initials", () => {
  it.each([
    ["Anna Smirnova", "AS"],
    ["Анна Мария Смирнова", "АС"],
    ["anna@school.example", "A"],
    ["", ""],
  ])("of %s", (name, want) => {
    expect(initials(name)).toBe(want);
  });
});
