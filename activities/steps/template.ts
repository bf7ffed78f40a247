import { BelayError } from '../../src/errors';
import type { ServiceKey } from '../../src/hosts/home';
import type { Revision } from '../../src/hosts/revision';
import type { Template } from '../../src/runtimes/runtime';

/** Returns the template that the ledger keeps of a revision. Throws `revision-unknown`. */
export function templateOf({ service }: ServiceKey, revision: number, kept?: Revision): Template {
  if (kept?.configuration) return kept.configuration.create;
  throw new BelayError(
    'revision-unknown',
    `${service}: the configuration of revision ${revision} is no longer on this host`,
    { hint: 'release the version that should run' },
  );
}
