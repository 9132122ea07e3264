// What GraphiQL shows at the first visit can be asked.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildSchema, parse, validate } from 'graphql';
import { QUERIES } from '../../graphiql/src/queries.js';
import { contractNow } from './breaking.js';

const schema = buildSchema(contractNow());

for (const query of QUERIES) {
  const document = parse(query);
  test(`${document.definitions[0].name.value} keeps to the contract`, () => {
    assert.deepEqual(validate(schema, document).map(String), []);
  });
}
