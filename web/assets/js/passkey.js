// Passkeys. A part of a page with data-passkey ("create" or "get") holds a form
// that asks the device and sends its answer as any other form does; what the
// device is asked comes from data-ask. A form for signing in also offers the
// passkeys in the list of its address field, where the browser does that.

const bytes = (s) => Uint8Array.from(atob(s.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
const base64url = (b) => btoa(String.fromCharCode(...new Uint8Array(b))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');

const ask = async (part) => {
  const reply = await fetch(part.dataset.ask, { method: 'POST', body: new URLSearchParams(), headers: { Accept: 'application/json' } });
  if (!reply.ok) throw new Error(reply.status === 429 ? 'often' : 'unreachable');
  return reply.json();
};

const descriptors = (list) => (list || []).map((c) => ({ ...c, id: bytes(c.id) }));

const create = async ({ options }) => {
  const publicKey = {
    ...options, challenge: bytes(options.challenge), user: { ...options.user, id: bytes(options.user.id) },
    excludeCredentials: descriptors(options.excludeCredentials),
  };
  const key = await navigator.credentials.create({ publicKey });
  return answer(key, {
    attestationObject: base64url(key.response.attestationObject),
    transports: key.response.getTransports ? key.response.getTransports() : [],
  });
};

const get = async ({ options }, more) => {
  const publicKey = { ...options, challenge: bytes(options.challenge), allowCredentials: descriptors(options.allowCredentials) };
  const key = await navigator.credentials.get({ publicKey, ...more });
  return answer(key, {
    authenticatorData: base64url(key.response.authenticatorData), signature: base64url(key.response.signature),
    userHandle: key.response.userHandle ? base64url(key.response.userHandle) : undefined,
  });
};

const answer = (key, response) => JSON.stringify({
  id: key.id, rawId: base64url(key.rawId), type: key.type, authenticatorAttachment: key.authenticatorAttachment || undefined,
  clientExtensionResults: {}, response: { clientDataJSON: base64url(key.response.clientDataJSON), ...response },
});

const send = (part, form, token, said) => {
  const before = part.dataset.prefix || '';
  form.elements[`${before}token`].value = token;
  form.elements[`${before}answer`].value = said;
  form.submit();
};

let waiting; // what is offered in the list of the address field
const stop = () => waiting?.abort();

const says = (part, what) => {
  const line = part.querySelector('[data-says]');
  line.textContent = what ? line.dataset[what] || line.dataset.unreachable : '';
  line.hidden = !what;
};

const why = (error) => {
  if (['often', 'unreachable'].includes(error.message)) return error.message;
  return { NotAllowedError: 'cancelled', AbortError: 'cancelled', InvalidStateError: 'twice', NotSupportedError: 'unsupported' }[error.name] || 'unreachable';
};

for (const part of document.querySelectorAll('[data-passkey]')) {
  const form = part.querySelector('form');
  const doing = part.dataset.passkey === 'create' ? create : get;
  let busy = false;
  form.addEventListener('submit', async (event) => {
    if (part.dataset.passkey === 'create' && form.elements.name.value.trim() === '') return; // the page says what is missing
    event.preventDefault();
    if (busy) return;
    if (!window.PublicKeyCredential) return says(part, 'unsupported');
    busy = true;
    says(part, '');
    stop();
    try {
      const question = await ask(part);
      send(part, form, question.token, await doing(question));
    } catch (error) {
      says(part, why(error));
    }
    busy = false;
  });
}

// A question is good for five minutes; a page may lie open for longer.
const offer = async (part) => {
  if (!(await window.PublicKeyCredential?.isConditionalMediationAvailable?.())) return;
  const form = part.querySelector('form');
  for (;;) {
    const round = new AbortController();
    waiting = round;
    const again = setTimeout(() => round.abort('again'), 270_000);
    try {
      const question = await ask(part);
      send(part, form, question.token, await get(question, { mediation: 'conditional', signal: round.signal }));
      return;
    } catch {
      if (round.signal.reason !== 'again') return;
    } finally {
      clearTimeout(again);
    }
  }
};

const part = document.querySelector('[data-passkey="get"][data-offer]');
if (part) offer(part);
