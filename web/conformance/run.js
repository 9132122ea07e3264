// Starts the product on the servers that the environment names, gives it a first story, and runs the tests against it.
// `REFERO_BIN`, `DATABASE_URL` (an empty database) and `REDIS_URL` must be set; arguments are files to run
// instead of all.
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
  const asked = process.argv.slice(2);
  const files = asked.length > 0 ? asked : [...ours('checks'), ...ours('tests')];
  process.exitCode = await tests(files, { REFERO_STORY: JSON.stringify(story) });
} finally {
  await server.stop();
}

// One file after the other: they share an account, and watch what happens in it.
function tests(files, variables) {
  const args = ['--test', '--test-reporter=spec', '--test-concurrency=1', ...files];
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
