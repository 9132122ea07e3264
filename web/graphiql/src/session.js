// Who is logged in, and how everything here asks the API.

/** The header that tells the server that a page of its own is asking. */
const OURS = { 'x-refero-csrf': '1' };

const ACCOUNT = 'refero:account';

const chosen = { account: localStorage.getItem(ACCOUNT) };

/** Asks in the name of this account from now on, also after the next visit. */
export function choose(account) {
  chosen.account = account;
  if (account) localStorage.setItem(ACCOUNT, account);
  else localStorage.removeItem(ACCOUNT);
}

/** The account that is asked about; null for nobody's. */
export function chosenAccount() {
  return chosen.account ?? null;
}

function accountHeader() {
  return chosen.account ? { 'x-account-id': chosen.account } : {};
}

/** `fetch` as GraphiQL calls it. An API key among the headers goes alone: the server takes one credential only. */
export function referoFetch(url, options) {
  const headers = new Headers(options.headers);
  const isKey = headers.has('authorization');
  const ours = isKey ? {} : { ...OURS, ...accountHeader() };
  for (const [name, value] of Object.entries(ours)) {
    if (!headers.has(name)) headers.set(name, value);
  }
  return fetch(url, { ...options, headers, credentials: isKey ? 'omit' : 'same-origin' });
}

async function ask(query, variables = {}, headers = OURS) {
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  if (errors) throw new Error(errors[0].message);
  return data;
}

const VIEWER = `query Viewer {
  viewer {
    actor { ... on User { email } }
    memberships { account { id name } }
  }
}`;

/** The person behind the session cookie with their accounts, or null. */
export async function viewer() {
  const { viewer } = await ask(VIEWER).catch(forgetSession);
  if (!viewer) return null;
  const accounts = viewer.memberships.map((member) => member.account);
  if (!accounts.some((account) => account.id === chosen.account)) choose(accounts[0]?.id);
  return { email: viewer.actor.email, accounts, account: chosen.account };
}

/** A cookie whose session has ended is refused like a wrong key. To the page that is nobody. */
function forgetSession(error) {
  console.info(`not logged in: ${error.message}`);
  return { viewer: null };
}

/** Opens a session; answers with what is wrong, or null. */
export async function logIn(email, password) {
  const { sessionCreate } = await ask(
    `mutation LogIn($email: String!, $password: String!) {
      sessionCreate(email: $email, password: $password) { userErrors { message } }
    }`,
    { email, password },
  );
  return sessionCreate.userErrors[0]?.message ?? null;
}

export async function logOut() {
  await ask('mutation LogOut { sessionDelete { userErrors { message } } }');
}
