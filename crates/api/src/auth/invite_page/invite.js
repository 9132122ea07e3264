"use strict";

const at = (id) => document.getElementById(id);
const token = new URLSearchParams(location.search).get("token");

// The token does not stay in the history of the browser.
history.replaceState(null, "", location.pathname);

const PREVIEW = `query($token: String!) { invitePreview(token: $token) {
  accountName inviterName email status userExists roles { name } } }`;
const LOG_IN = `mutation($email: String!, $password: String!) {
  it: sessionCreate(email: $email, password: $password) { userErrors { message } } }`;
const ACCEPT = `mutation($input: InviteAcceptInput!) {
  it: inviteAccept(input: $input) { member { account { name } } userErrors { message } } }`;

async function ask(query, variables) {
  const response = await fetch("/graphql", {
    method: "POST",
    headers: { "content-type": "application/json", "x-refero-csrf": "1" },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  const refused = errors?.[0] ?? data.it?.userErrors[0];
  if (refused) throw new Error(refused.message);
  return data;
}

const GONE = {
  ACCEPTED: "This invitation was accepted already.",
  REVOKED: "This invitation was taken back.",
  EXPIRED: "This invitation has expired. Ask for another.",
};

let invite = null;

async function show() {
  invite = token && (await ask(PREVIEW, { token })).invitePreview;
  if (!invite) {
    at("what").textContent = "This link does not work. Open the one in our latest email.";
    return;
  }
  at("title").textContent = `Join ${invite.accountName}`;
  if (invite.status !== "PENDING") {
    at("what").textContent = GONE[invite.status];
    return;
  }
  const who = invite.inviterName ?? invite.accountName;
  at("what").textContent = `${who} invites ${invite.email} to the team of ${invite.accountName}, as ${invite.roles[0].name}.`;
  if (invite.userExists) at("asked").textContent = "Your password, to log in";
  at("password").autocomplete = invite.userExists ? "current-password" : "new-password";
  at("named").hidden = invite.userExists;
  at("forgotten").hidden = !invite.userExists;
  at("form").hidden = false;
}

async function accept() {
  const password = at("password").value;
  if (invite.userExists) await ask(LOG_IN, { email: invite.email, password });
  const person = invite.userExists ? {} : { name: at("name").value, password };
  const data = await ask(ACCEPT, { input: { token, ...person } });
  return data.it.member.account.name;
}

show().catch((error) => { at("what").textContent = error.message || "That did not work. Try again."; });

at("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  at("accept").disabled = true;
  at("outcome").textContent = "One moment…";
  try {
    at("outcome").textContent = `You are a member of ${await accept()}, and logged in.`;
    at("form").hidden = true;
  } catch (error) {
    at("accept").disabled = false;
    at("outcome").textContent = error.message || "That did not work. Try again.";
  }
});
