import { BelayError } from '../../src/errors';
import { needText } from '../../src/observe/needs';
import { type UnsetNeed, unsetText } from '../../src/project/unset-needs';

/** Throws `spec-invalid` for required needs with variables that are not set. Returns warnings about the others. */
export function refuseUnsetNeeds(unset: UnsetNeed[], folder: string): string[] {
  const required = unset.filter(({ need }) => need.required);
  if (required.length > 0)
    throw new BelayError('spec-invalid', required.map((one) => `${one.at}: ${unsetText(one)}`).join('; '), {
      hint: `write the variable into an env file, such as ${folder}/.env on the host, or set it for the worker`,
    });
  return unset.map((one) => `${one.service} needs ${needText(one.need)}: ${unsetText(one)}; it is not required`);
}
