// Passkeys with the authenticator that Chromium plays (WebAuthn domain of the
// DevTools protocol): as a device with finger or PIN has them.
import { expect, test } from '@playwright/test';
import { told } from './visit.mjs';

const { accounts, password, link } = told;

// device gives the page a device; what it is asked it answers at once.
const device = async (page, { offered = false, ...more } = {}) => {
  // What is offered in the list of a field this device would choose at once, before any button is pressed.
  if (!offered) await page.addInitScript(() => { PublicKeyCredential.isConditionalMediationAvailable = async () => false; });
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true, ...more },
  });
  return {
    send: (what, args) => cdp.send(`WebAuthn.${what}`, { authenticatorId, ...args }),
    keys: async () => (await cdp.send('WebAuthn.getCredentials', { authenticatorId })).credentials,
  };
};

const signIn = async (page, who) => {
  await page.goto('/anmelden');
  await page.getByLabel('Mailadresse').fill(accounts[who]);
  await page.getByLabel('Passwort').fill(password);
  await page.getByRole('button', { name: 'Anmelden', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Mein Konto' })).toBeVisible();
};

const add = async (page, name) => {
  await page.goto('/konto/passkeys');
  await page.getByLabel('Name des Passkeys').fill(name);
  await page.getByRole('button', { name: 'Passkey anlegen' }).click();
  await expect(page.getByRole('status')).toContainText('Der Passkey ist angelegt');
};

const leave = async (page) => {
  await page.getByRole('button', { name: 'Abmelden' }).click();
  await expect(page.getByRole('button', { name: 'Abmelden' })).toHaveCount(0);
};

const withPasskey = (page) => page.getByRole('button', { name: 'Mit Passkey anmelden' }).click();
const arrived = (page) => expect(page.getByRole('heading', { level: 1, name: 'Mein Konto' })).toBeVisible();

test('add one, sign in with it, and it ends when it was copied', async ({ page }) => {
  const phone = await device(page);
  await signIn(page, 'owner');
  await add(page, 'mein Telefon');
  await expect(page.getByRole('heading', { level: 3, name: 'mein Telefon' })).toBeVisible();
  // The counter of the copy stays behind that of the key.
  const [copy] = await phone.keys();
  await leave(page);
  await page.goto('/anmelden');
  await withPasskey(page);
  await arrived(page);
  await leave(page);
  await phone.send('clearCredentials');
  await phone.send('addCredential', { credential: { ...copy, signCount: 0 } });
  await page.goto('/anmelden');
  await withPasskey(page);
  await expect(page.getByRole('alert').filter({ hasText: 'gesperrt' })).toBeVisible();
  await signIn(page, 'owner');
  await page.goto('/konto/passkeys');
  await expect(page.getByText(/Gesperrt am .*Kopie/)).toBeVisible();
  await page.getByRole('button', { name: 'Entfernen' }).click();
  await expect(page.getByRole('status')).toContainText('entfernt');
});

test('as the only way in, from the one-time link on', async ({ page }) => {
  await device(page);
  await page.goto(link);
  await page.getByLabel('Name des Passkeys').fill('Tablet');
  await page.getByRole('button', { name: 'Passkey anlegen und anmelden' }).click();
  await arrived(page);
  await page.goto('/konto/passkeys');
  await expect(page.getByText('Sie haben kein Passwort')).toBeVisible();
  await page.getByRole('button', { name: 'Entfernen' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'letzter Weg' })).toBeVisible();
  await leave(page);
  await page.goto('/anmelden?weiter=/pinnwand');
  await withPasskey(page);
  await page.waitForURL('**/pinnwand');
  await expect(page.getByRole('button', { name: 'Abmelden' })).toBeVisible();
});

test('a device that says no, and one that nobody knows', async ({ page }) => {
  const phone = await device(page);
  await signIn(page, 'resident');
  await add(page, 'fremdes Telefon');
  await page.getByRole('button', { name: 'Entfernen' }).click();
  await expect(page.getByRole('status')).toContainText('entfernt');
  expect(await phone.keys()).toHaveLength(1); // the device does not know
  await leave(page);
  await page.goto('/anmelden');
  await withPasskey(page);
  await expect(page.getByRole('alert').filter({ hasText: 'hat hier niemand' })).toBeVisible();
  await phone.send('setUserVerified', { isUserVerified: false });
  await withPasskey(page);
  await expect(page.getByRole('alert').filter({ hasText: 'Abgebrochen' })).toBeVisible();
  await expect(page).toHaveURL(/\/anmelden/);
});

test('the list of the address field offers it', async ({ page }) => {
  const phone = await device(page, { offered: true });
  await signIn(page, 'hall');
  await add(page, 'Rathaus');
  expect(await phone.keys()).toHaveLength(1);
  await leave(page);
  await page.goto('/anmelden?weiter=/pinnwand'); // nothing is pressed
  await page.waitForURL('**/pinnwand');
  await expect(page.getByRole('button', { name: 'Abmelden' })).toBeVisible();
});

test('without a name nothing is asked of the device', async ({ page }) => {
  const phone = await device(page);
  await signIn(page, 'editor');
  await page.goto('/konto/passkeys');
  await page.getByRole('button', { name: 'Passkey anlegen' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'einen Namen' })).toBeVisible();
  expect(await phone.keys()).toHaveLength(0);
});

test('without JavaScript the page says what to do', async ({ browser }) => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto('/anmelden');
  await withPasskey(page);
  await expect(page.getByRole('alert')).toContainText('Ihr Browser hat nicht geantwortet');
  await context.close();
});
