import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import { useMemo } from 'react';
import { firstTabs } from './queries.js';
import { referoFetch } from './session.js';
import { socket } from './socket.js';

/** GraphiQL, asking with the session of the page. */
export function Explorer({ isLoggedIn }) {
  const fetcher = useMemo(
    () => createGraphiQLFetcher({ url: '/graphql', fetch: referoFetch, wsClient: socket(), enableIncrementalDelivery: false }),
    [],
  );
  const shared = new URLSearchParams(location.search);
  return (
    <GraphiQL
      fetcher={fetcher}
      defaultTabs={firstTabs(isLoggedIn)}
      initialQuery={shared.get('query') ?? undefined}
      initialVariables={shared.get('variables') ?? undefined}
      defaultEditorToolsVisibility={false}
    >
      <GraphiQL.Logo>
        <span />
      </GraphiQL.Logo>
    </GraphiQL>
  );
}
