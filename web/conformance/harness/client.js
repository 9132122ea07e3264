// Asking the product, in the simplest way.

/** Who asks: `cookie` of a session, or `key` of the API. */
export function headersOf({ cookie, key }) {
  if (key) return { authorization: `Bearer ${key}` };
  return cookie ? { cookie, 'x-refero-csrf': '1' } : {};
}

/** One operation. Answers with the response and its body. */
export async function post(url, who, query, variables = {}) {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headersOf(who) },
    body: JSON.stringify({ query, variables }),
  });
  return { response, body: await response.json() };
}

/** The data of one operation that must succeed, user errors included. */
export async function ask(url, who, query, variables) {
  const { body } = await post(url, who, query, variables);
  const refused = Object.values(body.data ?? {}).flatMap((payload) => payload?.userErrors ?? []);
  if (body.errors || refused.length > 0) {
    throw new Error(`${query}\n${JSON.stringify(body.errors ?? refused, null, 2)}`);
  }
  return body.data;
}
