// A Relay app: its compiler accepts the contract, and what it makes runs.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { before, test } from 'node:test';
import relay from 'relay-runtime';
import { post } from '../harness/client.js';
import { told } from '../harness/story.js';

const { commitMutation, ConnectionHandler, createOperationDescriptor, Environment, fetchQuery, Network } = relay;
const { RecordSource, Store } = relay;
const app = path.join(import.meta.dirname, '../relay');
const story = told();

const network = Network.create(async ({ text }, variables) => {
  const { body } = await post(story.url, { cookie: story.cookie }, text, variables);
  assert.equal(body.errors, undefined);
  return body;
});
const environment = new Environment({ network, store: new Store(new RecordSource()) });
const LINKS = ConnectionHandler.getConnectionID(story.partner, 'partners_links');

before(() => {
  // The compiler wants the folder to be there; what it makes is not committed.
  mkdirSync(path.join(app, '__generated__'), { recursive: true });
  const compiler = createRequire(import.meta.url).resolve('relay-compiler/cli.js');
  execFileSync(process.execPath, [compiler, 'relay.config.json'], { cwd: app, stdio: 'pipe' });
});

async function artifact(name) {
  return (await import(path.join(app, `__generated__/${name}.graphql.js`))).default;
}

/** Asks, and keeps what came in the store as a mounted component would. */
async function fetchAndKeep(query, variables) {
  environment.retain(createOperationDescriptor(query, variables));
  await fetchQuery(environment, query, variables).toPromise();
}

function read(id) {
  return environment.getStore().getSource().get(id);
}

function links() {
  return read(LINKS).edges.__refs.map((edge) => read(read(edge).node.__ref).slug);
}

function mutate(mutation, variables) {
  return new Promise((resolve, reject) => {
    commitMutation(environment, { mutation, variables, onCompleted: resolve, onError: reject });
  });
}

test('lists, appends and pages', async () => {
  await fetchAndKeep(await artifact('partnersQuery'), { count: 10 });
  assert.deepEqual(links(), ['bob']);

  for (const slug of ['relay-1', 'relay-2']) {
    const variables = { partner: story.partner, input: { slug }, connections: [LINKS] };
    const { linkCreate } = await mutate(await artifact('partnersLinkCreateMutation'), variables);
    assert.deepEqual(linkCreate.userErrors, []);
  }
  assert.deepEqual(links(), ['bob', 'relay-1', 'relay-2'], 'the new edges are in the connection');

  // As `loadNext` does it: the object again by its id, its connection from a cursor on.
  const page = await artifact('partnersLinksQuery');
  const first = { id: story.partner, count: 1, cursor: null };
  await fetchAndKeep(page, first);
  assert.deepEqual(links(), ['bob'], 'a first page replaces what was there');
  const { endCursor, hasNextPage } = read(read(LINKS).pageInfo.__ref);
  assert.equal(hasNextPage, true);
  await fetchAndKeep(page, { ...first, cursor: endCursor });
  assert.deepEqual(links(), ['bob', 'relay-1']);
});
