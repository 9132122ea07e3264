// Following a subscription, whichever client brings it.

/** Collects what a client's `subscribe` hands to its sink, and waits for it. */
export class Watcher {
  results = [];
  #waiting = [];
  #ended;

  constructor(subscribe) {
    this.ended = new Promise((resolve) => (this.#ended = resolve));
    this.stop = subscribe({
      next: (result) => {
        this.results.push(result);
        for (const look of this.#waiting) look();
      },
      error: (error) => this.#ended({ error }),
      complete: () => this.#ended({ complete: true }),
    });
  }

  /** The first `count` results; fails when the subscription ends before, or they take too long. */
  async first(count) {
    const enough = new Promise((resolve) => {
      const look = () => this.results.length >= count && resolve(this.results.slice(0, count));
      this.#waiting.push(look);
      look();
    });
    const late = AbortSignal.timeout(15_000);
    const tooLate = new Promise((_, reject) => {
      late.addEventListener('abort', () => reject(new Error(`only ${this.results.length} of ${count} came`)));
    });
    const over = this.ended.then((end) => {
      throw new Error(`it ended: ${JSON.stringify(end)} after ${JSON.stringify(this.results)}`);
    });
    return Promise.race([enough, over, tooLate]);
  }
}

export const EVENTS = `subscription Events($after: String, $topics: [EventTopic!]) {
  events(after: $after, topics: $topics) { cursor node { position topic subjectId } }
}`;

/** The sale that an event is about. */
export function subject(result) {
  return result.data.events.node.subjectId;
}

export const SALES = { topics: ['TRANSACTION_RECORDED'] };
