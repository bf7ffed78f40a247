import { releaseFence } from '../src/hosts/fence';
import type { RecordStep } from '../src/spec/plan';
import type { Deps, StepInput, StepResult } from './deps';
import { takeTurn } from './turn';

/** The ledger says how the revision ended and which one is the head; the service is given back. */
export const record = (deps: Deps) => (input: StepInput<RecordStep>): Promise<StepResult> =>
  takeTurn(deps, input, async ({ effect, ledger, token }) => {
    const { revision, state, head } = input.step;
    if (await ledger.revision(revision)) await effect('record.revision', () => ledger.setState(revision, state));
    await effect('record.head', () => ledger.setHead(head));
    await effect('record.release', () => releaseFence({ home: deps.home, token }));
    return {};
  });
