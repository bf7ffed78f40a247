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

/** As the signals, but answered, and refused without a trace when they make no sense now. */
export const updates = Object.fromEntries(
  messages.map((name) => [name, defineUpdate<string, [Said?]>(name)]),
) as Record<Message, Update>;

/** Sent by activities: what a step that runs has to say. */
export const progress = defineSignal<[{ step: string; note: string }]>('progress');

export const status = defineQuery<Carried<ReleaseStatus>>('status');

/** For those that ask again and again: what they know already is not sent anew. */
export const changes = defineQuery<Changes, [{ since?: number }?]>('changes');
