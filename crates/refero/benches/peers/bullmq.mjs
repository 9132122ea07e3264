// Drains N jobs that do nothing by BullMQ and prints how many there were per second. As its documents advise: added in bulk,
// gone when they are done, many at once in a worker, and Redis calls pipelined by ioredis.
import { Queue, Worker } from "bullmq";

const jobs = Number(process.argv[2]);
const url = new URL(process.env.REDIS_URL);
const connection = {
  host: url.hostname,
  port: Number(url.port),
  username: decodeURIComponent(url.username),
  password: decodeURIComponent(url.password),
  maxRetriesPerRequest: null,
  enableAutoPipelining: true,
};
const prefix = "bench-bullmq";
const options = { removeOnComplete: true, removeOnFail: true };

const queue = new Queue("nothing", { connection, prefix, defaultJobOptions: options });
await queue.obliterate({ force: true });
for (let first = 0; first < jobs; first += 1000) {
  const numbers = Array.from({ length: Math.min(1000, jobs - first) }, (_, at) => first + at);
  await queue.addBulk(numbers.map((number) => ({ name: "nothing", data: { number } })));
}

let handled = 0;
const worker = new Worker("nothing", async () => {}, { connection, prefix, concurrency: 200, autorun: false });
const done = new Promise((resolve) => worker.on("completed", () => { if (++handled === jobs) resolve(); }));
await worker.waitUntilReady();
const begun = process.hrtime.bigint();
worker.run();
await done;
const seconds = Number(process.hrtime.bigint() - begun) / 1e9;
await worker.close();
await queue.obliterate({ force: true });
await queue.close();
console.log(jobs / seconds);
process.exit(0);
