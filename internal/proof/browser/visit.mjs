// How a page of the walk is opened: as whom, in which language, with scripts or
// without, and after what was typed and pressed.
import { readFileSync } from 'node:fs';

export const told = JSON.parse(readFileSync(process.env.TOLD, 'utf8'));

// enter makes a browser window that of somebody.
export const enter = async (context, shown) => {
  await context.clearCookies();
  const cookie = told.cookies[shown.town][shown.who];
  if (cookie) await context.addCookies([{ ...cookie, domain: shown.town, path: '/', secure: true, httpOnly: true, sameSite: 'Lax' }]);
};

// visit opens the page as whom it is for and gives the last answer. Without
// scripts the document is made as in a browser that runs none; afterwards they
// run again, so that what is there can be asked.
export const visit = async (page, shown, { language = 'de', scripts = false } = {}) => {
  await enter(page.context(), shown);
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Emulation.setScriptExecutionDisabled', { value: !scripts });
  let answer;
  const hear = (r) => {
    if (r.request().isNavigationRequest() && r.frame() === page.mainFrame() && (r.status() < 300 || r.status() > 399)) answer = r;
  };
  page.on('response', hear);
  await page.goto(`https://${shown.town}${shown.path}${language === 'de' ? '' : `${shown.path.includes('?') ? '&' : '?'}lang=${language}`}`);
  if (shown.press) {
    // Who fills in a form that is folded away has unfolded it.
    await page.locator('main').evaluate((main) => main.querySelectorAll('details:has(form)').forEach((fold) => { fold.open = true; }));
    for (const [name, value] of Object.entries(shown.fill ?? {})) {
      const field = page.locator(`[name="${name}"]`).first();
      const choice = await field.evaluate((e) => e.tagName === 'SELECT');
      const box = await field.evaluate((e) => e.type === 'checkbox');
      const one = await field.evaluate((e) => e.type === 'radio');
      if (one) await field.evaluate((e, v) => { e.value = v; e.checked = true; }, value);
      else if (choice) await field.evaluate((e, v) => e.add(new Option(v, v, true, true)), value); // what was there when the page was shown
      else if (box) await page.locator(`[name="${name}"][value="${value}"]`).check();
      else await field.fill(value);
    }
    if (shown.signedOut) await page.context().clearCookies();
    const button = page.getByRole('button', { name: shown.press[language], exact: true }).first();
    await Promise.all([page.waitForEvent('load', { timeout: 30_000 }), button.click({ timeout: 20_000 })]);
  }
  page.off('response', hear);
  await cdp.send('Emulation.setScriptExecutionDisabled', { value: false });
  await cdp.detach();
  return answer;
};
