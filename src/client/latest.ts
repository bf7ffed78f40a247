import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import type { ReleaseStatus, StepStatus } from '../model/status';
import { createHandle } from './handle';
import { openOnly } from './paused';

/** The release, rollback or drop that shows a platform's state. */
export interface Latest {
  workflowId: string;
  /** Later releases that ended before their first step: they changed nothing. */
  unbegun: Unbegun[];
}

/** A release that ended before its first step. */
export interface Unbegun {
  workflowId: string;
  /** How it ended: `was refused: its input is wrong`. */
  end: string;
}

const ours = 'WorkflowType IN ("release", "rollback", "drop")';
const about = (platform: string): string => `BelayPlatform = ${quoted(platform)} AND ${ours}`;
/** An unchanged release had nothing to do. A release that Temporal ended could not tell its outcome. */
const ended =
  '((BelayOutcome IS NOT NULL AND BelayOutcome != "unchanged") OR (BelayOutcome IS NULL AND ExecutionStatus IN ("Terminated", "TimedOut")))';
/** A plan names services; a release without a plan has none. */
const planned = 'BelayServices IS NOT NULL';
const unplanned = 'BelayServices IS NULL';

/** Number of releases to look at, those that ended last. */
const most = 5;

/** Returns the open release; of several, the one started last. */
export const openOf = (client: Client, platform: string): Promise<Latest | undefined> =>
  openOnly(async (open) => {
    const [one] = await listed(client, `${about(platform)} AND ${open}`, 1);
    return one && { workflowId: one.workflowId, unbegun: [] };
  });

/**
 * Returns the last release that changed something, whatever ended later without a first step. If none ever began a
 * step, returns the last one whose platform was known.
 */
export async function endedOf(client: Client, platform: string): Promise<Latest | undefined> {
  const query = `${about(platform)} AND ${ended}`;
  const found = await listed(client, `${query} AND ${planned}`, most);
  const idle = await idleBefore(client, found);
  const last = found[idle.length];
  if (!last) return await refusedLast(client, query);
  const since = `CloseTime > ${quoted(last.closeTime!.toISOString())}`;
  const later = await listed(client, `${query} AND ${unplanned} AND ${since}`, most);
  const unbegun = await Promise.all([...later, ...idle].map((one) => unbegunOf(client, one)));
  return { workflowId: last.workflowId, unbegun };
}

/** Returns the platforms that had a release or another change, by name. */
export async function platformsOf(client: Client): Promise<string[]> {
  const names = new Set<string>();
  for (;;) {
    const before = names.size;
    const others = names.size === 0 ? '' : ` AND BelayPlatform NOT IN (${[...names].map(quoted).join(', ')})`;
    const found = await listed(client, `${ours} AND ${planned} AND BelayPlatform IS NOT NULL${others}`, 100);
    for (const { searchAttributes } of found) names.add(String(searchAttributes.BelayPlatform?.[0]));
    if (names.size === before) return [...names].sort();
  }
}

/** Returns the newest releases that had a plan and began no step of it. */
async function idleBefore(client: Client, found: WorkflowExecutionInfo[]): Promise<WorkflowExecutionInfo[]> {
  const idle: WorkflowExecutionInfo[] = [];
  for (const [index, one] of found.slice(0, -1).entries()) {
    const isOvertaken = one.startTime < found[index + 1]!.closeTime!;
    if (!isOvertaken || (await hasBegun(client, one.workflowId))) break;
    idle.push(one);
  }
  return idle;
}

/** An unknown release counts as begun. */
const hasBegun = (client: Client, workflowId: string): Promise<boolean> =>
  createHandle(client, workflowId)
    .status()
    .then(isBegun, () => true);

/** Pure. */
export const isBegun = ({ steps }: Pick<ReleaseStatus, 'steps'>): boolean => Object.values(steps).some(hasChanged);

/** A step that was refused, or failed before any change, leaves nothing behind. */
const hasChanged = ({ startedAt, state, failure }: StepStatus): boolean =>
  startedAt !== undefined &&
  !(state === 'failed' && (failure?.untouched || ['fence-stale', 'held-by-another'].includes(failure?.code ?? '')));

async function refusedLast(client: Client, query: string): Promise<Latest | undefined> {
  const [one] = await listed(client, query, 1);
  if (!one) return undefined;
  const code = await refusalOf(client, one.workflowId);
  return code === 'platform-unknown' ? undefined : { workflowId: one.workflowId, unbegun: [] };
}

/** Returns the code of the error that kept a release from its plan; undefined for another end. */
const refusalOf = (client: Client, workflowId: string): Promise<string | undefined> =>
  createHandle(client, workflowId)
    .result()
    .then(
      () => undefined,
      (error: { code?: string }) => error.code,
    );

async function unbegunOf(client: Client, { workflowId, status, searchAttributes }: Listed): Promise<Unbegun> {
  const outcome = String(searchAttributes.BelayOutcome?.[0] ?? status.name.toLowerCase());
  const code = outcome === 'failed' ? await refusalOf(client, workflowId) : undefined;
  return { workflowId, end: unbegunText(outcome, code) };
}

type Listed = Pick<WorkflowExecutionInfo, 'workflowId' | 'status' | 'searchAttributes'>;

/** Pure. */
export function unbegunText(outcome: string, code?: string): string {
  if (code === 'input-invalid') return 'was refused: its input is wrong';
  if (code !== undefined) return 'was refused before it started';
  const ends: Record<string, string> = { failed: 'failed', timed_out: 'timed out' };
  return `${ends[outcome] ?? `was ${outcome.replaceAll('-', ' ')}`} before it started`;
}

/** Temporal lists the latest end first. */
async function listed(client: Client, query: string, limit: number): Promise<WorkflowExecutionInfo[]> {
  const found: WorkflowExecutionInfo[] = [];
  for await (const one of client.workflow.list({ query, pageSize: limit })) {
    found.push(one);
    if (found.length === limit) break;
  }
  return found;
}

const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;
