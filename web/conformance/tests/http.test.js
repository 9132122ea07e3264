// GraphQL over HTTP, by the specification's own audits.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serverAudits } from 'graphql-http';
import { told } from '../harness/story.js';

const { url } = told();
const audits = serverAudits({ url: `${url}/graphql` });

test('there are as many audits as ever', () => {
  assert.equal(audits.length, 61);
});

for (const audit of audits) {
  test(`${audit.id} ${audit.name}`, async () => {
    const result = await audit.fn();
    // A warning or a notice is a wish of the specification that is not met; here it counts like an error.
    assert.equal(result.status, 'ok', result.reason);
  });
}
