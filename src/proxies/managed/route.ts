import type { FrontRoute } from '../../spec/desired';
import { setNames } from '../haproxy-map';

/** One route of a service behind a proxy of Belay's own. */
export type ManagedRoute = FrontRoute;

/** Every name that the service goes by, each once. */
export const namesOf = ({ service, networks }: ManagedRoute): string[] => [
  ...new Set([service, ...Object.values(networks).flat()]),
];

/** The backends of a route. */
export const backendsOf = ({ backend, sets = 1 }: ManagedRoute): string[] =>
  sets === 1 ? [backend] : setNames(backend);
