/** Revisions of one service, and which of them its ledger is at. */
export interface Past<R extends { number: number }> {
  /** Absent before the first `record`. */
  head?: number;
  revisions: R[];
}

/** The revision that the service is at; undefined before the first `record`. Pure. */
export const headOfPast = <R extends { number: number }>({ head, revisions }: Past<R>): R | undefined =>
  revisions.find(({ number }) => number === head);
