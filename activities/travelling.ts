import { BelayError } from '../src/errors';
import { type PackedPlan, packPlan } from '../src/model/packed';
import type { Plan } from '../src/model/plan';

/** Temporal takes no payload above 2 MiB; its own message names neither the plan nor a way out. */
const limit = 2 * 1024 * 1024;

/** Returns the plan as sent. Throws `preflight-failed` if it is too long for Temporal. */
export const travelling =
  <T>(make: (given: T) => Promise<Plan>) =>
  async (given: T): Promise<Plan | PackedPlan> => {
    const packed = packPlan(await make(given));
    const bytes = Buffer.byteLength(JSON.stringify(packed));
    if (bytes > limit) throw tooLong(packed.steps.length, bytes);
    return packed;
  };

const tooLong = (steps: number, bytes: number): BelayError =>
  new BelayError(
    'preflight-failed',
    `the plan of ${steps} steps takes ${(bytes / 1024 / 1024).toFixed(1)} MiB, and Temporal accepts 2`,
    { hint: 'release a part at a time: `services` in the input, `belay release --service`' },
  );
