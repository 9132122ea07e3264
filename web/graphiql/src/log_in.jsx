import { useState } from 'react';
import { logIn } from './session.js';

/** Opens a session by email and password. */
export function LogIn({ onDone, onSkip }) {
  const [refusal, setRefusal] = useState(null);
  const [busy, setBusy] = useState(false);

  const submit = async (event) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    const wrong = await logIn(form.get('email'), form.get('password')).catch((error) => error.message);
    setBusy(false);
    setRefusal(wrong);
    if (!wrong) await onDone();
  };

  return (
    <main className="refero-log-in">
      <form onSubmit={submit}>
        <h1>Refero API</h1>
        <p>Log in to ask in the name of your account.</p>
        <label>
          Email
          <input name="email" type="email" autoComplete="username" required autoFocus />
        </label>
        <label>
          Password
          <input name="password" type="password" autoComplete="current-password" required />
        </label>
        {refusal && <p role="alert">{refusal}</p>}
        <button type="submit" disabled={busy}>
          {busy ? 'Logging in …' : 'Log in'}
        </button>
        <a href="/reset">Forgot your password?</a>
        <button type="button" className="refero-link" onClick={onSkip}>
          Look at the schema without logging in
        </button>
      </form>
    </main>
  );
}
