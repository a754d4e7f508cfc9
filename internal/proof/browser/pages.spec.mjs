// Every page of the towns, as each of those sees it to whom it looks other, and
// every state of a form: axe finds nothing, nothing leaves the host, nothing
// sticks out or is cut off, readers get no cookie. What was sent is left for the
// Nu checker.
import { writeFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { tab } from './keys.mjs';
import { accessible, fits, outline, sizes } from './looks.mjs';
import { told, visit } from './visit.mjs';

const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; font-src 'self'; " +
  "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

// look opens a page and gives what is wrong with it.
const look = async (page, shown, { language = 'de', scripts = false, views, keys = false }) => {
  const wrong = [];
  const heard = {
    request: (r) => { if (!r.url().startsWith('data:') && new URL(r.url()).host !== shown.town) wrong.push(`a request leaves the host: ${r.url()}`); },
    console: (m) => { if (m.type() === 'error' && !m.text().includes('Failed to load resource')) wrong.push(`the browser complains: ${m.text()}`); },
    response: (r) => { if (r.status() >= 400 && !r.request().isNavigationRequest()) wrong.push(`${r.status()}: ${r.url()}`); },
  };
  for (const [event, hear] of Object.entries(heard)) page.on(event, hear);
  const answer = await visit(page, shown, { language, scripts });
  if (answer.status() !== shown.status) wrong.push(`the status is ${answer.status()}, not ${shown.status}`);
  if (answer.headers()['content-security-policy'] !== policy) wrong.push(`the policy is ${answer.headers()['content-security-policy']}`);
  const lang = await page.locator('html').getAttribute('lang');
  if (lang !== language) wrong.push(`the language is ${lang}`);
  if (shown.who === 'nobody') for (const c of await page.context().cookies()) wrong.push(`a reader gets the cookie ${c.name}`);
  wrong.push(...await outline(page));
  for (const [scheme, size] of views) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await page.setViewportSize(sizes[size]);
    const dark = scheme === 'dark';
    for (const w of [...(dark ? [] : await fits(page)), ...await accessible(page, dark)]) wrong.push(`${scheme}, ${size}: ${w}`);
  }
  for (const size of keys ? ['desktop', 'phone'] : []) {
    await page.setViewportSize(sizes[size]);
    wrong.push(...(await tab(page)).map((w) => `keys, ${size}: ${w}`));
  }
  for (const [event, hear] of Object.entries(heard)) page.off(event, hear);
  return { wrong: wrong.map((w) => `${language}${scripts ? ', with scripts' : ''}: ${w}`), html: await answer.text() };
};

const all = ['light', 'dark'].flatMap((scheme) => Object.keys(sizes).map((size) => [scheme, size]));
const some = [['light', 'phone'], ['dark', 'desktop']];

for (const shown of told.pages) {
  test(`${shown.town} ${shown.name} at ${shown.path}`, async ({ page }) => {
    const german = await look(page, shown, { views: all, keys: true });
    const english = await look(page, shown, { language: 'en', views: some });
    const wrong = [...german.wrong, ...english.wrong];
    // Without a script the page is the same in a browser that runs them.
    if (/<script[^>]* src=/.test(german.html)) wrong.push(...(await look(page, shown, { scripts: true, views: some })).wrong);
    writeFileSync(`${told.html}/${shown.town}-${shown.name}-de.html`, german.html);
    writeFileSync(`${told.html}/${shown.town}-${shown.name}-en.html`, english.html);
    expect([...new Set(wrong)]).toEqual([]);
  });
}

test('a page that is wrong is found', async ({ page }) => {
  await page.goto(`https://${told.pages[0].town}/`);
  await page.setViewportSize(sizes.phone);
  await page.evaluate(() => {
    document.querySelector('main').innerHTML = '<h1>x</h1><h1>y</h1><img src="data:,"><input><p id="p">blasse Wörter</p><a id="w" href="#fort">w</a>' +
      '<p id="c">abgeschnittenes Wort</p>';
    document.getElementById('w').style.cssText = 'display:inline-block; width:900px; height:9px';
    document.getElementById('p').style.cssText = 'color:#bbb; background:#fff';
    document.getElementById('c').style.cssText = 'width:3em; overflow:hidden; white-space:nowrap';
  });
  const found = [...await accessible(page), ...await fits(page), ...await outline(page)].join('\n');
  for (const what of ['image-alt', 'label', 'color-contrast', 'sticks out', 'is cut off: p#c', 'too small to be hit: a#w', '2 h1', 'without width', 'leads nowhere', 'style or script in the page']) {
    expect(found).toContain(what);
  }
});

test('a page that keeps the keyboard out is found', async ({ page }) => {
  await page.goto(`https://${told.pages[0].town}/`);
  await page.setViewportSize(sizes.phone);
  await page.evaluate(() => {
    document.querySelector('main').innerHTML = '<h1>x</h1><a href="/" id="plain">plain</a> <div id="bar"></div><a href="/" id="under">under</a><button tabindex="3">second</button><button tabindex="2">first</button>';
    document.getElementById('plain').style.cssText = 'outline:none; box-shadow:none';
    document.getElementById('bar').style.cssText = 'position:fixed; inset:0; background:white; z-index:99';
  });
  const found = (await tab(page)).join('\n');
  for (const what of ['does not show that it has the focus: a#plain', 'is hidden when it has the focus: a#under', 'the order is not']) expect(found).toContain(what);
});

test('a page begins at its top', async ({ page }) => {
  const lists = ['/', '/veranstaltungen', '/pinnwand', '/ehrenamt', '/vereine', '/region'];
  for (const shown of told.pages.filter((p) => p.who === 'nobody' && p.status === 200 && lists.includes(p.path))) {
    for (const size of ['desktop', 'phone']) {
      await page.setViewportSize(sizes[size]);
      await visit(page, shown, { scripts: true });
      expect.soft(await page.evaluate(() => scrollY), `${shown.town}${shown.path}, ${size}, begins further down`).toBe(0);
    }
  }
});

test('on paper there is what was asked for, and no way around it', async ({ page }) => {
  for (const shown of told.pages.filter((p) => p.who === 'nobody' && p.status === 200 && !p.press)) {
    await page.emulateMedia({ media: 'screen' });
    await visit(page, shown);
    await page.emulateMedia({ media: 'print' });
    const printed = await page.evaluate(() => [...document.querySelectorAll('header nav, main form button, .skip, footer nav')].filter((e) => e.checkVisibility({ visibilityProperty: true })).map((e) => e.outerHTML.slice(0, 80)));
    expect.soft(printed, `${shown.town}${shown.path} prints what only a screen can use`).toEqual([]);
    await expect.soft(page.locator('h1'), `${shown.path} prints its heading`).toBeVisible();
  }
});
