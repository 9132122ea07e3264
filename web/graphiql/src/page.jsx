import { useEffect, useState } from 'react';
import { Explorer } from './explorer.jsx';
import { LogIn } from './log_in.jsx';
import { choose, logOut, viewer } from './session.js';

/** The whole page: a log-in form for a stranger, GraphiQL for everybody else. */
export function Page() {
  const [person, setPerson] = useState(undefined);
  const [looking, setLooking] = useState(false);
  const refresh = () => viewer().then(setPerson);
  useEffect(() => void refresh(), []);

  if (person === undefined) return <p className="refero-waiting">Loading …</p>;
  if (!person && !looking) return <LogIn onDone={refresh} onSkip={() => setLooking(true)} />;
  const leave = async () => {
    await logOut().catch((error) => console.info(error.message));
    setLooking(false);
    await refresh();
  };
  const change = (account) => {
    choose(account);
    setPerson({ ...person, account });
  };
  return (
    <div className="refero-page">
      <Bar person={person} onAccount={change} onLogIn={() => setLooking(false)} onLogOut={leave} />
      <Explorer key={person?.account ?? 'nobody'} isLoggedIn={person !== null} />
    </div>
  );
}

function Bar({ person, onAccount, onLogIn, onLogOut }) {
  return (
    <header className="refero-bar">
      <strong>Refero API</strong>
      <span className="refero-space" />
      {person && person.accounts.length > 1 && (
        <select aria-label="Account" value={person.account} onChange={(event) => onAccount(event.target.value)}>
          {person.accounts.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      )}
      {person?.accounts.length === 1 && <span>{person.accounts[0].name}</span>}
      {person ? (
        <>
          <span className="refero-quiet">{person.email}</span>
          <button type="button" onClick={onLogOut}>
            Log out
          </button>
        </>
      ) : (
        <>
          <span className="refero-quiet">Not logged in</span>
          <button type="button" onClick={onLogIn}>
            Log in
          </button>
        </>
      )}
    </header>
  );
}
