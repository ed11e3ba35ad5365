import { check, typeCode } from "./lesson";
import { expect, test } from "./product";

test("a lesson in the shell: fail, read why, use the terminal, run, pass", async ({ product, page }) => {
  const desk = product.desk("home");
  await page.goto(await desk.open("first-steps/pipes"));
  await expect(page.getByRole("heading", { name: "Pipes and files" })).toBeVisible();

  await page.getByRole("button", { name: "Check" }).first().click();
  const checks = page.getByRole("tabpanel", { name: "Checks" });
  await expect(checks.getByText("4 of 4 checks failed").first()).toBeVisible();
  await expect(checks.getByText("The busiest page comes first").first()).toBeVisible();
  await expect(checks.getByText("Expected").first()).toBeVisible();

  await page.keyboard.press("Control+Backquote");
  const terminal = page.locator(".xterm-rows");
  await expect(terminal).toBeVisible();
  await page.keyboard.type("wc -l < visits.log; echo from-the-$((40 + 2))");
  await page.keyboard.press("Enter");
  await expect(terminal).toContainText("from-the-42");

  await typeCode(page, "busiest.sh", `awk '{ print $2 }' "$1" | sort | uniq -c | sort -rn | head -n 3\n`);
  await page.getByRole("tab", { name: /^Checks/ }).click();
  await check(page, /All 4 checks passed/);
  await expect.poll(async () => (await desk.status())["pipes"]).toEqual({ status: "passed", attempts: 2 });
});

test("another editor's change is picked up", async ({ product, page }) => {
  const desk = product.desk("home");
  await page.goto(await desk.open("first-steps/pipes"));
  const editor = page.getByRole("textbox", { name: "Code of busiest.sh" });
  await expect(editor).toContainText("cut -d");
  await desk.write("first-steps/pipes", "busiest.sh", "echo from another editor\n");
  await expect(editor).toContainText("from another editor");
});

test("a check in Russian, by the keyboard alone", async ({ product, browser }) => {
  const context = await browser.newContext({ locale: "ru-RU" });
  const page = await context.newPage();
  await page.goto(await product.desk("home").open("first-steps/read-a-failing-test"));
  await expect(page.getByRole("button", { name: /^Проверить/ }).first()).toBeVisible();
  await page.keyboard.press("ControlOrMeta+Enter");
  await expect(page.getByText(/^Не прошл[аио] \d+ провер/).first()).toBeVisible();
  await context.close();
});

test("without Docker the lesson opens and says calmly what to do", async ({ product, page }) => {
  const desk = product.desk("home", { DOCKER_HOST: "unix:///nowhere/docker.sock" });
  await page.goto(await desk.open("first-steps/pipes"));
  await expect(page.getByRole("textbox", { name: "Code of busiest.sh" })).toContainText("cut -d");
  await page.keyboard.press("ControlOrMeta+Enter");
  await expect(page.getByText(/Docker/).first()).toBeVisible();
  expect((await desk.status())["pipes"]?.attempts ?? 0).toBe(0);
});
