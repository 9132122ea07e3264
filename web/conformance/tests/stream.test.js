// Subscriptions by server-sent events, by the `graphql-sse` client.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from 'graphql-sse';
import { headersOf } from '../harness/client.js';
import { EVENTS, SALES, subject, Watcher } from '../harness/live.js';
import { sell, told } from '../harness/story.js';

const story = told();

function client(who = { key: story.key }) {
  return createClient({ url: `${story.url}/graphql/stream`, headers: headersOf(who), retryAttempts: 0 });
}

function watch(stream, variables, query = EVENTS) {
  return new Watcher((sink) => stream.subscribe({ query, variables }, sink));
}

test('replays from a cursor, goes live, and is completed by the client', async () => {
  const stream = client();
  const all = watch(stream, SALES);
  // Without a cursor only what is new comes; the stream may begin a moment after the sale that follows.
  for (let sold = 1; all.results.length === 0; sold += 1) {
    assert.ok(sold < 100, 'no sale came');
    await sell(story, `sse-${sold}`);
    await sleep(100);
  }
  const after = all.results[0].data.events.cursor;
  all.stop();
  assert.deepEqual(await all.ended, { complete: true });

  const last = await sell(story, 'sse-last');
  const watcher = watch(stream, { ...SALES, after });
  let seen = 1;
  while (subject((await watcher.first(seen)).at(-1)) !== last) seen += 1;
  const live = await sell(story, 'sse-live');
  assert.equal(subject((await watcher.first(seen + 1)).at(-1)), live);
  const subjects = watcher.results.map(subject);
  assert.equal(new Set(subjects).size, subjects.length, 'each comes once');
  watcher.stop();
  stream.dispose();
});

test('a session may follow as well as a key, a wrong key may not', async () => {
  const session = client({ cookie: story.cookie });
  const [{ data }] = await watch(session, {}, '{ viewer { actor { __typename } } }').first(1);
  assert.equal(data.viewer.actor.__typename, 'User');
  session.dispose();
  const { error } = await watch(client({ key: 'rfo_live_nonsense' }), SALES).ended;
  assert.equal(error?.response?.status, 401);
});
