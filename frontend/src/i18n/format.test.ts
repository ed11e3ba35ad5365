import { describe, expect, it } from "vitest";
import { createFormat } from "@/i18n/format";

/** Intl writes narrow and no-break spaces; people see a space. */
const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, " ");

describe("createFormat", () => {
  const en = createFormat("en");
  const ru = createFormat("ru");

  it("writes sizes", () => {
    expect(plain(en.bytes(312_000_000n))).toBe("312 MB");
    expect(plain(en.bytes(1_400_000_000))).toBe("1.4 GB");
    expect(plain(en.bytes(0))).toBe("0 byte");
    expect(plain(ru.bytes(312_000_000n))).toBe("312 МБ");
    expect(plain(ru.bytes(1_400_000_000))).toBe("1,4 ГБ");
  });

  it("writes shares and durations", () => {
    expect(en.percent(0.64)).toBe("64 %");
    expect(plain(en.duration(214))).toBe("214 ms");
    expect(plain(en.duration(1_420))).toBe("1.4 s");
    expect(plain(ru.duration(214))).toBe("214 мс");
  });

  it("leaves the date out today", () => {
    const now = new Date(2026, 10, 23, 18, 0);
    const at = (day: number) => new Date(2026, 10, day, 9, 12).getTime();
    expect(en.moment(at(23), now)).toBe("09:12");
    expect(en.moment(BigInt(at(3)), now)).toBe("3 Nov, 09:12");
    expect(ru.moment(at(3), now)).toBe("3 нояб., 09:12");
  });
});
