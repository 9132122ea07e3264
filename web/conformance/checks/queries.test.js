// What GraphiQL shows at the first visit can be asked.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildSchema, parse, validate } from 'graphql';
import { QUERIES, lastDays } from '../../graphiql/src/queries.js';
import { contractNow } from './breaking.js';

const schema = buildSchema(contractNow());

for (const query of QUERIES) {
  const document = parse(query);
  test(`${document.definitions[0].name.value} keeps to the contract`, () => {
    assert.deepEqual(validate(schema, document).map(String), []);
  });
}

test('the dates of the overview are the last 30 days', () => {
  assert.deepEqual(lastDays(new Date('2027-01-10T23:30:00Z')), { from: '2026-12-12', to: '2027-01-11' });
  const { from, to } = lastDays();
  assert.equal((Date.parse(to) - Date.parse(from)) / (24 * 60 * 60 * 1000), 30);
  assert.ok(QUERIES[0].includes(`{ from: "${from}", to: "${to}" }`));
});
