// Every page of the town, as each of those sees it for whom it is: axe finds
// nothing, nothing leaves the host, nothing sticks out, readers get no cookie.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, test } from '@playwright/test';

const { pages, cookies, pictures } = JSON.parse(readFileSync(process.env.PAGES, 'utf8'));
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; font-src 'self'; " +
  "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

export const accessible = async (page) => {
  await page.evaluate(axe); // not through a script element: the page's own policy forbids it
  const found = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
  return found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).join(', ')}`);
};

const looks = async (page, name, project) => {
  expect(await page.locator('h1').count(), 'one h1').toBe(1);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(wide, 'nothing sticks out sideways').toBeLessThanOrEqual(0);
  const cut = await page.evaluate(() => [...document.querySelectorAll('main *:not(input)')].filter((e) => {
    const s = getComputedStyle(e);
    return (s.overflowX === 'hidden' || s.overflowX === 'clip') && e.scrollWidth > e.clientWidth + 1;
  }).map((e) => `${e.tagName}.${e.className}: ${e.scrollWidth} > ${e.clientWidth}`));
  expect(cut, 'nothing is cut off').toEqual([]);
  if (project !== 'noscript') expect(await accessible(page)).toEqual([]);
  if (pictures && project !== 'noscript') await page.screenshot({ path: `${pictures}/${name}-${project}.png`, fullPage: true });
};

for (const { name, path, who, status } of pages) {
  test(`${name} as ${who}`, async ({ page, context }, info) => {
    const english = info.project.name === 'dark';
    if (cookies[who]) await context.addCookies([{ ...cookies[who], domain: 'here.test', path: '/', secure: true, httpOnly: true, sameSite: 'Lax' }]);
    const elsewhere = [];
    page.on('request', (r) => { if (new URL(r.url()).host !== 'here.test' && !r.url().startsWith('data:')) elsewhere.push(r.url()); });
    const complaints = [];
    page.on('console', (m) => { if (m.type() === 'error' && !m.text().includes('Failed to load resource')) complaints.push(m.text()); });
    const answer = await page.goto(english ? `${path}${path.includes('?') ? '&' : '?'}lang=en` : path);
    expect(answer.status()).toBe(status);
    expect(answer.headers()['content-security-policy']).toBe(policy);
    expect(await page.locator('html').getAttribute('lang')).toBe(english ? 'en' : 'de');
    await looks(page, name, info.project.name);
    expect(elsewhere, 'no request leaves the host').toEqual([]);
    expect(complaints, 'the browser has nothing to complain of').toEqual([]);
    if (who === 'nobody') expect(await context.cookies(), 'readers get no cookie').toEqual([]);
  });
}

test('a page that is wrong is found', async ({ page }, info) => {
  test.skip(info.project.name === 'noscript', 'axe is a script');
  await page.goto('/');
  await page.evaluate(() => { document.querySelector('main').innerHTML = '<h1>x</h1><img src="data:,"><input><p style="color:#bbb">blass</p>'; });
  const found = (await accessible(page)).join();
  for (const rule of ['image-alt', 'label']) expect(found).toContain(rule);
});

test('states of a form', async ({ page, context }, info) => {
  await context.addCookies([{ ...cookies.editor, domain: 'here.test', path: '/', secure: true, httpOnly: true, sameSite: 'Lax' }]);
  await page.goto('/veranstaltungen/neu');
  await page.getByRole('button', { name: 'Veröffentlichen' }).click();
  await expect(page.getByRole('alert')).toContainText('Bitte prüfen Sie 2 Angaben');
  await looks(page, 'wrong', info.project.name);
  await page.getByLabel('Name der Veranstaltung').fill('Sommerfest');
  await page.getByLabel('Tag', { exact: true }).fill('11.7.2027');
  await page.getByRole('button', { name: 'Vorschau ansehen' }).click();
  await expect(page.getByText('So., 11. Juli 2027')).toBeVisible();
  await looks(page, 'preview', info.project.name);
  await context.clearCookies();
  await page.getByRole('button', { name: 'Veröffentlichen' }).click();
  await expect(page.getByText('ist noch da')).toBeVisible();
  await looks(page, 'again', info.project.name);
});
