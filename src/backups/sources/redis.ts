import { BelayError } from '../../errors';
import type { RedisBackup } from '../../spec/backups/redis';
import type { Scratch } from '../scratch';
import type { Bytes, RestoreOptions, Source } from '../source';
import { archiveOf, folderIn } from './archive';
import { ownLog } from './redis-log';
import { type Place, readBy, runningContainer, toolsOf, variableOf } from './tool';

/** All databases of a Redis: the snapshot that a replica would get, by `redis-cli` in its own container. */
export function redisSource(asked: RedisBackup, place: Place): Source {
  const tools = toolsOf(place);
  const access = async (signal: AbortSignal) => {
    const container = await runningContainer(place);
    const password =
      place.password ?? (await variableOf(container, ['REDISCLI_AUTH', 'REDIS_PASSWORD'], readBy(place, signal)));
    return { image: container.image, env: password ? { REDISCLI_AUTH: password } : undefined };
  };
  const command = async (words: string[], signal: AbortSignal) => {
    const { env } = await access(signal);
    // -e: an error that the server answers ends the program with 1.
    return await tools.text({ argv: ['redis-cli', '-e', ...words], env, signal, what: `${words[0]} failed` });
  };
  /** Undefined where this user may not ask. */
  const setting = async (name: string, signal: AbortSignal) =>
    (await command(['CONFIG', 'GET', name], signal).catch(() => '')).trimEnd().split('\n')[1];
  return {
    kind: 'redis',
    restores: 'stopped',
    async facts(signal) {
      const { image } = await access(signal);
      const info = await command(['INFO', 'server'], signal);
      await assertLoaded(asked, (name) => setting(name, signal));
      const server = /^redis_version:(\S+)/m.exec(info)?.[1] ?? 'unknown';
      return { tools: { server }, extension: 'rdb', compressed: false, image };
    },
    async *dump(signal) {
      const { env } = await access(signal);
      yield* tools.run({ argv: ['redis-cli', '--rdb', '-'], env, signal, what: 'the snapshot failed' });
    },
    restore: (data, how) => restore(asked, place, data, how),
    async ask(question = 'DBSIZE', signal) {
      const answer = (await command(question.split(/\s+/), signal)).trimEnd().split('\n');
      return { rows: answer.length, first: answer[0] };
    },
  };
}

/** Refuses a server that would never load the file that a restore writes. */
async function assertLoaded(
  { data }: RedisBackup,
  setting: (name: string) => Promise<string | undefined>,
): Promise<void> {
  const { folder = data, file = snapshot } = { folder: await setting('dir'), file: await setting('dbfilename') };
  if (folder !== data)
    throw new BelayError('preflight-failed', `this Redis keeps its files in ${folder}, and not in ${data}`, {
      hint: `write redis: { data: ${folder} } in belay.yaml`,
    });
  if (file !== snapshot)
    throw new BelayError('preflight-failed', `this Redis loads ${file}, and a restore writes ${snapshot}`, {
      hint: `take dbfilename out of its settings, or back up its folder: volume: { path: ${data} }`,
    });
}

const snapshot = 'dump.rdb';

/** A server of the same image, without a password, that loads the snapshot at its start. */
export function redisScratch(asked: RedisBackup): Scratch<RedisBackup> {
  return {
    asked,
    options: {},
    isReady: (place, signal) =>
      redisSource(asked, place)
        .ask('PING', signal)
        .then(Boolean, () => false),
  };
}

/** Writes the snapshot where the next start loads it. A server with an append-only file would load that instead. */
async function restore(
  asked: RedisBackup,
  place: Place,
  data: Bytes,
  { bytes, signal }: RestoreOptions,
): Promise<void> {
  const { containers, container } = place;
  if ((await containers.find(container))?.running) {
    throw new BelayError('input-invalid', `${container} runs: a Redis loads a snapshot only when it starts`, {
      hint: `stop it first: docker stop ${container}`,
    });
  }
  const folder = { container, path: asked.data, signal };
  const { uid, gid } = await folderIn(containers.read({ ...folder, path: `${asked.data}/.` }));
  await containers.write(folder, archiveOf(data, { name: snapshot, mode: 0o600, size: bytes, uid, gid }));
  await ownLog({ ...place, folder: asked.data, signal });
}
