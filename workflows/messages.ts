import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { Carried } from '../src/plan/packed';
import type { ReleaseStatus, Said } from '../src/spec/status';

/** What a person can say, each with one object; the names and sentences stand in the Web UI's menus. */
export const descriptions = {
  pause: 'Start nothing new; what runs, finishes. { by, reason }',
  resume: 'Go on after a pause. { by, reason }',
  approve: 'Let the release pass the gate it waits at. { by, reason, step }',
  reject: 'Refuse the gate it waits at: the release rolls back. { by, reason }',
  rollback: 'Stop, and go back to what ran before. { by, reason }',
  retry: 'Try a failed step again. { by, reason, step }',
  skip: 'Go on without a failed check, or without the rest of a drain or a soak. { by, reason, step }',
} as const;
export type Message = keyof typeof descriptions;

export const messages = Object.keys(descriptions) as Message[];
export const isMessage = (name: string): name is Message => messages.includes(name as Message);

export const signals = Object.fromEntries(messages.map((name) => [name, defineSignal<[Said?]>(name)])) as Record<
  Message,
  ReturnType<typeof defineSignal<[Said?]>>
>;

/** As the signals, but answered, and refused without a trace when they make no sense now. */
export const updates = Object.fromEntries(
  messages.map((name) => [name, defineUpdate<string, [Said?]>(name)]),
) as Record<Message, ReturnType<typeof defineUpdate<string, [Said?]>>>;

/** Sent by activities: what a step that runs has to say. */
export const progress = defineSignal<[{ step: string; note: string }]>('progress');

export const status = defineQuery<Carried<ReleaseStatus>>('status');
