import { BelayError } from '../../errors';
import { poll } from '../../poll';
import { type Place, toolsOf } from './tool';

interface OwnLog extends Place {
  /** The folder of the server's files. */
  folder: string;
  signal: AbortSignal;
}

/**
 * Ensures that an append-only file of the stopped Redis holds what its snapshot holds. A server with such a file ignores
 * the snapshot, so another one loads the snapshot alone, and writes the file anew.
 */
export async function ownLog(asked: OwnLog): Promise<void> {
  const { containers, container, folder, signal } = asked;
  const found = await containers.find(container);
  if (!found || !(await hasLog(asked))) return;
  const name = `${container}-belay-restore`;
  const helper = { ...asked, container: name };
  await containers.discard(name);
  try {
    await containers.create(name, {
      Image: found.image,
      Cmd: ['redis-server', '--dir', folder, '--appendonly', 'no', '--save', ''],
      Labels: { 'belay.restore': container },
      HostConfig: { VolumesFrom: [container], NetworkMode: 'none' },
    });
    await containers.start(name);
    await untilSays(helper, 'loading:0');
    await say(helper, ['CONFIG', 'SET', 'appendonly', 'yes']);
    await untilSays(helper, 'aof_rewrite_scheduled:0', 'aof_rewrite_in_progress:0', 'aof_last_bgrewrite_status:ok');
    await say(helper, ['SHUTDOWN', 'NOSAVE']).catch(() => undefined); // Its connection ends with it.
    await poll({ until: async () => !(await containers.find(name))?.running, every: 50, within: 30_000, signal });
  } finally {
    await containers.discard(name);
  }
}

const hasLog = async ({ containers, container, folder, signal }: OwnLog): Promise<boolean> => {
  for (const name of ['appendonlydir', 'appendonly.aof']) {
    if (await containers.has({ container, path: `${folder}/${name}`, signal })) return true;
  }
  return false;
};

async function untilSays(helper: OwnLog, ...words: string[]): Promise<void> {
  const { containers, container, signal } = helper;
  const says = async () => {
    const text = await say(helper, ['INFO', 'persistence']).catch(() => '');
    return (
      words.every((word) => text.includes(word)) || ((await containers.find(container))?.running ? false : 'ended')
    );
  };
  const said = await poll({ until: says, every: 100, within: 600_000, signal });
  if (said === true) return;
  throw new BelayError(
    'backup-failed',
    `Redis does not load the snapshot:\n${await containers.logTail(container, 5)}`,
    {
      hint: 'see that the snapshot is of this version of Redis, or an earlier one',
    },
  );
}

const say = (helper: OwnLog, words: string[]): Promise<string> =>
  toolsOf(helper).text({
    argv: ['redis-cli', ...words],
    signal: helper.signal,
    what: `${words[0]} failed`,
  });
