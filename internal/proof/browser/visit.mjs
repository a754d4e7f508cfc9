// How a page of the walk is opened: as whom, in which language, with scripts or
// without, and after what was typed and pressed.
import { readFileSync } from 'node:fs';

export const told = JSON.parse(readFileSync(process.env.TOLD, 'utf8'));

// contextOf gives a fresh browser window of somebody.
export const contextOf = async (browser, shown, { language = 'de', ...more } = {}) => {
  const context = await browser.newContext({
    ignoreHTTPSErrors: true, locale: language === 'de' ? 'de-DE' : 'en-GB', viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce', ...more,
  });
  const cookie = told.cookies[shown.town][shown.who];
  if (cookie) await context.addCookies([{ ...cookie, domain: shown.town, path: '/', secure: true, httpOnly: true, sameSite: 'Lax' }]);
  return context;
};

// visit opens the page and gives the last answer. Without scripts the document
// is made as in a browser that runs none; afterwards they run again, so that
// what is there can be asked.
export const visit = async (page, shown, { language = 'de', scripts = false } = {}) => {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Emulation.setScriptExecutionDisabled', { value: !scripts });
  let answer;
  page.on('response', (r) => {
    if (r.request().isNavigationRequest() && r.frame() === page.mainFrame() && (r.status() < 300 || r.status() > 399)) answer = r;
  });
  await page.goto(`https://${shown.town}${shown.path}`);
  if (shown.press) {
    for (const [name, value] of Object.entries(shown.fill ?? {})) await page.locator(`[name="${name}"]`).first().fill(value);
    if (shown.signedOut) await page.context().clearCookies();
    await Promise.all([page.waitForEvent('load'), page.getByRole('button', { name: shown.press[language], exact: true }).first().click()]);
  }
  await cdp.send('Emulation.setScriptExecutionDisabled', { value: false });
  await cdp.detach();
  return answer;
};
