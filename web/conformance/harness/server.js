// The binary as a process of its own.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const PATIENCE_MS = 30_000;

function required(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} must be set; \`cargo xtask test\` does it`);
  return value;
}

function freePort() {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Migrates and serves with workers. Answers with where it listens, where it puts mail, and how to stop it. */
export async function start() {
  const binary = required('REFERO_BIN');
  const [port, operations] = [await freePort(), await freePort()];
  const mail = mkdtempSync(path.join(os.tmpdir(), 'refero-conformance-'));
  const url = `http://localhost:${port}`;
  const env = {
    DATABASE_URL: required('DATABASE_URL'),
    REDIS_URL: required('REDIS_URL'),
    REDIS_PREFIX: `conformance_${port}:`,
    PUBLIC_URL: url,
    BIND_ADDR: `127.0.0.1:${port}`,
    METRICS_ADDR: `127.0.0.1:${operations}`,
    MAIL_DIR: mail,
    REFERO_SECRET_KEY: Buffer.alloc(32, 7).toString('base64'),
    RUST_LOG: 'warn',
  };
  const migrated = spawnSync(binary, ['migrate'], { env, encoding: 'utf8' });
  if (migrated.status !== 0) throw new Error(`refero migrate: ${migrated.error ?? migrated.stderr}`);

  const child = spawn(binary, ['serve', '--with-workers'], { env, stdio: ['ignore', 'inherit', 'inherit'] });
  // Nothing that ends this process, in whatever way it can notice, leaves the server behind.
  process.on('exit', () => child.kill('SIGKILL'));
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));
  await ready(child, `http://127.0.0.1:${operations}/health/ready`);
  return { url, mail, stop: () => stop(child, mail) };
}

async function ready(child, address) {
  const since = Date.now();
  while (child.exitCode === null && Date.now() - since < PATIENCE_MS) {
    const answer = await fetch(address).catch(() => null);
    if (answer?.ok) return;
    await sleep(50);
  }
  child.kill('SIGKILL');
  throw new Error('refero serve did not get ready');
}

async function stop(child, mail) {
  if (child.exitCode === null) {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
  }
  rmSync(mail, { recursive: true, force: true });
}
