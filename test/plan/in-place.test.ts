import type { ObservedService } from '../../src/model/observed';
import { desiredService, instance } from './arbitraries';
import { boundsOf } from './bounds';
import { shopPlan } from './shop';
import { carryOut, createWorld } from './world';

const desired = desiredService({ instances: 1, strategy: { kind: 'in-place' }, hostPorts: [20_000] });
const observed: ObservedService = {
  fence: { epoch: 1 },
  revisions: [],
  nextRevision: 2,
  instances: [instance()],
  freeSlots: [],
};
const { steps, undo } = shopPlan({ services: [desired], seen: { api: observed } });

test.each(steps.map((_, index) => index + 1))(
  'a unit that takes the only server of the one before keeps it, and back after %i steps',
  (limit) => {
    const world = createWorld(observed, boundsOf({ desired, observed }));
    const started = carryOut(steps, { world, choices: [0], limit }).map(({ id }) => id);
    if (limit === steps.length) expect(world.serving()).toMatchObject([{ fingerprint: 'new' }]);
    const back = undo.filter((step) => started.includes(step.undoes!));
    carryOut(back, { world, choices: [0] });
    expect(world.serving()).toMatchObject([{ fingerprint: 'old' }]);
  },
);
