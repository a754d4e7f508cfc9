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

// manage opens what editors can do with an entry, which is folded on phones.
const manage = async (page) => {
  const fold = page.locator('.tools > summary');
  if (await fold.isVisible()) await fold.click();
};

// room leads to a room of the town hall, whose group may be folded.
const room = async (page, name) => {
  const rooms = page.getByRole('navigation', { name: 'Rathaus' });
  await rooms.evaluate((nav) => nav.querySelectorAll('details').forEach((fold) => { fold.open = true; }));
  return rooms.getByRole('link', { name });
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
  await expect(page.getByText(/11\.\s+Juli\s+2027/).first()).toBeVisible();
  await manage(page);
  await page.getByRole('link', { name: 'Ändern' }).click();
  await page.getByLabel('Ort').fill('Festhalle');
  await page.getByRole('button', { name: 'Speichern' }).click();
  await expect(page.locator('.p-location').first()).toContainText('Festhalle');
  await manage(page);
  await page.getByRole('link', { name: 'Absagen' }).click();
  await page.getByLabel('Warum fällt sie aus?').fill('Regen');
  await page.getByRole('button', { name: 'Veranstaltung absagen' }).click();
  await expect(page.getByText('Abgesagt').first()).toBeVisible();
  await manage(page);
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
  await page.getByLabel('Adresse zum Folgen').fill(info.project.name);
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

test('a club is archived and comes back', async ({ page }, info) => {
  const name = `Kommt wieder ${info.project.name}`;
  const handle = `wieder_${info.project.name}`;
  await signIn(page, 'hall');
  await page.goto('/rathaus/vereine');
  await page.getByLabel('Name des Vereins').fill(name);
  await page.getByLabel('Adresse zum Folgen').fill(handle);
  await page.getByRole('button', { name: 'Verein aufnehmen' }).click();
  await expect(page.getByRole('status')).toContainText('Der Verein ist dabei');
  await page.getByRole('link', { name: 'Archivieren' }).click();
  await expect(page.getByRole('heading', { level: 1, name: `${name} archivieren` })).toBeVisible();
  await page.getByRole('button', { name: 'Archivieren', exact: true }).click();
  await expect(page.getByRole('status')).toContainText('Der Verein ist archiviert');
  await page.goto(`/vereine/${handle}`);
  await expect(page.getByRole('heading', { level: 1, name: 'Dieser Verein ist nicht mehr aktiv' })).toBeVisible();
  await expect(page.getByText(`${name} war auf dieser Plattform.`)).toBeVisible();
  await page.goto(`/rathaus/vereine/${handle}`);
  await page.getByRole('button', { name: 'Aktiv machen' }).click();
  await expect(page.getByRole('status')).toContainText('Gespeichert');
  await page.goto(`/vereine/${handle}`);
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
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
  await page.goto('/rathaus/protokoll?was=thing');
  await expect(page.getByText('Eintrag verborgen').first()).toBeVisible();
});

test('a wave of spam is over after five clicks', async ({ page }, info) => {
  const host = `spam-${info.project.name}.test`;
  let clicks = 0;
  const click = async (locator) => { clicks++; await locator.click(); };
  await signIn(page, 'hall');
  await page.goto('/rathaus');
  await expect(page.getByRole('heading', { name: `Ungewöhnlich viel von ${host}` })).toBeVisible();
  await click(page.getByRole('link', { name: new RegExp(`Ansehen und entscheiden.*${host}`) }));
  const wave = page.getByRole('article').filter({ hasText: host });
  await expect(wave).toContainText('10.000');
  await click(wave.getByRole('button', { name: 'Sperren und aufräumen' }));
  await expect(page.getByRole('status')).toContainText('weggeräumt');
  await expect(page.getByRole('article').filter({ hasText: host })).toHaveCount(0);
  await click(page.locator('.crumbs a[href="/rathaus"]'));
  await click(page.getByRole('link', { name: `1000 Anträge mit Mailadressen von ${host}` }));
  await expect(page.getByRole('checkbox', { checked: true })).toHaveCount(1000);
  await page.getByLabel('Grund').fill('Das war keine Anmeldung.');
  await click(page.getByRole('button', { name: 'Angekreuzte ablehnen' }));
  await expect(page.getByRole('status')).toContainText('Abgelehnt');
  await expect(page.getByRole('link', { name: `von ${host}` })).toHaveCount(0);
  expect(clicks).toBe(5);
});

test('what somebody without an account wants to know is answered', async ({ page, context }, info) => {
  const address = `hinweis-${info.project.name}@example.org`;
  await signIn(page, 'hall');
  await page.goto('/rathaus');
  await (await room(page, /^Auskunft/)).click();
  await page.getByLabel('Mailadresse der Person').fill(address);
  await page.getByLabel('Was möchte die Person?').selectOption('access');
  await page.getByLabel('Wie kam die Anfrage?').selectOption('counter');
  await page.getByRole('button', { name: 'Anfrage aufnehmen' }).click();
  await expect(page.getByRole('status')).toContainText('Die Anfrage ist aufgenommen');
  await expect(page.getByText(`Hinweis von ${info.project.name}`)).toHaveCount(0); // not before it is sure who asks
  await page.getByLabel('Wie haben Sie es geprüft?').selectOption('card');
  await page.getByRole('button', { name: 'Identität bestätigen' }).click();
  await page.getByText(/^Hinweise auf Änderungen/).click();
  await expect(page.getByText(`Hinweis von ${info.project.name}`)).toBeVisible();
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Als Datei mitgeben' }).click()]);
  expect(file.suggestedFilename()).toMatch(/^auskunft-.*\.zip$/);
  await page.getByRole('button', { name: /^(Auskunft schicken|Link erzeugen)$/ }).click();
  await expect(page.getByRole('status')).toContainText('Anfrage ist erledigt');
  await page.goto('/rathaus/auskunft');
  await page.getByLabel('Mailadresse der Person').fill(address);
  await page.getByLabel('Was möchte die Person?').selectOption('erasure');
  await page.getByRole('button', { name: 'Anfrage aufnehmen' }).click();
  await page.getByLabel('Wie haben Sie es geprüft?').selectOption('known');
  await page.getByRole('button', { name: 'Identität bestätigen' }).click();
  await page.getByRole('link', { name: 'Löschen', exact: true }).click();
  await expect(page.getByText('Das bleibt, und darum:')).toBeVisible();
  await page.getByLabel('Wessen Daten?').fill(address);
  await page.getByRole('button', { name: 'Endgültig löschen' }).click();
  await expect(page.getByRole('status')).toContainText('Gelöscht');
  await page.goto('/rathaus/protokoll?was=request');
  await expect(page.getByText('Daten gelöscht').first()).toBeVisible();
  await expect(page.getByText(address)).toHaveCount(0);
});
