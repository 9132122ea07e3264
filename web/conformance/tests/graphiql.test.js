// GraphiQL in a browser: log in, ask, be refused, watch.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, open, picture } from '../harness/browser.js';
import { sell, told, until } from '../harness/story.js';

const story = told();
let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

async function logIn(page, password) {
  await page.getByLabel('Email').fill(story.email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Log in', exact: true }).click();
}

async function run(page) {
  await page.getByRole('button', { name: /execute query/i }).click();
}

function answer(page) {
  return page.locator('.graphiql-response');
}

async function shows(page, text) {
  await answer(page).getByText(text).first().waitFor({ timeout: 15_000 });
}

test('a person logs in and reads the overview', async () => {
  const { page, complaints } = await open(browser, story.url);
  await picture(page, 'log-in');
  await logIn(page, 'not the password');
  await page.getByRole('alert').waitFor();
  await logIn(page, story.password);
  await page.locator('.graphiql-container').waitFor();
  await page.getByText(story.email).waitFor();
  const asked = page.waitForResponse((response) => response.request().postData()?.includes('query Overview'));
  await run(page);
  const { data, errors } = await (await asked).json();
  assert.equal(errors, undefined);
  assert.ok(data.overview.stats.sales >= 1, 'the sale of the story is counted');
  await shows(page, 'Coffee');
  await page.getByLabel('Show Documentation Explorer').click();
  await page.getByText('Root Types').waitFor();
  await picture(page, 'overview');
  assert.deepEqual(complaints, []);
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByLabel('Password').waitFor();
});

test('a mistake is shown as the server says it,', async () => {
  const { page, complaints } = await open(browser, story.url, '?query={nothing}');
  await logIn(page, story.password);
  await page.locator('.graphiql-container').waitFor();
  await run(page);
  await shows(page, 'GRAPHQL_VALIDATION_FAILED');
  assert.deepEqual(complaints.filter((line) => !line.includes('status of 400')), []);
});

test('a subscription shows what happens while it happens', async () => {
  const { page, complaints } = await open(browser, story.url);
  await logIn(page, story.password);
  await page.getByRole('tab', { name: 'Events' }).click();
  // GraphiQL reads what a tab holds a moment after it shows it; until then it asks for the operation of the tab before.
  const stop = page.getByRole('button', { name: /stop query/i });
  await until(async () => {
    await run(page);
    return stop.waitFor({ timeout: 1_000 }).then(() => true, () => false);
  });
  let sold = 0;
  const selling = setInterval(() => sell(story, `browser-${(sold += 1)}`), 500);
  // The last event is shown: the sale, or soon after it the reward that it earned.
  await shows(page, /TRANSACTION_RECORDED|REWARD_CREATED/).finally(() => clearInterval(selling));
  await picture(page, 'subscription');
  assert.deepEqual(complaints.filter((line) => !line.includes('status of 400')), []);
});
