// PostGraphile over one schema of a database. Its preset Amber, without GraphiQL, websockets, or plans being explained.
import { createServer } from "node:http";
import { postgraphile } from "postgraphile";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { makePgService } from "postgraphile/adaptors/pg";
import { grafserv } from "postgraphile/grafserv/node";

const preset = {
  extends: [PostGraphileAmberPreset],
  pgServices: [
    makePgService({
      connectionString: process.env.DATABASE_URL,
      schemas: [process.env.PEER_SCHEMA],
      poolConfig: { max: 20 },
    }),
  ],
  grafserv: { graphiql: false, websockets: false, watch: false },
  grafast: { explain: false },
};
const server = createServer();
const serv = postgraphile(preset).createServ(grafserv);
await serv.addTo(server);
server.listen(0, "127.0.0.1", () => console.log(`ready ${server.address().port}`));
