// What the tabs hold at the first visit.

const PROGRAMS = `# Your programs, and what was earned last.
# Ctrl+Enter runs it.
query Programs {
  account {
    name
    defaultCurrency
    timeZone
  }
  programs(first: 10) {
    nodes {
      id
      name
      status
      currency
      terms {
        number
      }
    }
  }
  rewards(first: 5) {
    nodes {
      amount {
        amount
        currency
      }
      status
      heldUntil
      explanation {
        sentences
      }
    }
  }
}
`;

const LIVE = `# Every event of the account as it happens,
# until you stop it.
subscription Events {
  events {
    cursor
    node {
      topic
      subjectId
      at
    }
  }
}
`;

const NOBODY = `# Log in to see more.
query Viewer {
  viewer {
    permissions
  }
}
`;

/** All of them, so that a test can hold them against the contract. */
export const QUERIES = [PROGRAMS, LIVE, NOBODY];

/** Tabs for a person, or for nobody. */
export function firstTabs(isLoggedIn) {
  return (isLoggedIn ? [PROGRAMS, LIVE] : [NOBODY]).map((query) => ({ query }));
}
