// Alerts at the head of a page can be closed until the browser is: which ones is
// kept by the browser alone, and no cookie is set. Without this module they stay.

const key = 'aushang-closed';

const closed = () => {
  try {
    return JSON.parse(sessionStorage.getItem(key) || '[]');
  } catch {
    return [];
  }
};

const close = (id) => {
  try {
    sessionStorage.setItem(key, JSON.stringify([...closed(), id]));
  } catch {
    // the browser keeps nothing: it is closed on this page
  }
};

const tidy = (alert) => {
  const frame = alert.parentElement;
  alert.remove();
  if (frame && !frame.querySelector('[data-alert]')) frame.remove();
};

for (const alert of document.querySelectorAll('[data-alert]')) {
  if (closed().includes(alert.dataset.alert)) {
    tidy(alert);
    continue;
  }
  const button = alert.querySelector('button');
  button.hidden = false;
  button.addEventListener('click', () => {
    close(alert.dataset.alert);
    tidy(alert);
    document.getElementById('main')?.focus();
  });
}
