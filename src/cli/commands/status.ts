import type { Command } from 'commander';
import type { Found, ReleaseHandle } from '../../client';
import type { WatchState } from '../../client/watches';
import { asBelayError } from '../../errors';
import { kindOf } from '../../model/messages';
import type { ReleaseStatus } from '../../model/status';
import { findRelease, withBelay } from '../connect';
import { type Context, does } from '../context';
import { exitCodes } from '../exit-codes';
import { followCommand } from '../follow-command';
import { jsonLine } from '../json-lines';
import { type WhichPlatform, withPlatform } from '../project';
import { statusRecord } from '../records';
import { renderStatus } from '../render/status';
import { renderWatch } from '../render/watch';
import { aborted } from '../serve/stop-signal';
import { type Watch, watchesOf } from '../watches';
import { wayOut } from '../way-out';
import { startLink, webUiLink } from '../web-ui';

interface StatusOptions extends WhichPlatform {
  follow?: boolean;
  json?: boolean;
}

/** Registers `belay status`: shows a release's progress, and its waits. */
export function registerStatus(program: Command, context: Context): void {
  const status = program
    .command('status')
    .argument('[id]', 'the release (default: the one that runs for the platform, else the latest)');
  const command = withPlatform(status)
    .description('show how far a release is, and what it waits for')
    .option('--follow', 'stay to its end; the exit code is that of belay release')
    .option('--json', 'one JSON object; with --follow one a line')
    .addHelpText('after', examples);
  does<StatusOptions>(command, context, (options, id) =>
    withBelay(context, async (belay) => {
      if (id?.startsWith('watch/')) return tellWatch(context, id, { ...(await belay.watched(id)), json: options.json });
      const handle = await findRelease(belay, { context, options, id, ended: true });
      if (options.follow) return await watch(context, handle, options);
      return await show(context, handle, { watches: (status) => watchesOf(belay, status), json: options.json });
    }),
  );
}

const examples = `
Examples:
  belay status                       the platform of this folder
  belay status --follow              stay until it ends
  belay status --env staging         an environment of it
  belay status release/shop/…        a release by its id
  belay status watch/shop/…          a watch that goes on measuring it`;

/** A watch over a closed release has no steps. */
function tellWatch(
  { terminal }: Context,
  workflowId: string,
  { json, ...state }: WatchState & Pick<StatusOptions, 'json'>,
): number {
  terminal.out(json ? jsonLine('watch', { workflowId, ...state }) : renderWatch(workflowId, state, terminal.colors));
  return exitCodes.ok;
}

interface Shown extends Pick<StatusOptions, 'json'> {
  watches(status: ReleaseStatus): Promise<Watch[]>;
}

async function show(context: Context, handle: Found, { json, watches: watchesIn }: Shown): Promise<number> {
  const status = await handle.status();
  const { workflowId, unbegun } = handle;
  const startUrl = await startLink(context, { ...status, handle });
  const about = { workflowId, url: webUiLink(context, workflowId), startUrl, unbegun };
  const { terminal } = context;
  const [missing, watches] = await Promise.all([shortagesOf(context, status), watchesIn(status)]);
  terminal.out(
    json
      ? jsonLine('status', statusRecord(status, { ...about, missing, watches }))
      : renderStatus(status, { ...about, missing, watches, colors: terminal.colors, now: Date.now() }),
  );
  return exitCodes.ok;
}

/** Only an ended release has shortages. Only its own host knows them, and only for users who may read the ledger. */
async function shortagesOf({ env }: Context, { phase, platform }: ReleaseStatus): Promise<string[]> {
  if (phase !== 'closed' || platform === '*') return [];
  const { shortagesHere } = require('../shortages') as typeof import('../shortages');
  const found = await shortagesHere(env, platform).catch(() => []);
  return found.map((one) => `${one.text}; ${wayOut(one)}`);
}

/** A wrong id fails at once; an absent worker is waited for. */
async function watch(context: Context, handle: ReleaseHandle, { json }: StatusOptions): Promise<number> {
  const status = await Promise.race([
    handle.status().catch((error: unknown) => {
      if (asBelayError(error).code === 'input-invalid') throw error;
      return undefined;
    }),
    aborted(context.interrupted),
  ]);
  const kind = status?.kind ?? kindOf(handle.workflowId);
  return await followCommand(context, { handle, kind, json });
}
