// schema.graphql against the rules of graphql-eslint.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { broken } from './rules.js';

const here = import.meta.dirname;

test('the contract keeps them', async () => {
  assert.deepEqual(await broken(path.join(here, '../../../schema.graphql')), []);
});

test('a careless schema breaks them', async () => {
  const said = await broken(path.join(here, '../fixtures/careless.graphql'));
  const rules = new Set(said.map((line) => line.match(/([\w-]+)\)$/)[1]));
  for (const rule of [
    'naming-convention',
    'no-unreachable-types',
    'relay-arguments',
    'relay-connection-types',
    'require-description',
  ]) {
    assert.ok(rules.has(rule), `${rule} said nothing: ${said.join('\n')}`);
  }
});
