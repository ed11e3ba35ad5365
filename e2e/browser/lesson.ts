// What a person does in a lesson, by the names a screen reader says.
import { expect, type Page } from "@playwright/test";

/** Replaces the code in the editor by typing. */
export async function typeCode(page: Page, name: string, code: string): Promise<void> {
  const editor = page.getByRole("textbox", { name: `Code of ${name}` });
  await editor.click();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.insertText(code);
}

/** Checks with the keyboard and waits for the summary. */
export async function check(page: Page, summary: RegExp): Promise<void> {
  await page.keyboard.press("ControlOrMeta+Enter");
  await expect(page.getByRole("tabpanel", { name: "Checks" }).getByText(summary).first()).toBeVisible();
}

/** Signs in, making the account first when a name is given. */
export async function signIn(page: Page, account: { email: string; password: string; name?: string }): Promise<void> {
  await page.getByRole("button", { name: "Account" }).click();
  const menuItem = page.getByRole("menuitem", { name: "Sign in or create an account" });
  if (await menuItem.isVisible()) await menuItem.click();
  const dialog = page.getByRole("dialog");
  if (account.name !== undefined) {
    await dialog.getByRole("tab", { name: "Create account" }).or(dialog.getByRole("radio", { name: "Create account" })).click();
    await dialog.getByLabel("Your name").fill(account.name);
  }
  await dialog.getByLabel("E-mail").fill(account.email);
  await dialog.getByLabel("Password").fill(account.password);
  await dialog.getByRole("button", { name: account.name === undefined ? "Sign in" : "Create account" }).click();
  await expect(dialog).toBeHidden();
}
