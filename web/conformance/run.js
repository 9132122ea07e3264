// Starts the product on the servers that the environment names, gives it a first story, and runs the tests against it.
// `REFERO_BIN`, `DATABASE_URL` (an empty database) and `REDIS_URL` must be set; arguments go to `node --test`.
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { start } from './harness/server.js';
import { tell } from './harness/story.js';

const here = import.meta.dirname;
const ours = (folder) =>
  readdirSync(path.join(here, folder))
    .filter((file) => file.endsWith('.test.js'))
    .map((file) => path.join(folder, file));

const server = await start();
try {
  const story = await tell(server);
  const files = [...ours('checks'), ...ours('tests')];
  process.exitCode = await tests([...process.argv.slice(2), ...files], { REFERO_STORY: JSON.stringify(story) });
} finally {
  await server.stop();
}

function tests(words, variables) {
  const args = ['--test', '--test-reporter=spec', '--test-concurrency=2', ...words];
  const child = spawn(process.execPath, args, {
    cwd: here,
    env: { ...process.env, ...variables },
    stdio: 'inherit',
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}
