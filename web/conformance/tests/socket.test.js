// Subscriptions over WebSockets, by the `graphql-ws` client.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { ask } from '../harness/client.js';
import { EVENTS, SALES, subject, Watcher } from '../harness/live.js';
import { sell, told } from '../harness/story.js';

const story = told();

function client(options = {}) {
  return createClient({
    url: `${story.url.replace('http', 'ws')}/graphql/ws`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${story.key}` },
    retryAttempts: 0,
    ...options,
  });
}

function watch(socket, variables, query = EVENTS) {
  return new Watcher((sink) => socket.subscribe({ query, variables }, sink));
}

/** A cursor behind everything that has happened, by way of the feed. */
async function now() {
  let after = null;
  for (;;) {
    const { events } = await ask(story.url, story, `query ($after: String) {
      events(after: $after, first: 100) { pageInfo { endCursor hasNextPage } }
    }`, { after });
    after = events.pageInfo.endCursor ?? after;
    if (!events.pageInfo.hasNextPage) return after;
  }
}

test('replays from a cursor, goes live, and resumes where it stopped', async () => {
  const socket = client();
  const after = await now();
  const [first, second] = [await sell(story, 'ws-1'), await sell(story, 'ws-2')];
  const watcher = watch(socket, { ...SALES, after });
  const past = await watcher.first(2);
  assert.deepEqual(past.map(subject), [first, second]);
  const third = await sell(story, 'ws-3');
  const live = await watcher.first(3);
  assert.equal(subject(live[2]), third);

  watcher.stop();
  assert.deepEqual(await watcher.ended, { complete: true });
  const fourth = await sell(story, 'ws-4');
  const again = watch(socket, { ...SALES, after: live[2].data.events.cursor });
  assert.deepEqual((await again.first(1)).map(subject), [fourth]);
  await socket.dispose();
});

test('queries are answered over the socket too', async () => {
  const socket = client();
  const watcher = watch(socket, {}, '{ viewer { permissions } }');
  const [result] = await watcher.first(1);
  assert.ok(result.data.viewer.permissions.includes('AUDIT_READ'));
  assert.deepEqual(await watcher.ended, { complete: true });
  await socket.dispose();
});

test('a wrong key closes the socket as forbidden', async () => {
  const socket = client({ connectionParams: { authorization: 'Bearer rfo_live_nonsense' } });
  const { error } = await watch(socket, SALES).ended;
  assert.equal(error?.code, 4403);
});

test('a mistake ends one subscription, not the socket', async () => {
  const socket = client();
  const { error } = await watch(socket, {}, 'subscription { nothing }').ended;
  assert.equal(error?.[0]?.extensions?.code, 'GRAPHQL_VALIDATION_FAILED');
  const sold = now().then((after) => watch(socket, { ...SALES, after }).first(1));
  const id = await sell(story, 'ws-5');
  assert.equal(subject((await sold)[0]), id);
  await socket.dispose();
});

test('a lazy client that lost its socket opens another one and goes on', async () => {
  const opened = [];
  const socket = client({ retryAttempts: 3, on: { opened: (web) => opened.push(web) } });
  assert.equal(opened.length, 0, 'nothing is opened before the first subscription');
  const after = await now();
  const watcher = watch(socket, { ...SALES, after });
  const first = await sell(story, 'ws-6');
  assert.deepEqual((await watcher.first(1)).map(subject), [first]);
  opened[0].terminate();
  // The client asks again from the cursor that it began with, so the first sale comes once more.
  const second = await sell(story, 'ws-7');
  const all = (await watcher.first(3)).map(subject);
  assert.deepEqual([all.slice(0, 2), all[2], opened.length], [[first, first], second, 2]);
  await socket.dispose();
});
