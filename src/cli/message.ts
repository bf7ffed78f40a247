import type { Command } from 'commander';
import type { ReleaseHandle } from '../client';
import { asBelayError, BelayError, isSilence } from '../errors';
import { type Message, pausedStill } from '../model/messages';
import type { ReleaseStatus, Said } from '../model/status';
import { findRelease, withBelay } from './connect';
import { type Context, does } from './context';
import { addressed } from './events';
import { exitCodes } from './exit-codes';
import { jsonLine } from './json-lines';
import { type WhichPlatform, withPlatform } from './project';
import { whoIs, withWho } from './release-options';
import { commandsOf } from './render/waiting';
import { stepId } from './steps';

interface MessageVerb {
  message: Message;
  description: string;
  /** Effect on the release, in words. */
  done: string;
  /** The verb takes --step. */
  steps?: boolean;
  examples: string;
}

interface MessageOptions extends WhichPlatform {
  by?: string;
  reason?: string;
  step?: string;
  json?: boolean;
}

/** Registers a verb that sends one message to a running release. */
export function registerMessage(program: Command, context: Context, verb: MessageVerb): void {
  const spoken = program
    .command(verb.message)
    .argument('[id]', 'the release (default: the one that runs for the platform)');
  const command = withPlatform(withWho(spoken))
    .description(verb.description)
    .option('--json', 'one JSON object')
    .addHelpText('after', `\nExamples:\n${verb.examples}`);
  if (verb.steps)
    command.option('--step <step>', 'the step meant, by its number or id (default: every one it can mean)');
  does<MessageOptions>(command, context, (options, id) =>
    withBelay(context, async (belay) => {
      const handle = await findRelease(belay, { context, options, id });
      const said = await saidOf(context, handle, options);
      const answer = await tell(handle, verb.message, said);
      report(context, { handle, verb, answer, json: options.json });
      return exitCodes.ok;
    }),
  );
}

/** Returns the message's fields, with the step by its id: only this program knows the numbers of the rollback. */
async function saidOf(context: Context, handle: ReleaseHandle, { by, reason, step }: MessageOptions): Promise<Said> {
  const who = { by: whoIs(context, { by }), ...(reason && { reason }) };
  if (step === undefined) return who;
  return { ...who, step: stepId((await handle.status()).plan, step) };
}

/**
 * Sends a message, and ensures that the release took it; returns its answer, undefined if no worker could answer yet.
 * Throws `input-invalid` for a message that does not fit its state.
 */
export async function tell(handle: ReleaseHandle, message: Message, said: Said): Promise<string | undefined> {
  const answer = await handle.say(message, said);
  if (!answer.endsWith(': sent')) return answer;
  const status = await handle.status().catch((error: unknown) => {
    if (isSilence(asBelayError(error))) return undefined;
    throw error;
  });
  if (!status) return undefined;
  const objection = objectionTo(status, message, said);
  if (objection === undefined) return answer;
  throw new BelayError('input-invalid', `${message}: ${objection}`, { hint: wayOn(status, handle.workflowId) });
}

/** Returns the command that continues a held release, else the command that shows it. Pure. */
export function wayOn(status: Pick<ReleaseStatus, 'waiting'>, workflowId: string): string {
  const held = status.waiting.find(({ kind }) => kind === 'held');
  return held ? commandsOf(addressed(held, workflowId)).join(', or ') : `belay status ${workflowId}`;
}

/** Signals cannot be refused: the release records those that do not fit, with the reason. Pure. */
export function objectionTo(
  { heard }: Pick<ReleaseStatus, 'heard'>,
  message: Message,
  { by }: Said,
): string | undefined {
  const last = [...heard].reverse().find((one) => one.by === by && one.message.split(' ')[0] === message);
  return last?.refused;
}

interface Report {
  handle: ReleaseHandle;
  verb: MessageVerb;
  /** Undefined while no worker has answered. */
  answer?: string;
  json?: boolean;
}

function report({ terminal }: Context, { handle: { workflowId }, verb, answer, json }: Report): void {
  const { message, done } = verb;
  const heard = answer !== undefined;
  const told = answer?.endsWith(pausedStill) ? pausedStill : done;
  const text = heard ? told : 'sent; no worker answers now, and it takes effect when one does';
  const line = `${terminal.colors.green('✓')} ${message}: ${text} (${workflowId})`;
  terminal.out(json ? jsonLine('answer', { workflowId, message, heard }) : line);
}
