import type { FrontRoute } from '../../../model/desired';
import { setNames } from '../../sets';

/** One route of a service behind a managed proxy. */
export type ManagedRoute = FrontRoute;

/** Returns the backends of a route. */
export const backendsOf = ({ backend, sets = 1 }: ManagedRoute): string[] =>
  sets === 1 ? [backend] : setNames(backend);
