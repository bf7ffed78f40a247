import type { ReleaseHandle } from '../client';
import { asBelayError, type BelayError, isSilence } from '../errors';
import { reachedBy } from '../model/reached';
import type { ReleaseResult, ReleaseStatus } from '../model/status';
import type { Context } from './context';
import { interruption } from './dry-run';
import { changes, type Event, type Wait } from './events';
import { exitCodeOfResult, exitCodes } from './exit-codes';
import { follow } from './follow';
import { hintLine } from './format-error';
import { jsonLine } from './json-lines';
import type { View } from './view';
import { eventLine, jsonView } from './view/json';
import { eventText, plainView } from './view/plain';
import { startLink, webUiLink } from './web-ui';

export interface Following {
  handle: ReleaseHandle;
  kind: ReleaseStatus['kind'];
  json?: boolean;
  untilHeld?: boolean;
}

/** Starts a workflow, and follows it or prints how to return to it; returns the exit code. */
export async function attend(
  context: Context,
  { start, detach, ...options }: Omit<Following, 'handle'> & { start(): Promise<ReleaseHandle>; detach?: boolean },
): Promise<number> {
  // From here on Ctrl-C waits for the id of the workflow that goes on.
  if (context.interrupted.aborted) throw interruption();
  const following = { ...options, handle: await start() };
  if (!detach) return await followCommand(context, following);
  sayStarted(context, following);
  return exitCodes.ok;
}

/** Shows a release to its end, or until Ctrl-C, and returns the exit code. */
export async function followCommand(context: Context, { handle, kind, json, untilHeld }: Following): Promise<number> {
  const { workflowId } = handle;
  const view = viewFor(context, workflowId, json);
  let seen: ReleaseStatus | undefined;
  let introduced = false;
  const show = (status: ReleaseStatus) => {
    for (const event of changes(seen, status)) tell(event);
    seen = status;
    view.frame?.(status);
  };
  const end = await follow({
    handle,
    interrupted: context.interrupted,
    untilHeld,
    watcher: {
      status: show,
      away(error) {
        introduce();
        view.away(absence(error, seen?.kind ?? kind));
      },
      back: (status) => view.back(status, seen),
    },
  }).catch((error: unknown) => {
    // The release may go on, so the operator needs its id.
    if (asBelayError(error).code === 'unexpected') introduce();
    view.end({ keep: false });
    throw error;
  });
  introduce();
  if (end.kind === 'ended') return await conclude(end.result);
  view.end({ keep: true });
  if (end.kind === 'detached') sayDetached(context, workflowId, json);
  return end.kind === 'held' ? exitCodes.held : exitCodes.ok;

  function tell(event: Event): void {
    introduce();
    view.event(event);
  }

  /** The introduction waits for the first news: a refused release has never begun. */
  function introduce(): void {
    if (!introduced) view.event({ type: 'started', kind, workflowId, url: webUiLink(context, workflowId) });
    introduced = true;
  }

  async function conclude(ended: ReleaseResult): Promise<number> {
    // Only the status still knows where a cancelled one has led.
    const result = ended.outcome === 'cancelled' && seen ? { ...ended, ...reachedBy(seen, ended.outcome) } : ended;
    const exitCode = exitCodeOfResult(result);
    const seenKind = seen?.kind ?? kind;
    const unplanned = seen !== undefined && seen.plan === undefined;
    const startUrl = await startLink(context, { handle, kind: seenKind, outcome: result.outcome });
    view.event({ type: 'outcome', result, kind: seenKind, exitCode, unplanned, startUrl });
    view.end({ keep: false });
    return exitCode;
  }
}

/** No worker answers now. A mistyped id, or a paused workflow, is an error instead. */
function absence(error: BelayError, kind: ReleaseStatus['kind']): Wait {
  const { message, hint = 'belay doctor' } = error;
  const more = `the ${kind} goes on where it stands once a worker answers; Ctrl-C only ends the display`;
  return { kind: 'worker', text: isSilence(error) ? `${message}\n${more}` : message, command: hint };
}

function sayDetached({ terminal }: Context, workflowId: string, json = false): void {
  if (json) terminal.out(jsonLine('detached', { workflowId, command: wayBack(workflowId) }));
  else terminal.error(`${workflowId} goes on\n${hintLine(wayBack(workflowId))}`);
}

/** Returns the command that shows the release again. */
const wayBack = (workflowId: string): string => `belay status --follow ${workflowId}`;

/** Prints the started workflow and the command that follows it. */
function sayStarted(context: Context, { handle: { workflowId }, kind, json }: Following): void {
  const started = { type: 'started' as const, kind, workflowId, url: webUiLink(context, workflowId) };
  const { terminal } = context;
  if (json) terminal.out(eventLine(started, workflowId));
  else
    terminal.out(
      `${eventText(started, { workflowId, colors: terminal.colors, now: 0 })}\n${hintLine(wayBack(workflowId))}`,
    );
}

function viewFor({ terminal }: Context, workflowId: string, json = false): View {
  if (json) return jsonView(terminal, workflowId);
  if (!terminal.live) return plainView(terminal, workflowId);
  const { liveView } = require('./view/live') as typeof import('./view/live');
  return liveView(terminal, workflowId);
}
