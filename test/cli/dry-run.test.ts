import { planOf } from '../../src/cli/dry-run';
import type { ReleaseHandle } from '../../src/client';
import { BelayError } from '../../src/errors';
import { samplePlan, status } from './support';

const forEver = () => new Promise<never>(() => {});
const quiet = new AbortController().signal;

function dryRun(fields: Partial<ReleaseHandle>) {
  const cancel = jest.fn(async () => undefined);
  return {
    cancel,
    handle: {
      workflowId: 'release/shop/1',
      status: async () => status(),
      result: forEver,
      cancel,
      ...fields,
    } as unknown as ReleaseHandle,
  };
}

test('gives the plan of a dry run', async () => {
  const plan = samplePlan();
  const { handle, cancel } = dryRun({
    result: async () => ({ outcome: 'planned', platform: 'shop', revisions: {}, plan }),
  });
  expect(await planOf(handle, quiet)).toBe(plan);
  expect(cancel).not.toHaveBeenCalled();
});

test.each([
  ['worker-unreachable', 'no worker has answered for plan/shop/1', 'no worker answers'],
  ['temporal-unreachable', 'Temporal does not answer', 'Temporal does not answer'],
] as const)('is called off on %s', async (code, told, who) => {
  const away = new BelayError(code, told, { hint: 'belay serve' });
  const { handle, cancel } = dryRun({ status: () => Promise.reject(away) });
  const message = `${who}, so there is no plan; the dry run was cancelled`;
  await expect(planOf(handle, quiet)).rejects.toMatchObject({ code, message, hint: 'belay serve' });
  expect(cancel).toHaveBeenCalled();
});

test('that has ended by itself for want of a worker says so in one sentence', async () => {
  const away = new BelayError('worker-unreachable', 'host web-2 has no worker to make the plan', { hint: 'go' });
  const { handle } = dryRun({ result: () => Promise.reject(away) });
  await expect(planOf(handle, quiet)).rejects.toBe(away);
});

test('is called off on Ctrl-C', async () => {
  const interrupt = new AbortController();
  const { handle, cancel } = dryRun({});
  const planned = planOf(handle, interrupt.signal);
  interrupt.abort();
  await expect(planned).rejects.toThrow('interrupted; nothing was changed');
  expect(cancel).toHaveBeenCalled();
});

test('throws what is wrong with the input', async () => {
  const wrong = new BelayError('image-unknown', 'no such image');
  const { handle } = dryRun({ result: () => Promise.reject(wrong) });
  await expect(planOf(handle, quiet)).rejects.toBe(wrong);
});
