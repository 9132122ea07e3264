// What has happened before the first test: a person registered, and one partner sold something.
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, post } from './client.js';

const EMAIL = 'ada@example.com';
const PASSWORD = 'correct horse battery';
const PATIENCE_MS = 20_000;

/** Tells the story; the answer is what tests need to know of it, and can be written as JSON. */
export async function tell({ url, mail }) {
  const cookie = await register(url, mail);
  const me = { cookie };
  const program = await createProgram(url, me);
  const partner = await createPartner(url, me, program);
  const { apiKeyCreate } = await ask(url, me, `mutation {
    apiKeyCreate(input: { name: "conformance", permissions: [AUDIT_READ, CUSTOMERS_WRITE, TRANSACTIONS_WRITE, TRANSACTIONS_READ] }) {
      secret userErrors { message }
    }
  }`);
  const story = { url, email: EMAIL, password: PASSWORD, cookie, key: apiKeyCreate.secret, program, partner };
  await sell(story, 'ord-1');
  await until(async () => {
    const { rewards } = await ask(url, me, '{ rewards { nodes { id } } }');
    return rewards.nodes.length > 0;
  });
  return story;
}

/** The story, for a test. */
export function told() {
  return JSON.parse(process.env.REFERO_STORY);
}

/** Records a sale by the partner's customer; the fact that subscribers wait for. */
export async function sell({ url, cookie, program }, key) {
  const sale = { key, customerKey: 'cus-1', amount: { amount: '119.00', currency: 'EUR' }, tax: '19.00' };
  const { transactionRecord } = await ask(url, { cookie }, `mutation ($program: ID!, $sale: TransactionInput!) {
    transactionRecord(programId: $program, input: $sale) { transaction { id } userErrors { message } }
  }`, { program, sale });
  return transactionRecord.transaction.id;
}

/** Waits until `holds`, and fails when it never does. */
export async function until(holds) {
  const since = Date.now();
  for (;;) {
    const held = await holds();
    if (held) return held;
    if (Date.now() - since > PATIENCE_MS) throw new Error(`it never came true: ${holds}`);
    await sleep(50);
  }
}

async function register(url, mail) {
  const input = { email: EMAIL, password: PASSWORD, accountName: 'Coffee' };
  await ask(url, {}, `mutation ($input: RegisterInput!) {
    userRegister(input: $input) { emailSent userErrors { message } }
  }`, { input });
  const token = await until(() => {
    const texts = readdirSync(mail).map((file) => readFileSync(path.join(mail, file), 'utf8'));
    return texts.map((text) => text.match(/token=([\w-]+)/)?.[1]).find(Boolean);
  });
  const { response, body } = await post(url, {}, `mutation ($token: String!, $password: String!) {
    emailVerify(token: $token, password: $password) { session { id } userErrors { message } }
  }`, { token, password: PASSWORD });
  const cookie = response.headers.getSetCookie()[0]?.split(';')[0];
  if (!cookie) throw new Error(`no session: ${JSON.stringify(body)}`);
  return cookie;
}

async function createProgram(url, me) {
  const made = await ask(url, me, `mutation {
    programCreate(input: { name: "Coffee", currency: "EUR", website: "https://coffee.example" }) {
      program { id } userErrors { message }
    }
  }`);
  const program = made.programCreate.program.id;
  const rules = [{ id: 'sale', trigger: 'SALE', value: { type: 'PERCENT', percent: '20' } }];
  const drafted = await ask(url, me, `mutation ($program: ID!, $input: TermsInput!) {
    termsDraftPut(programId: $program, input: $input) { terms { id } userErrors { message } }
  }`, { program, input: { holdDays: 0, rules } });
  await ask(url, me, `mutation ($terms: ID!, $program: ID!) {
    termsPublish(id: $terms) { userErrors { message } }
    programActivate(id: $program) { userErrors { message } }
  }`, { terms: drafted.termsDraftPut.terms.id, program });
  return program;
}

async function createPartner(url, me, program) {
  const applied = await ask(url, me, `mutation ($program: ID!) {
    partnerApply(input: { programId: $program, email: "bob@example.com", name: "Bob", key: "bob" }) {
      partner { id } userErrors { message }
    }
  }`, { program });
  const partner = applied.partnerApply.partner.id;
  await ask(url, me, `mutation ($program: ID!, $partner: ID!) {
    partnerApprove(id: $partner) { userErrors { message } }
    linkCreate(partnerId: $partner, input: {}) { userErrors { message } }
    customerUpsert(input: { programId: $program, key: "cus-1", linkSlug: "bob" }) { userErrors { message } }
  }`, { program, partner });
  return partner;
}
