// What people do, with the mouse, on a phone, and without JavaScript.
import { expect, test } from '@playwright/test';
import { told } from './visit.mjs';

const { accounts, password } = told;

const signIn = async (page, who) => {
  await page.goto('/anmelden');
  await page.getByLabel('Mailadresse').fill(accounts[who]);
  await page.getByLabel('Passwort').fill(password);
  await page.getByRole('button', { name: 'Anmelden', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Mein Konto' })).toBeVisible();
};

test('publish, change, cancel and delete an event', async ({ page }, info) => {
  const name = `Fest ${info.project.name}`;
  await signIn(page, 'editor');
  await page.getByRole('link', { name: 'Veranstaltung ankündigen' }).first().click();
  await page.getByLabel('Name der Veranstaltung').fill(name);
  await page.getByLabel('Tag', { exact: true }).fill('11.7.2027');
  await page.getByRole('textbox', { name: /^Beginn/ }).fill('19 Uhr');
  await page.getByLabel('Ort').fill('Marktplatz');
  await page.getByLabel('Bild auswählen').setInputFiles({ name: 'bild.png', mimeType: 'image/png', buffer: Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64') });
  await page.getByRole('button', { name: 'Veröffentlichen' }).click();
  await expect(page.getByRole('alert')).toContainText('was auf dem Bild zu sehen ist');
  await page.getByLabel('Bildbeschreibung').fill('Ein blaues Quadrat');
  await page.getByRole('button', { name: 'Veröffentlichen' }).click();
  await expect(page.getByRole('status')).toContainText('veröffentlicht');
  await expect(page.getByAltText('Ein blaues Quadrat')).toBeVisible();
  await expect(page.getByText(/11\. Juli 2027/).first()).toBeVisible();
  await page.getByRole('link', { name: 'Ändern' }).click();
  await page.getByLabel('Ort').fill('Festhalle');
  await page.getByRole('button', { name: 'Speichern' }).click();
  await expect(page.locator('.p-location').first()).toContainText('Festhalle');
  await page.getByRole('link', { name: 'Absagen' }).click();
  await page.getByLabel('Warum fällt sie aus?').fill('Regen');
  await page.getByRole('button', { name: 'Veranstaltung absagen' }).click();
  await expect(page.getByText('Abgesagt').first()).toBeVisible();
  await page.getByRole('link', { name: 'Löschen' }).click();
  await page.getByRole('button', { name: 'Endgültig löschen' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Veranstaltungen' })).toBeVisible();
  await expect(page.getByText(name)).toHaveCount(0);
});

test('a lost connection loses nothing', async ({ page, context }) => {
  await signIn(page, 'editor');
  await page.goto('/pinnwand/neu');
  await page.getByRole('textbox', { name: 'Text', exact: true }).fill('Unterwegs geschrieben');
  await context.setOffline(true);
  await page.getByRole('button', { name: 'Veröffentlichen' }).click();
  await page.waitForURL(/chrome-error/);
  await context.setOffline(false);
  await page.goBack();
  await expect(page.getByRole('textbox', { name: 'Text', exact: true })).toHaveValue('Unterwegs geschrieben');
  await page.getByRole('button', { name: 'Veröffentlichen' }).click();
  await expect(page.getByRole('status')).toContainText('Ihr Aushang hängt');
});

test('the town hall adds a club and a person', async ({ page }, info) => {
  await signIn(page, 'hall');
  await page.getByRole('link', { name: 'Rathaus' }).first().click();
  await page.waitForURL('**/rathaus');
  await page.goto('/rathaus/vereine');
  await page.getByLabel('Name des Vereins').fill(`Verein ${info.project.name}`);
  await page.getByLabel('Kurzname').fill(info.project.name);
  await page.getByRole('button', { name: 'Verein aufnehmen' }).click();
  await expect(page.getByRole('status')).toContainText('Der Verein ist dabei');
  await page.goto('/rathaus/personen');
  await page.getByLabel('Name').fill('Berta');
  await page.getByLabel('Mailadresse').fill(`${info.project.name}@example.org`);
  await page.getByLabel('Rolle').selectOption('editor');
  await page.getByRole('button', { name: 'Person aufnehmen' }).click();
  await expect(page.getByText('/anmelden/einmal/')).toBeVisible();
});

test('an editor answers, hides and shows again', async ({ page }) => {
  await signIn(page, 'editor');
  await page.getByRole('link', { name: 'Neues' }).click();
  await page.getByRole('link', { name: 'Apfelkuchen' }).click();
  await page.getByRole('textbox', { name: 'Text', exact: true }).fill('Gern mit Sahne');
  await page.getByRole('button', { name: 'Antwort abschicken' }).click();
  await expect(page.getByRole('status')).toContainText('Ihre Antwort ist unterwegs');
  await page.getByRole('button', { name: 'Diese Antwort verbergen' }).click();
  await expect(page.getByRole('status')).toContainText('Die Antwort ist verborgen');
  await page.getByRole('button', { name: 'Diese Antwort wieder zeigen' }).click();
  await expect(page.getByRole('status')).toContainText('wieder zu sehen');
});

test('a report from Mastodon is decided, and that of a reader answered', async ({ page }, info) => {
  const name = info.project.name;
  await signIn(page, 'hall');
  await page.goto('/rathaus/meldungen');
  const flag = page.getByRole('article').filter({ hasText: `Please look at ${name}` });
  await expect(flag).toContainText('mastodon.example');
  await flag.getByRole('link', { name: 'Entscheiden' }).click();
  await page.getByText('Verbergen', { exact: true }).click();
  await page.getByRole('button', { name: 'So entscheiden' }).click();
  await expect(page.getByRole('alert').first()).toBeVisible();
  await page.getByLabel('Welche Regel?').fill('Nr. 3, keine Werbung');
  await page.getByLabel('Warum?').fill('Hier wird etwas verkauft.');
  await page.getByRole('button', { name: 'So entscheiden' }).click();
  await expect(page.getByRole('status')).toContainText('Ihre Entscheidung gilt');
  await expect(flag).toHaveCount(0);
  const report = page.getByRole('article').filter({ hasText: `Leserin ${name}` });
  await report.getByRole('link', { name: 'Entscheiden' }).click();
  await page.getByText('Nichts ändern', { exact: true }).click();
  await page.getByLabel(/^Antwort an die Person/).fill(`Danke, ${name}. Das ist erlaubt.`);
  await page.getByRole('button', { name: 'So entscheiden' }).click();
  await expect(page.getByRole('status')).toContainText('Alles bleibt, wie es ist');
  await page.goto(told.reports[name]);
  await expect(page.getByText(`Danke, ${name}. Das ist erlaubt.`)).toBeVisible();
  await page.goto('/rathaus/protokoll');
  await expect(page.getByText('Eintrag verborgen').first()).toBeVisible();
});
