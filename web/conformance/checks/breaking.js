// Which changes of the contract would break a client, and whether they were declared.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { buildSchema, findBreakingChanges, findDangerousChanges } from 'graphql';

const root = path.resolve(import.meta.dirname, '../../..');
const CONTRACT = 'schema.graphql';
const DECLARED = 'docs/breaking-changes.md';

function git(...args) {
  return execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 1 << 26 });
}

function attempt(...args) {
  try {
    return git(...args).trim() || null;
  } catch {
    return null;
  }
}

/**
 * The commit whose contract clients may rely on: `SCHEMA_BASE`, or the last release, or where this branch left `main`,
 * or, on `main` itself, the commit before the last one. Null where there is no history, as in an unpacked archive or a
 * shallow clone: there the contract could only be compared with itself.
 */
export function base(look = attempt) {
  const head = look('rev-parse', 'HEAD');
  if (!head) return null;
  const release = process.env.SCHEMA_BASE || look('describe', '--tags', '--abbrev=0', '--match', 'v[0-9]*');
  if (release) return release;
  if (look('rev-parse', '--is-shallow-repository') === 'true') return null;
  for (const main of ['origin/main', 'main']) {
    const left = look('merge-base', 'HEAD', main);
    if (left && left !== head) return left;
  }
  return look('rev-parse', '--verify', 'HEAD~1') ?? head;
}

/** The contract of a commit. */
export function contractAt(commit) {
  return git('show', `${commit}:${CONTRACT}`);
}

export function contractNow() {
  return readFileSync(path.join(root, CONTRACT), 'utf8');
}

/** The items of the list of declared changes. */
export function declared(text = readFileSync(path.join(root, DECLARED), 'utf8')) {
  return new Set(text.split('\n').filter((line) => line.startsWith('- ')).map((line) => line.slice(2).trim()));
}

/** Compares two contracts: what breaks clients and was not declared, and what may surprise them. */
export function compare(before, after, allowed) {
  const [old, now] = [buildSchema(before), buildSchema(after)];
  const lines = (changes) => changes.map(({ type, description }) => `${type}: ${description}`);
  return {
    undeclared: lines(findBreakingChanges(old, now)).filter((line) => !allowed.has(line)),
    surprising: lines(findDangerousChanges(old, now)),
  };
}
