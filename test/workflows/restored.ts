import type { ObservedInstance, ObservedService } from '../../src/model/observed';
import type { Plan } from '../../src/model/plan';
import { planRestore, type RestoreRequest } from '../../src/plan/plan-restore';
import { desiredService, instance, slot } from '../plan/arbitraries';
import { postgresOf } from './backed-up';

const seen = (epoch: number, head: number | undefined, ...instances: ObservedInstance[]): ObservedService => ({
  fence: { epoch },
  head,
  revisions: [],
  nextRevision: 2,
  instances,
  freeSlots: [],
});
const running = (name: string, revision: number, slots: ObservedInstance['slots'] = []) =>
  instance({ name, revision, slots, traffic: 'in' });
const needing = (service: string, ...after: string[]) =>
  desiredService({ service, after: after.map((one) => ({ service: one, condition: 'started' as const })) });

/** A database that Compose has started, an api behind a proxy that writes to it, and a web that needs the api. */
export const planRestored = (more: Partial<RestoreRequest> = {}, web: Partial<ObservedInstance> = {}): Plan =>
  planRestore({
    platform: 'shop',
    observed: {
      host: 'h',
      engine: 'e',
      freePorts: [],
      proxies: {},
      services: {
        db: seen(0, undefined, running('shop-db-1', 0)),
        api: seen(3, 1, running('shop-api-r1-1', 1, [slot(1)])),
        web: seen(5, 1, { ...running('shop-web-r1-1', 1), ...web }),
      },
    },
    owner: { desired: needing('db'), project: 'shop' },
    writers: [{ desired: needing('api', 'db') }, { desired: needing('web', 'api') }],
    act: 'restore',
    backup: postgresOf(),
    restore: '20261130t015000123z',
    chosen: '20261129T221643123Z',
    halts: false,
    former: [],
    takeOver: false,
    notices: [],
    warnings: [],
    ...more,
  });
