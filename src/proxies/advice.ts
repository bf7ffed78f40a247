/** What a proxy's configuration lacks for releases that lose no request. */
export interface Advice {
  /** must: Belay cannot work, or a reload undoes it. should: requests are lost when another part fails. */
  severity: 'must' | 'should';
  /** Place of the lines: `global`, `backend api`, `command line`, `http block`; `end of file` for a whole section. */
  section: string;
  /** The problem, such as `no server-state-file`. */
  what: string;
  /** The reason in one sentence. */
  why: string;
  /** The present line whose place the lines take; beside it the proxy would refuse them. */
  instead?: string;
  /** Lines to copy as they are; none if a line has to go. */
  lines: string[];
}
