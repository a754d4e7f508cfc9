// What people do, by keyboard alone: nothing in this file clicks or fills.
import { expect, test } from '@playwright/test';
import { told } from './visit.mjs';

const { accounts, password } = told;

// to moves with the Tab key alone until the element has the focus.
const to = async (page, locator) => {
  for (let i = 0; i < 150; i++) {
    if (await locator.evaluate((e) => e === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`the Tab key does not reach ${locator}`);
};

const type = async (page, label, text) => {
  await to(page, page.locator('input, textarea').and(page.getByLabel(new RegExp(`^${label.replace('?', '\\?')}( |$)`))).first()); // what is optional says so in its name
  await page.keyboard.press('Control+A');
  await page.keyboard.type(text);
};

// go presses Enter on a link or a button.
const go = async (page, role, name) => {
  await to(page, page.getByRole(role, { name }).first());
  await page.keyboard.press('Enter');
};

const heading = (page, name) => expect(page.getByRole('heading', { level: 1, name })).toBeVisible();

const signIn = async (page, who) => {
  await page.goto('/anmelden');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Zum Inhalt springen' })).toBeFocused();
  await type(page, 'Mailadresse', accounts[who]);
  await type(page, 'Passwort', password);
  await page.keyboard.press('Enter');
  await heading(page, 'Mein Konto');
};

test('a resident finds what is on and puts it into a calendar', async ({ page }) => {
  await page.goto('/');
  await go(page, 'link', 'Alle Veranstaltungen');
  await heading(page, 'Veranstaltungen');
  await go(page, 'link', 'Sommerfest');
  await heading(page, 'Sommerfest');
  const [file] = await Promise.all([page.waitForEvent('download'), go(page, 'link', 'Zu meinem Kalender hinzufügen')]);
  expect(file.suggestedFilename()).toMatch(/\.ics$/);
});

test('somebody from elsewhere follows a club', async ({ page }) => {
  await page.goto('/vereine/tsv');
  await go(page, 'link', /Folgen/);
  await heading(page, /folgen/);
  await type(page, 'Adresse Ihres Kontos', 'lena');
  await page.keyboard.press('Enter');
  await expect(page.getByText('Das ist keine Adresse eines Kontos.').first()).toBeVisible();
});

// manage opens what editors can do with an entry, which is folded on phones.
const manage = async (page) => {
  const fold = page.locator('.tools > summary');
  if (!await fold.isVisible()) return;
  await fold.focus();
  await page.keyboard.press('Enter');
};

test('an editor announces an event, mends what was wrong, changes it and calls it off', async ({ page }, info) => {
  const name = `Fest nach Tasten ${info.project.name}`;
  await signIn(page, 'editor');
  await go(page, 'link', 'Veranstaltung ankündigen');
  await heading(page, 'Veranstaltung ankündigen');
  await type(page, 'Name der Veranstaltung', name);
  await go(page, 'button', 'Veröffentlichen');
  // The summary of faults has the focus; its link leads into the field.
  await expect(page.getByRole('alert').first()).toBeFocused();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.keyboard.type('11.7.2027');
  await go(page, 'button', 'Veröffentlichen');
  await expect(page.getByRole('status').first()).toContainText('veröffentlicht');
  await heading(page, name);
  await manage(page);
  await go(page, 'link', 'Ändern');
  await type(page, 'Ort', 'Festhalle');
  await go(page, 'button', 'Speichern');
  await expect(page.getByText('Festhalle').filter({ visible: true }).first()).toBeVisible();
  await manage(page);
  await go(page, 'link', 'Absagen');
  await type(page, 'Warum fällt sie aus?', 'Regen');
  await go(page, 'button', 'Veranstaltung absagen');
  await expect(page.getByText('Abgesagt').filter({ visible: true }).first()).toBeVisible();
});

test('an editor pins something up and signs out', async ({ page }, info) => {
  const text = `Gefunden: Schlüssel (${info.project.name})`;
  await signIn(page, 'editor');
  await go(page, 'link', 'Etwas anpinnen');
  await heading(page, 'Etwas anpinnen');
  await type(page, 'Text', text);
  await go(page, 'button', 'Veröffentlichen');
  await expect(page.getByRole('status').first()).toContainText('Ihr Aushang hängt');
  await expect(page.getByText(text).filter({ visible: true }).first()).toBeVisible();
  await go(page, 'button', 'Abmelden');
  await expect(page.getByRole('link', { name: 'Anmelden' })).toBeVisible();
});

test('an editor answers and hides', async ({ page }) => {
  await signIn(page, 'owner');
  await go(page, 'link', /^Neues/);
  await go(page, 'link', 'Apfelkuchen');
  await type(page, 'Text', 'Gern mit Sahne');
  await go(page, 'button', 'Antwort abschicken');
  await expect(page.getByRole('status').first()).toContainText('Ihre Antwort ist unterwegs');
  await go(page, 'button', 'Diese Antwort verbergen');
  await expect(page.getByRole('status').first()).toContainText('Die Antwort ist verborgen');
  await go(page, 'button', 'Diese Antwort wieder zeigen');
  await expect(page.getByRole('status').first()).toContainText('wieder zu sehen');
});

test('the town hall adds a club and shuts another platform out', async ({ page }, info) => {
  await signIn(page, 'hall');
  await go(page, 'link', 'Rathaus');
  await page.waitForURL('**/rathaus');
  await page.goto('/rathaus/vereine');
  await type(page, 'Name des Vereins', `Verein ${info.project.name}`);
  await type(page, 'Adresse zum Folgen', `tasten${info.project.name}`);
  await go(page, 'button', 'Verein aufnehmen');
  await expect(page.getByRole('status').first()).toContainText('Der Verein ist dabei');
  await page.goto('/rathaus/sperren');
  await type(page, 'Adresse der Plattform', `${info.project.name}.example.org`);
  await go(page, 'button', 'Nachschlagen');
  await to(page, page.getByRole('radio').first());
  await page.keyboard.press('Space');
  await expect(page.getByRole('radio').first()).toBeChecked();
  await go(page, 'button', 'Eintragen');
  await page.waitForURL('**/rathaus/sperren*');
  await expect(page.getByRole('link', { name: `${info.project.name}.example.org` })).toBeVisible();
});

test('the town hall answers what somebody wants to know about their data', async ({ page }, info) => {
  const address = `tasten-${info.project.name}@example.org`;
  await signIn(page, 'hall');
  await page.goto('/rathaus/auskunft');
  await type(page, 'Mailadresse der Person', address);
  await go(page, 'button', 'Anfrage aufnehmen');
  await expect(page.getByRole('status').first()).toContainText('Die Anfrage ist aufgenommen');
  await to(page, page.getByRole('combobox').first());
  await page.keyboard.press('ArrowDown');
  await go(page, 'button', 'Identität bestätigen');
  await expect(page.getByText('nichts gespeichert').first()).toBeVisible();
  await go(page, 'link', 'Ablehnen');
  await type(page, 'Warum?', 'Unter dieser Adresse haben wir nichts.');
  await go(page, 'button', 'Ablehnen');
  await expect(page.getByRole('status').first()).toContainText('Abgelehnt');
});
