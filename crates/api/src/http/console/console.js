'use strict';

const element = (id) => document.getElementById(id);

async function run() {
  const headers = {
    'content-type': 'application/json',
    accept: 'application/graphql-response+json, application/json;q=0.9',
    'x-refero-csrf': '1',
  };
  const key = element('key').value.trim();
  const account = element('account').value.trim();
  if (key) headers.authorization = `Bearer ${key}`;
  if (account) headers['x-account-id'] = account;

  let variables;
  try {
    variables = JSON.parse(element('variables').value.trim() || '{}');
  } catch (error) {
    show('variables', String(error));
    return;
  }
  const started = performance.now();
  try {
    const response = await fetch('/graphql', {
      method: 'POST',
      headers,
      // With a key the session cookie stays away: the server takes one credential only.
      credentials: key ? 'omit' : 'same-origin',
      body: JSON.stringify({ query: element('query').value, variables }),
    });
    const text = await response.text();
    show(`${response.status}, ${Math.round(performance.now() - started)} ms`, pretty(text));
  } catch (error) {
    show('no answer', String(error));
  }
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function show(status, text) {
  element('status').textContent = status;
  element('answer').textContent = text;
}

const shared = new URLSearchParams(location.search);
for (const name of ['query', 'variables']) {
  if (shared.has(name)) element(name).value = shared.get(name);
}
element('run').addEventListener('click', run);
document.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) run();
});
