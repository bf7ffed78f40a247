import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { Changes } from '../src/model/changes';
import { type Message, messages } from '../src/model/messages';
import type { Carried } from '../src/model/packed';
import type { ReleaseStatus, Said } from '../src/model/status';

type Signal = ReturnType<typeof defineSignal<[Said?]>>;
type Update = ReturnType<typeof defineUpdate<string, [Said?]>>;

export const signals = Object.fromEntries(messages.map((name) => [name, defineSignal<[Said?]>(name)])) as Record<
  Message,
  Signal
>;

/** The same messages with an answer. Temporal refuses an update that does not fit, and leaves no trace. */
export const updates = Object.fromEntries(
  messages.map((name) => [name, defineUpdate<string, [Said?]>(name)]),
) as Record<Message, Update>;

/** Carries the note of a running step; activities send it. */
export const progress = defineSignal<[{ step: string; note: string }]>('progress');

/** Sent by a workflow that waits for the end of this one. */
export const queued = defineSignal<[{ workflow: string }]>('queued');

/** Sent by the workflow that this one waits for, at its end; `behind` wait for this one from now on. */
export const called = defineSignal<[{ behind: string[] }]>('called');

export const status = defineQuery<Carried<ReleaseStatus>>('status');

/** Serves pollers: the answer leaves out all that they have already. */
export const changes = defineQuery<Changes, [{ since?: number }?]>('changes');
