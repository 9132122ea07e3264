"use strict";

const at = (id) => document.getElementById(id);
const token = new URLSearchParams(location.search).get("token");

// The token does not stay in the history of the browser.
history.replaceState(null, "", location.pathname);

const ASK = `mutation($email: String!) {
  it: passwordResetRequest(email: $email) { userErrors { message } } }`;
const CHOOSE = `mutation($token: String!, $password: String!) {
  it: passwordReset(token: $token, password: $password) { session { user { email } } userErrors { field message } } }`;

async function ask(query, variables) {
  const response = await fetch("/graphql", {
    method: "POST",
    headers: { "content-type": "application/json", "x-refero-csrf": "1" },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  const refused = errors?.[0] ?? data.it.userErrors[0];
  if (refused?.field?.[0] === "token") at("ask").hidden = false;
  if (refused) throw new Error(refused.message);
  return data.it;
}

function submits(form, work) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    at("outcome").textContent = "One moment…";
    try {
      at("outcome").textContent = await work();
      form.hidden = true;
    } catch (error) {
      button.disabled = false;
      at("outcome").textContent = error.message || "That did not work. Try again.";
    }
  });
}

at(token ? "choose" : "ask").hidden = false;

submits(at("ask"), async () => {
  await ask(ASK, { email: at("email").value });
  return "If this is the address of a user, an email with a link is on its way. It works for an hour.";
});

submits(at("choose"), async () => {
  const { session } = await ask(CHOOSE, { token, password: at("password").value });
  return `${session.user.email} has another password, and you are logged in.`;
});
