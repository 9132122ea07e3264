import { createClient } from 'graphql-ws';
import { chosenAccount } from './session.js';

/** Subscriptions by WebSocket. It opens with the first one and says which account is asked about. */
export function socket() {
  const url = new URL('/graphql/ws', location.href);
  url.protocol = url.protocol.replace('http', 'ws');
  return createClient({
    url: url.href,
    connectionParams: () => (chosenAccount() ? { 'x-account-id': chosenAccount() } : {}),
  });
}
