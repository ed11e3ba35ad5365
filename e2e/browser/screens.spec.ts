import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import path from "node:path";
import { expect, test } from "./product";

const pictures = path.resolve(import.meta.dirname, "../../build/.cache/screenshots");

/** Looks at a screen: a picture for people, axe for everybody. */
async function look(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: path.join(pictures, `${name}.png`) });
  const { violations } = await new AxeBuilder({ page }).analyze();
  const grave = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  expect(grave.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`)).toEqual([]);
}

for (const locale of ["en", "ru"] as const) {
  test(`the screens in ${locale}, light and dark, wide and narrow`, async ({ product, browser }) => {
    const url = await product.desk("home").open();
    const failed = locale === "en" ? /of 5 checks failed/ : /^Не прошл/;
    for (const colorScheme of ["light", "dark"] as const) {
      const context = await browser.newContext({
        locale: locale === "en" ? "en-GB" : "ru-RU",
        colorScheme,
        viewport: { width: 1440, height: 900 },
        reducedMotion: "reduce",
      });
      const page = await context.newPage();
      const name = (screen: string) => `${screen}-${locale}-${colorScheme}`;
      await page.goto(url);
      await expect(page.getByRole("heading", { name: locale === "en" ? "First steps" : "Первые шаги" }).first()).toBeVisible();
      await look(page, name("library"));

      await page.goto("about:blank");
      await page.goto(`${url}/course/first-steps/read-a-failing-test`);
      await expect(page.getByRole("textbox").first()).toContainText("def average");
      await look(page, name("lesson"));
      await page.keyboard.press("ControlOrMeta+Enter");
      await expect(page.getByText(failed).first()).toBeVisible();
      await look(page, name("failed"));
      await page.setViewportSize({ width: 900, height: 700 });
      await look(page, name("narrow"));
      await page.setViewportSize({ width: 1440, height: 900 });

      await page.goto("about:blank");
      await page.goto(`${url}/course/first-steps/quiz`);
      await page.getByRole("tab", { name: locale === "en" ? "Quiz" : "Вопросы" }).click();
      await expect(page.getByRole("button", { name: locale === "en" ? "Check the answers" : "Проверить ответы" })).toBeVisible();
      await look(page, name("quiz"));
      await page.keyboard.press("ControlOrMeta+KeyK");
      await expect(page.getByRole("dialog")).toBeVisible();
      await look(page, name("palette"));
      await page.goto("about:blank");
      await page.goto(`${url}/doctor`);
      await expect(page.getByText("Docker").first()).toBeVisible();
      await look(page, name("doctor"));
      await context.close();
    }
  });
}
