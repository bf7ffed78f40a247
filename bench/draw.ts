import { type StepTimes, startOf } from './timeline';

const width = 48;

/**
 * Returns the steps of a part of a release, one a line. Each has its start, its wait after the last need, its duration
 * and its place. Steps beside that part are left out.
 */
export function drawTimeline(times: StepTimes[], { began, ended }: { began: number; ended: number }): string {
  const at = (time: number) => Math.round(((Math.min(Math.max(time, began), ended) - began) / (ended - began)) * width);
  const ends = new Map(times.map(({ step, ended }) => [step.id, ended]));
  const within = times.filter((one) => one.ended > began && one.started < ended);
  const sorted = within.sort((a, b) => a.started - b.started);
  const lines = sorted.map((one) => {
    const { step, started, ended: end } = one;
    const after = started - startOf(one, ends, began);
    const bar = ' '.repeat(at(started)) + '█'.repeat(Math.max(1, at(end) - at(started)));
    return `${seconds(started - began)} ${milliseconds(after)} ${milliseconds(end - started)}  ${step.id.padEnd(42)} ${bar}`;
  });
  const head = `${'at'.padStart(6)} ${'waited'.padStart(9)} ${'took'.padStart(9)}  step`;
  return [head, ...lines, `${seconds(ended - began)} the end`].join('\n');
}

const seconds = (time: number): string => (time / 1000).toFixed(2).padStart(6);
const milliseconds = (time: number): string => `${time.toFixed(0).padStart(6)} ms`;
