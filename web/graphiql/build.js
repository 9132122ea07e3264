// Bundles GraphiQL into `dist/`: a page, and beside it assets whose names follow from their contents.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const here = path.dirname(fileURLToPath(import.meta.url));
const dist = path.join(here, 'dist');
const require = createRequire(import.meta.url);

const shared = {
  bundle: true,
  minify: true,
  write: false,
  target: 'es2022',
  legalComments: 'none',
  logLevel: 'warning',
  outdir: dist,
  absWorkingDir: here,
  define: { 'process.env.NODE_ENV': '"production"' },
};

// Monaco parses and checks in workers. They are classic scripts, and stand alone.
const workers = {
  editor: 'monaco-editor/esm/vs/editor/editor.worker.js',
  graphql: 'monaco-graphql/esm/graphql.worker.js',
  json: 'monaco-editor/esm/vs/language/json/json.worker.js',
};

const assets = new Map();

/** Keeps a file under a name that changes with its contents, and answers with its address. */
function keep(name, extension, contents) {
  const hash = createHash('sha256').update(contents).digest('hex').slice(0, 16);
  const file = `${name}-${hash}.${extension}`;
  assets.set(file, contents);
  return `/graphql/assets/${file}`;
}

const addresses = {};
for (const [name, module] of Object.entries(workers)) {
  const entryPoints = { [name]: require.resolve(module) };
  const { outputFiles } = await build({ ...shared, entryPoints, format: 'iife' });
  addresses[name] = keep(`${name}-worker`, 'js', outputFiles[0].contents);
}

const page = await build({
  ...shared,
  entryPoints: { graphiql: 'src/main.jsx' },
  format: 'iife',
  jsx: 'automatic',
  loader: { '.ttf': 'dataurl', '.woff2': 'dataurl' },
  define: { ...shared.define, WORKERS: JSON.stringify(addresses) },
});
const output = (extension) => page.outputFiles.find((file) => file.path.endsWith(extension)).contents;
const html = readFileSync(path.join(here, 'src/index.html'), 'utf8')
  .replace('STYLE', keep('graphiql', 'css', output('.css')))
  .replace('SCRIPT', keep('graphiql', 'js', output('.js')));

// Whoever embeds the folder while it is written must never see half of it: the page, which names the rest, comes last.
// What is the same stays untouched, so that nothing is compiled again for its sake.
mkdirSync(path.join(dist, 'assets'), { recursive: true });
for (const [file, contents] of assets) {
  put(path.join(dist, 'assets', `${file}.gz`), gzipSync(contents, { level: 9 }));
}
put(path.join(dist, 'index.html'), Buffer.from(html));
for (const file of readdirSync(path.join(dist, 'assets'))) {
  if (!assets.has(file.replace(/\.gz$/, ''))) rmSync(path.join(dist, 'assets', file));
}

function put(file, contents) {
  if (existsSync(file) && readFileSync(file).equals(contents)) return;
  writeFileSync(`${file}.new`, contents);
  renameSync(`${file}.new`, file);
}

const kilobytes = (bytes) => `${Math.round(bytes / 1000)} kB`;
const zipped = [...assets.values()].map((contents) => gzipSync(contents, { level: 9 }).length);
const plain = [...assets.values()].map((contents) => contents.length);
const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
console.log(`GraphiQL: ${assets.size} files, ${kilobytes(sum(plain))}, compressed ${kilobytes(sum(zipped))}`);
