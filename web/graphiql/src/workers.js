/* global WORKERS */
// Must be imported before Monaco, which asks for its workers while it loads.
globalThis.MonacoEnvironment = {
  getWorker: (_id, label) => new Worker(WORKERS[label] ?? WORKERS.editor),
};
