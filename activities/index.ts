import { claim } from './claim';
import { cleanup } from './cleanup';
import { configure } from './configure';
import type { Deps } from './deps';
import { drain } from './drain';
import { drop } from './drop';
import { inspect } from './inspect';
import { launch } from './launch';
import { plan } from './plan';
import { planDrop } from './plan-drop';
import { planPrune } from './plan-prune';
import { planRetire } from './plan-retire';
import { planRollback } from './plan-rollback';
import { preflight } from './preflight';
import { probe } from './probe';
import { proxy } from './proxy';
import { prune } from './prune';
import { publish } from './publish';
import { pull } from './pull';
import { record } from './record';
import { retire } from './retire';
import { swap } from './swap';
import { switchTo } from './switch';
import { travelling } from './travelling';
import { validate } from './validate';
import { weigh } from './weigh';

export type { Deps, StepInput, StepResult } from './deps';

/** One activity a kind of step, under the step's own name, and those that make plans. */
export const createActivities = (deps: Deps) => ({
  plan: travelling(plan(deps)),
  planRollback: travelling(planRollback(deps)),
  planRetire: travelling(planRetire(deps)),
  planDrop: travelling(planDrop(deps)),
  planPrune: travelling(planPrune(deps)),
  inspect: inspect(deps),
  claim: claim(deps),
  preflight: preflight(deps),
  proxy: proxy(deps),
  publish: publish(deps),
  pull: pull(deps),
  configure: configure(deps),
  launch: launch(deps),
  probe: probe(deps),
  swap: swap(deps),
  weigh: weigh(deps),
  switch: switchTo(deps),
  drain: drain(deps),
  retire: retire(deps),
  validate: validate(deps),
  record: record(deps),
  cleanup: cleanup(deps),
  drop: drop(deps),
  prune: prune(deps),
});
export type Activities = ReturnType<typeof createActivities>;
