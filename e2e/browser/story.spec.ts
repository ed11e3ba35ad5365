import { randomUUID } from "node:crypto";
import { check, signIn, typeCode } from "./lesson";
import { expect, test } from "./product";

const lesson = "first-steps/read-a-failing-test";
const slug = "read-a-failing-test";

const wrong = (n: number) => `def average(marks):\n    return ${n}\n`;
const right = "def average(marks):\n    return sum(marks) / len(marks) if marks else 0\n";

// One learner with two computers. The first loses its line, its Carrel is killed in the middle of typing,
// and everything arrives all the same: once, verified, on both.
test("work without a line survives a crash and is verified on both computers", async ({ product, browser }) => {
  test.setTimeout(300_000);
  const { cloud } = product;
  const [train, home] = [product.desk("train"), product.desk("home")];
  const account = { email: `${randomUUID()}@example.org`, password: "correct horse", name: "Ada" };

  const page = await browser.newPage();
  await page.goto(await train.open());
  await signIn(page, account);
  const other = await browser.newPage();
  await other.goto(await home.open());
  await signIn(other, { email: account.email, password: account.password });

  // The line is cut.
  await cloud.stop();
  await page.goto("about:blank");
  await page.goto(await reopen(train));
  for (let attempt = 1; attempt <= 4; attempt++) {
    await typeCode(page, "marks.py", wrong(attempt));
    await check(page, /of 5 checks failed/);
    await expect.poll(async () => (await train.status())[slug]?.attempts).toBe(attempt);
  }
  await typeCode(page, "marks.py", right);
  await check(page, /All 5 checks passed/);

  // Half a second after the last key everything typed is on disk, whatever happens then.
  const kept = `${right}\n# kept: ${randomUUID()}\n`;
  await typeCode(page, "marks.py", kept);
  await page.waitForTimeout(500);
  await train.crash();
  expect(await train.file(lesson, "marks.py")).toBe(kept);
  await page.goto("about:blank");
  await page.goto(await train.open(lesson));
  await expect(page.getByRole("textbox", { name: "Code of marks.py" })).toContainText("# kept: ");

  // The line is back: attempts travel by themselves, passes come back verified, on both computers.
  await cloud.start();
  for (const desk of [train, home]) {
    await expect
      .poll(async () => (await desk.status())[slug], { timeout: 90_000, intervals: [1_000] })
      .toEqual({ status: "verified", attempts: 5 });
  }
  expect(await cloud.attempts()).toEqual({ rows: 5, different: 5 });

  async function reopen(desk: typeof train): Promise<string> {
    await desk.close();
    return desk.open(lesson);
  }
});
