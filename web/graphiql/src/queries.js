// What the tabs hold at the first visit.

/** The dates stand in the query: GraphiQL does not show variables that a first tab comes with. */
const overview = ({ from, to }) => `# The last 30 days, and what waits for you.
# Ctrl+Enter runs it.
query Overview($range: DayRange! = { from: "${from}", to: "${to}" }) {
  account {
    name
    timeZone
  }
  overview {
    stats(range: $range) {
      partners
      signups
      payingCustomers
      sales
      revenue {
        amount
        currency
      }
      rewards {
        amount
        currency
      }
      growth {
        signups
        payingCustomers
        sales
      }
    }
    actionItems(first: 10) {
      severity
      sentence
      count
      oldestAt
      program {
        name
      }
    }
    topPartners(range: $range, first: 5, by: SALES) {
      partner {
        key
        program {
          name
        }
      }
      stats {
        signups
        sales
        rewards {
          amount
          currency
        }
      }
    }
    programs {
      name
      status
      stats(range: $range) {
        sales
        revenue {
          amount
          currency
        }
      }
    }
    series(range: $range, interval: DAY, metrics: [SALES]) {
      date
      value
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

/** 30 dates, of which today is the last; the end of a range is the date behind it. */
export function lastDays(now = new Date()) {
  const date = (days) => new Date(now.getTime() + days * 24 * 60 * 60 * 1000).toISOString().slice(0, 10);
  return { from: date(-29), to: date(1) };
}

/** Tabs for a person, or for nobody. */
export function firstTabs(isLoggedIn) {
  return (isLoggedIn ? [overview(lastDays()), LIVE] : [NOBODY]).map((query) => ({ query }));
}

/** All of them, so that a test can hold them against the contract. */
export const QUERIES = [...firstTabs(true), ...firstTabs(false)].map(({ query }) => query);
