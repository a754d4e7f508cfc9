// A picture of every page and state: desktop and phone, light and dark; what
// readers see also in forced colours and printed.
import { mkdirSync, writeFileSync } from 'node:fs';
import { test } from '@playwright/test';
import { told, visit } from './visit.mjs';

const views = { desktop: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } };

for (const shown of told.pages) {
  test(`${shown.town} ${shown.name}`, async ({ page }) => {
    mkdirSync(told.pictures, { recursive: true });
    await visit(page, shown);
    await page.evaluate(() => document.fonts.ready);
    await page.evaluate(() => { document.activeElement?.blur?.(); for (const i of document.images) i.loading = 'eager'; });
    const pictures = [];
    for (const [view, size] of Object.entries(views)) {
      await page.setViewportSize(size);
      // As long as the page, so that the bar stands at its end and not across it.
      const height = await page.evaluate(() => document.documentElement.scrollHeight);
      await page.setViewportSize({ width: size.width, height: Math.max(size.height, height) });
      for (const scheme of ['light', 'dark']) {
        await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
        const file = `${shown.town}-${shown.name}-${view}-${scheme}.png`;
        await page.screenshot({ path: `${told.pictures}/${file}`, fullPage: true });
        pictures.push(file);
      }
    }
    if (shown.who === 'nobody' && !shown.press) {
      await page.setViewportSize(views.desktop);
      for (const [name, media] of [['contrast', { forcedColors: 'active' }], ['print', { forcedColors: 'none', media: 'print', colorScheme: 'light' }]]) {
        await page.emulateMedia(media);
        const file = `${shown.town}-${shown.name}-desktop-${name}.png`;
        await page.screenshot({ path: `${told.pictures}/${file}`, fullPage: true });
        pictures.push(file);
      }
    }
    const title = (await page.locator('h1').first().innerText()).trim();
    writeFileSync(`${told.pictures}/${shown.town}-${shown.name}.json`, JSON.stringify({ ...shown, title, pictures }));
  });
}
