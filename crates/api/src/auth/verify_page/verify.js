"use strict";

const form = document.getElementById("form");
const password = document.getElementById("password");
const button = document.getElementById("confirm");
const outcome = document.getElementById("outcome");
const token = new URLSearchParams(location.search).get("token");

// The token does not stay in the history of the browser.
history.replaceState(null, "", location.pathname);

const query = `mutation($token: String!, $password: String!) {
  emailVerify(token: $token, password: $password) { session { user { email } } userErrors { message } }
}`;

async function confirm() {
  const response = await fetch("/graphql", {
    method: "POST",
    headers: { "content-type": "application/json", "x-refero-csrf": "1" },
    body: JSON.stringify({ query, variables: { token, password: password.value } }),
  });
  const { data, errors } = await response.json();
  const refused = errors?.[0] ?? data.emailVerify.userErrors[0];
  if (refused) throw new Error(refused.message);
  return data.emailVerify.session.user.email;
}

button.disabled = !token;
if (!token) outcome.textContent = "This link is not complete. Open the one in your email again.";

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  button.disabled = true;
  outcome.textContent = "One moment…";
  try {
    outcome.textContent = `${await confirm()} is confirmed, and you are logged in.`;
  } catch (error) {
    button.disabled = false;
    outcome.textContent = error.message || "That did not work. Try again.";
  }
});
