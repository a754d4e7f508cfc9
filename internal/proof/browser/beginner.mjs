// Somebody who comes for the first time, before a browser: each run of this
// program is one visit, told by its arguments, and keeps the cookies in STATE.
// It counts the pages that were shown and the fields that were filled in.
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
let pages = 0;
let fields = 0;
page.on('framenavigated', (frame) => { if (frame === page.mainFrame()) pages += 1; });
const field = (label, exact = false) => page.getByLabel(label, { exact });
const fill = async (label, value, exact) => { fields += 1; await field(label, exact).fill(value); };
const choose = async (label, value) => { fields += 1; await field(label, true).selectOption({ label: value }); };
const tick = async (label) => { fields += 1; await field(label).check(); };
const press = (name) => page.getByRole('button', { name, exact: true }).click();
const go = (name) => page.getByRole('link', { name }).first().click();
const titled = (name) => page.getByRole('heading', { level: 1, name }).waitFor();
// A form that comes back faster than a person types is asked again.
const unhurried = () => new Promise((done) => { setTimeout(done, 3500); });

const steps = {
  // register CLUB FIELD NAME MAIL: from the first page on.
  register: async (club, topic, name, mail) => {
    await page.goto('/');
    await page.getByRole('link', { name: 'Anmelden' }).first().click();
    await go('Verein eintragen oder Konto anlegen');
    await titled('Konto anlegen');
    await fill('Name des Vereins', club);
    await choose('Thema', topic);
    await fill('Ihr Name', name);
    await fill('Mailadresse', mail);
    await tick('Ich habe die Hausregeln gelesen');
    await unhurried();
    await press('Konto anlegen');
    await titled('Bitte sehen Sie in Ihre Mails');
  },
  // confirm LINK PASSWORD: opens the link of the letter; gives the page of the request.
  confirm: async (link, password) => {
    await page.goto(link);
    await fill('Passwort', password, true);
    await press('Mailadresse bestätigen');
    await titled('Antrag');
    return page.url();
  },
  // approve LINK MAIL PASSWORD: the town hall opens the link of its letter.
  approve: async (link, mail, password) => {
    await page.goto(link);
    await fill('Mailadresse', mail);
    await fill('Passwort', password, true);
    await press('Anmelden');
    await titled('Anträge');
    await press('Freigeben');
    await page.getByRole('status').filter({ hasText: 'Freigegeben' }).waitFor();
  },
  // publish LINK NAME DAY PLACE: opens the link of the letter that says yes; gives the address of the event.
  publish: async (link, name, day, place) => {
    await page.goto(link);
    await fill('Name der Veranstaltung', name);
    await fill('Tag', day, true);
    await fill('Beginn', '19 Uhr');
    await fill('Ort', place);
    await press('Veröffentlichen');
    await page.getByRole('status').filter({ hasText: 'veröffentlicht' }).waitFor();
    return page.url();
  },
};

try {
  const gave = await steps[step](...args);
  await context.storageState({ path: STATE });
  console.log(JSON.stringify({ gave: gave ?? '', pages, fields }));
} catch (e) {
  console.error(`${page.url()}\n${await page.locator('body').innerText().catch(() => '')}`);
  throw e;
} finally {
  await browser.close();
}
