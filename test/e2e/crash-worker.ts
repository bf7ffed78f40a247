import { Context } from '@temporalio/activity';
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';
import type { StepInput } from '../../activities';
import type { EffectHooks } from '../../src/hosts/effects';
import { workerConfig } from '../../src/worker/config';
import { startWorker } from '../../src/worker/start';
import { dieAt, wayOf } from './crash-point';

/** Belay's own worker, but that it dies at the point that is armed in the folder BELAY_CRASH. */
const folder = process.env.BELAY_CRASH!;

const hooks: EffectHooks = {
  before: (id, { step }) => {
    for (const when of ['before', 'within'] as const)
      dieAt(folder, { kind: 'effect', id, when, way: wayOf(step), step });
  },
  after: (id, { step }) => dieAt(folder, { kind: 'effect', id, when: 'after', way: wayOf(step), step }),
};

const betweenEndAndCompletion = (): { inbound: ActivityInboundCallsInterceptor } => ({
  inbound: {
    async execute(input, next) {
      try {
        return await next(input);
      } finally {
        const step = (input.args[0] as Partial<StepInput> | undefined)?.step?.id ?? '';
        dieAt(folder, {
          kind: 'activity',
          id: Context.current().info.activityType,
          when: 'after',
          way: wayOf(step),
          step,
        });
      }
    },
  },
});

startWorker({ config: workerConfig(process.env), hooks, interceptors: [betweenEndAndCompletion] })
  .then((worker) => {
    process.stderr.write('worker: ready\n');
    return worker.run();
  })
  .catch((error: unknown) => {
    process.stderr.write(`worker: ${String(error)}\n`);
    process.exitCode = 1;
  });
