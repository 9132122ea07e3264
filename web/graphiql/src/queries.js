// What the tabs hold at the first visit.

const PROGRAMS = `# Your programs, and what happened last. Ctrl+Enter runs it.
query Programs {
  account { name defaultCurrency timeZone }
  programs(first: 10) {
    nodes { id name status currency terms { version } }
  }
  rewards(first: 5) {
    nodes { amount { amount currency } status heldUntil explanation { sentences } }
  }
}
`;

const LIVE = `# Every event of the account as it happens. Runs until you stop it.
subscription Events {
  events { position topic subjectId createdAt }
}
`;

const NOBODY = `# Log in to see more.
query Viewer {
  viewer { permissions }
}
`;

/** Tabs for a person, or for nobody. */
export function firstTabs(isLoggedIn) {
  return (isLoggedIn ? [PROGRAMS, LIVE] : [NOBODY]).map((query) => ({ query }));
}
