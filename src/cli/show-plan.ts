import type { Plan } from '../model/plan';
import type { Context } from './context';
import { jsonLine } from './json-lines';
import { planRecord } from './records';
import { renderPlan } from './render/plan';

/** Prints a plan on standard output: for people, or as one JSON object. */
export function showPlan({ terminal }: Context, plan: Plan, { json, undo }: { json?: boolean; undo?: boolean }): void {
  terminal.out(json ? jsonLine('plan', planRecord(plan)) : renderPlan(plan, { colors: terminal.colors, undo }));
}
