import { releaseFence } from '../src/hosts/fence';
import type { RecordStep } from '../src/spec/plan';
import type { Deps, StepInput, StepResult } from './deps';
import { running } from './probe';
import { takeTurn } from './turn';

/** The ledger says how the revision ended and which one is the head; the service is given back. */
export const record =
  (deps: Deps) =>
  (input: StepInput<RecordStep>): Promise<StepResult> =>
    takeTurn(deps, input, async (turn) => {
      const { effect, ledger, token } = turn;
      const { revision, state, head, instances = [] } = input.step;
      for (const instance of instances) await running(deps, turn, instance);
      if (await ledger.revision(revision)) await effect('record.revision', () => ledger.setState(revision, state));
      await effect('record.head', () => ledger.setHead(head));
      await effect('record.release', () => releaseFence({ home: deps.home, token }));
      return {};
    });
