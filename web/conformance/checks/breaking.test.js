// Nothing that clients rely on goes away unsaid.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { base, compare, contractAt, contractNow, declared } from './breaking.js';

test('breaking changes of the contract are declared', (t) => {
  const commit = base();
  if (!commit) return t.skip('there is no history to compare with');
  const { undeclared, surprising } = compare(contractAt(commit), contractNow(), declared());
  for (const line of surprising) t.diagnostic(`may surprise clients: ${line}`);
  const mend = 'Take these back, or add them to docs/breaking-changes.md, each as `- ` and its line';
  assert.deepEqual(undeclared, [], `${mend} (compared with ${commit})`);
});

const BEFORE = `
  type Query { thing(id: ID): Thing, color: Color }
  type Thing { id: ID!, name: String! }
  enum Color { RED, BLUE }
`;
const AFTER = `
  type Query { thing(id: ID!): Thing, color: Color }
  type Thing { id: ID! }
  enum Color { RED, BLUE, GREEN }
`;

test('what is gone or newly demanded breaks, what is new may surprise', () => {
  const { undeclared, surprising } = compare(BEFORE, AFTER, new Set());
  assert.deepEqual(undeclared.map((line) => line.split(':')[0]).sort(), ['ARG_CHANGED_KIND', 'FIELD_REMOVED']);
  assert.deepEqual(surprising, ['VALUE_ADDED_TO_ENUM: GREEN was added to enum type Color.']);
  const { undeclared: rest } = compare(BEFORE, AFTER, declared('# Title\n\n- FIELD_REMOVED: Thing.name was removed.\n'));
  assert.equal(rest.length, 1, 'one was declared');
  assert.deepEqual(compare(BEFORE, BEFORE, new Set()), { undeclared: [], surprising: [] });
});

/** `git` of a made-up repository. */
function repository(answers) {
  return (...args) => answers[args.join(' ')] ?? null;
}

test('the base is the release, or where the branch began, or the last commit', () => {
  const onMain = { 'rev-parse HEAD': 'c3', 'merge-base HEAD main': 'c3', 'rev-parse --verify HEAD~1': 'c2' };
  assert.equal(base(repository({})), null);
  assert.equal(base(repository(onMain)), 'c2');
  assert.equal(base(repository({ ...onMain, 'merge-base HEAD origin/main': 'c1' })), 'c1');
  assert.equal(base(repository({ ...onMain, 'describe --tags --abbrev=0 --match v[0-9]*': 'v1' })), 'v1');
  assert.equal(base(repository({ 'rev-parse HEAD': 'c1' })), 'c1', 'the first commit has none before it');
});
