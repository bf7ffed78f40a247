/** One service behind a proxy of Belay's own. */
export interface ManagedRoute {
  service: string;
  /** The name of HAProxy's backend; one of its own for each route. */
  backend: string;
  /** Where the service's instances listen, and where its clients inside the networks look for it. */
  port: number;
  protocol: 'http' | 'grpc' | 'tcp';
  /** The service's networks, and the names that it goes by on each. */
  networks: Record<string, string[]>;
  /** Published on the host, on `hostAddress` or on all addresses. */
  hostPort?: number;
  hostAddress?: string;
  /** Servers in all: the instances, and as many again as a release adds at once. */
  slots: number;
  /** The path of the readiness check, where it is an HTTP one that answers 200; otherwise a connection is the check. */
  readyPath?: string;
  /** 2: a blue and a green backend, with one switch between them. */
  sets?: 1 | 2;
}

/** Every name that the service goes by, each once. */
export const namesOf = ({ service, networks }: ManagedRoute): string[] => [
  ...new Set([service, ...Object.values(networks).flat()]),
];

/** The backends of a route. */
export const backendsOf = ({ backend, sets = 1 }: ManagedRoute): string[] =>
  sets === 1 ? [backend] : [`${backend}-blue`, `${backend}-green`];
