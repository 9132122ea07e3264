// Drains N jobs that do nothing by graphile-worker, batched, and prints how many there were per second.
import { makeWorkerUtils, run, Logger } from "graphile-worker";
import pg from "pg";

const jobs = Number(process.argv[2]);
const connectionString = process.env.DATABASE_URL;
const quiet = new Logger(() => () => {});

const utils = await makeWorkerUtils({ connectionString, logger: quiet });
await utils.migrate();
const pool = new pg.Pool({ connectionString });
// In batches: fifty thousand in one transaction take minutes.
for (let first = 0; first < jobs; first += 1000) {
  const numbers = Array.from({ length: Math.min(1000, jobs - first) }, (_, at) => first + at);
  await utils.addJobs(numbers.map((number) => ({ identifier: "nothing", payload: { number } })));
}
await pool.query("vacuum analyze graphile_worker._private_jobs");

let handled = 0;
const begun = process.hrtime.bigint();
const runner = await run({
  taskList: { nothing: () => { handled += 1; } },
  noHandleSignals: true,
  logger: quiet,
  preset: {
    worker: {
      connectionString,
      concurrentJobs: 24,
      maxPoolSize: 25,
      localQueue: { size: 500 },
      completeJobBatchDelay: 0,
      failJobBatchDelay: 0,
    },
  },
});
const left = async () => (await pool.query("select count(*)::int as n from graphile_worker._private_jobs")).rows[0].n;
while (handled < jobs || (await left()) > 0) await new Promise((resolve) => setTimeout(resolve, 1));
const seconds = Number(process.hrtime.bigint() - begun) / 1e9;
await runner.stop();
await utils.release();
await pool.end();
console.log(jobs / seconds);
process.exit(0);
