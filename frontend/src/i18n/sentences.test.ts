import { describe, expect, it } from "vitest";
import { sentence } from "@/i18n/sentences";
import russian from "@/i18n/sentences.ru.json";

const blanks = (text: string) => text.match(/%[.\d]*[a-z]/g)?.length ?? 0;

describe("sentence", () => {
  it("leaves English alone", () => {
    expect(sentence("Docker is not running.", "en")).toBe("Docker is not running.");
  });

  it("translates a whole sentence", () => {
    expect(sentence("Docker is not running.", "ru")).toBe("Docker не запущен.");
  });

  it("carries over what the server filled in", () => {
    expect(sentence("Port 8080 of this computer is in use.", "ru")).toBe("Порт 8080 этого компьютера занят.");
    expect(sentence("11.2 GB are free.", "ru")).toBe("Свободно 11.2 ГБ.");
  });

  it("translates a message with its hint behind it", () => {
    expect(sentence("Docker is not running. Start Docker, or run checks in the cloud.", "ru")).toBe(
      "Docker не запущен. Запустите Docker или проверяйте в облаке.",
    );
  });

  it("keeps a sentence it does not know", () => {
    expect(sentence("Something new. With a hint.", "ru")).toBe("Something new. With a hint.");
    expect(sentence("", "ru")).toBe("");
  });
});

describe("the Russian sentences", () => {
  it.each(Object.entries(russian))("%s", (english, words) => {
    expect(words).toMatch(/\p{Script=Cyrillic}/u);
    expect(blanks(words)).toBe(blanks(english));
    expect(words).not.toContain("!");
  });
});
