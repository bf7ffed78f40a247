import { BelayError } from '../../src/errors';
import type { Deps } from '../../src/host';
import { hmacKey } from '../../src/hosts/machine';
import { shellMark } from '../../src/hosts/shell-mark';
import type { ReleaseInput } from '../../src/model/requests';
import type { Project } from '../../src/project/project';
import { refuseUnused, shellDifferences } from '../../src/spec/shell';

/**
 * Refuses a release if the shell that started it has other variables than the worker. Throws `input-invalid` with each
 * name, and without values.
 */
export async function refuseOtherShell(
  { home }: Pick<Deps, 'home'>,
  { reads, set }: Project,
  { shell }: Pick<ReleaseInput, 'shell'>,
): Promise<void> {
  refuseUnused(set, reads.variables);
  if (!shell) return;
  // The project folder stands in for the caller's working folder.
  const names = reads.variables.filter((name) => name !== 'PWD' && !(name in set));
  const others = Object.entries(shell.variables).filter(([name]) => !(name in set));
  const given = { ...shell, variables: Object.fromEntries(others) };
  const mark = shellMark(await hmacKey(home));
  const problems = shellDifferences({ shell: given, own: process.env, mark, names });
  if (problems.length === 0) return;
  throw new BelayError('input-invalid', problems.join('; '), {
    hint: 'pass values that are not secret with --set NAME=value, or write them into .env on the host and unset them in the shell and where the worker runs',
  });
}
