import { BelayError } from '../../src/errors';
import type { Deps, StepInput } from '../../src/host';
import type { ValidateStep } from '../../src/model/plan';
import { askAddress } from '../../src/observe/asked-address';
import { needText, needTexts } from '../../src/observe/needs';
import { checkByProgram, hostOf } from '../../src/probes';
import type { ProbeResult } from '../../src/probes/probe';
import { surroundingsOf } from './surroundings';
import type { Turn } from './turn';

/**
 * Returns how to ask the address that a test of the platform names, or by its program. Throws `spec-invalid` for what is
 * no address.
 */
export async function askAddressOf(
  deps: Deps,
  input: StepInput<ValidateStep>,
  { signal }: Turn,
): Promise<() => Promise<ProbeResult>> {
  const { asked, timeout } = input.step.smoke!;
  const { text: written, kind, command, folder } = asked!;
  if (command) {
    const program = { argv: command, folder: folder!, told: { platform: input.platform } };
    return () => checkByProgram({ program, mask: deps.masker.mask, timeout, signal });
  }
  const { sources, neighbour } = await surroundingsOf(deps, input);
  const [text = ''] = await needTexts(deps, sources, [{ text: written }]);
  if (hostOf({ kind, text }) === undefined) {
    const what = `${input.step.service}: ${needText({ kind, text: written })} is not an address of ${kind}`;
    throw new BelayError('spec-invalid', what, { hint: 'see the variables in it, and the env file' });
  }
  return async () => (await askAddress({ asked: { ...asked!, text }, find: neighbour, timeout, signal }))!;
}
