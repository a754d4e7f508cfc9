// A secretary before a browser, one step at a time: each run of this program is
// one visit, told by its arguments, and keeps the cookies in STATE.
import { existsSync } from 'node:fs';
import { chromium } from '@playwright/test';

const [step, ...args] = process.argv.slice(2);
const { ORIGIN, ADDRESS, STATE } = process.env;
const host = new URL(ORIGIN).hostname;
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync',
    `--host-resolver-rules=MAP ${host} ${ADDRESS}`],
});
const context = await browser.newContext({ baseURL: ORIGIN, ignoreHTTPSErrors: true, locale: 'de-DE', storageState: existsSync(STATE) ? STATE : undefined });
const page = await context.newPage();
const says = (text) => page.getByRole('status').filter({ hasText: text }).waitFor();
const manage = async (needle) => {
  await page.goto('/neues');
  await page.getByRole('link', { name: needle }).click();
};

const steps = {
  // arrive LINK PASSWORD: uses the one-time link.
  arrive: async (link, password) => {
    await page.goto(link);
    await page.getByLabel('Neues Passwort').fill(password);
    await page.getByRole('button', { name: 'Passwort festlegen und anmelden' }).click();
    await page.getByRole('heading', { level: 1, name: 'Mein Konto' }).waitFor();
  },
  // publish NAME DAY PLACE PICTURE ALT: gives the address of the event.
  publish: async (name, day, place, picture, alt) => {
    await page.goto('/konto');
    await page.getByRole('link', { name: 'Veranstaltung ankündigen' }).click();
    await page.getByLabel('Name der Veranstaltung').fill(name);
    await page.getByLabel('Tag', { exact: true }).fill(day);
    await page.getByRole('textbox', { name: /^Beginn/ }).fill('19 Uhr');
    await page.getByLabel('Ort').fill(place);
    await page.getByLabel('Bild auswählen').setInputFiles(picture);
    await page.getByLabel('Bildbeschreibung').fill(alt);
    await page.getByRole('button', { name: 'Veröffentlichen' }).click();
    await says('veröffentlicht');
    return page.url();
  },
  // answer NEEDLE TEXT: finds it under "Neues" and answers.
  answer: async (needle, text) => {
    await manage(needle);
    await page.getByRole('textbox', { name: 'Text', exact: true }).fill(text);
    await page.getByRole('button', { name: 'Antwort abschicken' }).click();
    await says('Ihre Antwort ist unterwegs');
  },
  // hide NEEDLE: finds it under "Neues" and hides it.
  hide: async (needle) => {
    await manage(needle);
    await page.getByRole('button', { name: 'Diese Antwort verbergen' }).click();
    await says('Die Antwort ist verborgen');
  },
};

try {
  const gave = await steps[step](...args);
  await context.storageState({ path: STATE });
  console.log(JSON.stringify({ gave: gave ?? '' }));
} catch (e) {
  console.error(`${page.url()}\n${await page.locator('body').innerText().catch(() => '')}`);
  throw e;
} finally {
  await browser.close();
}
