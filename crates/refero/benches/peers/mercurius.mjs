// The schema of W10 on Fastify with mercurius, compiled just in time: one object type with five fields, no database.
import Fastify from "fastify";
import mercurius from "mercurius";

const schema = `
  type Query { sales(first: Int! = 1): [Sale!]! }
  type Sale { id: ID! key: String! customer: String! cents: Int! recordedAt: String! }
`;
const sale = (number) => ({
  id: `trx_${number}`,
  key: `order-${number}`,
  customer: `customer-${number}`,
  cents: number,
  recordedAt: "2026-01-01T00:00:00Z",
});
const resolvers = { Query: { sales: (_, { first }) => Array.from({ length: first }, (_, number) => sale(number)) } };

const app = Fastify({ logger: false });
app.register(mercurius, { schema, resolvers, jit: 1, graphiql: false });
await app.listen({ host: "127.0.0.1", port: 0 });
console.log(`ready ${app.server.address().port}`);
