import { readFile } from 'node:fs/promises';
import { BelayError } from '../../errors';
import { runProgram } from '../../run-program';

interface Owners {
  owner?: string;
  group?: string;
}

/** The ids of an owner and a group by their names; root where absent. Throws `preflight-failed` for an unknown one. */
export async function accountIds({ owner = 'root', group = 'root' }: Owners): Promise<{ uid: number; gid: number }> {
  return { uid: await idIn('passwd', owner), gid: await idIn('group', group) };
}

/** Returns those of them that the host does not have, such as `group shop`; `made`: a user that the release makes. */
export async function missingAccounts({ owner, group }: Owners, made?: string): Promise<string[]> {
  const asked = [...named('user', owner), ...named('group', group)].filter(({ name }) => name !== made);
  const ids = await Promise.all(asked.map(({ word, name }) => findId(word === 'user' ? 'passwd' : 'group', name)));
  return asked.flatMap(({ word, name }, index) => (ids[index] === undefined ? [`${word} ${name}`] : []));
}

const named = (word: 'user' | 'group', name: string | undefined) => (name === undefined ? [] : [{ word, name }]);

async function idIn(table: 'passwd' | 'group', name: string): Promise<number> {
  const id = await findId(table, name);
  if (id !== undefined) return id;
  const word = table === 'passwd' ? 'user' : 'group';
  throw new BelayError('preflight-failed', `there is no ${word} ${name} on this host`, {
    hint: `make it, or let user: ${name} with unit_file make it`,
  });
}

/** Asks the host's directories too, where there are any. */
export async function findId(table: 'passwd' | 'group', name: string): Promise<number | undefined> {
  const { code, output } = await runProgram({ command: 'getent', args: [table, '--', name] });
  const text = code === 0 ? output : await readFile(`/etc/${table}`, 'utf8');
  const line = text.split('\n').find((one) => one.startsWith(`${name}:`));
  return line === undefined ? undefined : Number(line.split(':')[2]);
}

/** Ensures a system user with a group of its own, without a home and a shell. Its files stay when Belay lets go of it. */
export async function ensureUser(name: string): Promise<void> {
  if ((await findId('passwd', name)) !== undefined) return;
  const group = (await findId('group', name)) === undefined ? ['--user-group'] : ['--gid', name];
  const args = ['--system', '--no-create-home', '--home-dir', '/nonexistent', '--shell', '/usr/sbin/nologin', ...group];
  const { code, why } = await runProgram({ command: 'useradd', args: [...args, '--', name] });
  if (code === 0 || (await findId('passwd', name)) !== undefined) return;
  throw new BelayError('preflight-failed', `the user ${name} cannot be made: ${why}`, {
    hint: `useradd --system ${name}`,
  });
}
