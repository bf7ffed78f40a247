/** From so many services on, a file and the terminal say once what many services share. */
export const many = 8;

/** Explanations that a file with many services says once, above them. */
export const notes = {
  published: 'The proxy publishes the ports of services with routes in their place.',
  unproven:
    '"unproven": nothing in the Compose file proves what the port carries, so it carries tcp, which suits all. Write http or grpc where that is right: then Belay drains requests, not connections.',
  tcp: 'health.ready with tcp sees an open port alone. Better: { http: /ready, port: … }, or { grpc: … }.',
  docker: 'health.ready with docker: true asks the HEALTHCHECK of Compose.',
  first:
    '"Docker asks first after …": each instance of each release waits so long. Better: { http: /ready, port: … }, { tcp: … }, or start_period and start_interval (Docker Engine 25) in the HEALTHCHECK.',
  asked:
    'health.ready with http asks as the HEALTHCHECK does, which Docker asks too seldom for a release: Belay asks each second.',
  running: 'Without health.ready, a running instance counts as ready.',
  unrouted: '"no route": nothing in the Compose file connects to it, so it takes no traffic from a proxy.',
  recreate:
    'DOWNTIME and ONE AT A TIME: with recreate, the old version stops before the new one starts. A service with state waits for you after a failure (on_failure: hold). If two instances may write to the volume at once, write shared_volumes: true in place of strategy.',
  shared: 'shared_volumes: two instances may use what is named there at once, so they are replaced without downtime.',
  left: 'Compose keeps running what is left out. To release a store too, name it here with strategy: { kind: recreate }.',
} as const;

export type Note = keyof typeof notes;

/** A comment of a service: in full, or in a few words with a note above all services. */
export interface Remark {
  note: Note;
  full: string;
  short: string;
}

/** Collects the notes that a file needs, and words remarks for its length. */
export interface Speaker {
  say(remark: Remark): string;
  /** The comments above the services, each note once. */
  notes(): string[];
}

/** A speaker for a file with so many services. */
export function speaker(services: number): Speaker {
  const used = new Set<Note>();
  const isLong = services >= many;
  return {
    say({ note, full, short }) {
      if (isLong) used.add(note);
      return isLong ? short : full;
    },
    notes: () => (Object.keys(notes) as Note[]).filter((note) => used.has(note)).map((note) => `# ${notes[note]}`),
  };
}
