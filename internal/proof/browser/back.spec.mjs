// Whoever goes on from a form that came back with faults finds it again on the
// way back, with what was typed since (docs/adr/0009).
import { expect, test } from '@playwright/test';
import { told, visit } from './visit.mjs';

for (const shown of told.pages.filter((s) => s.press && s.status >= 400)) {
  test(`back: ${shown.name} at ${shown.path}`, async ({ page }) => {
    await visit(page, shown, { scripts: true });
    const field = page.locator('main form :is(input[type=text], input[type=email], textarea):not([autocomplete=off]):visible').first();
    const typed = await field.count() > 0 && shown.who !== 'nobody';
    if (typed) await field.fill('danach getippt');
    const title = await page.title();
    await page.goto(`https://${shown.town}/netiquette`);
    await page.goBack();
    expect(await page.title()).toBe(title);
    if (typed) await expect(field).toHaveValue('danach getippt');
  });
}
