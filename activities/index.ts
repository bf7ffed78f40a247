import type { Deps } from '../src/host';
import { inspect } from './inspect';
import { planBackup } from './planning/backup';
import { planDrill } from './planning/drill';
import { planDrop } from './planning/drop';
import { knownHere } from './planning/known-here';
import { planPrune } from './planning/prune';
import { plan } from './planning/release';
import { planRestore } from './planning/restore';
import { planRetire } from './planning/retire';
import { planRollback } from './planning/rollback';
import { backup } from './steps/backup';
import { claim } from './steps/claim';
import { cleanup } from './steps/cleanup';
import { config } from './steps/config';
import { configure } from './steps/configure';
import { drain } from './steps/drain';
import { drill } from './steps/drill';
import { drop } from './steps/drop';
import { halt } from './steps/halt';
import { job } from './steps/job';
import { launch } from './steps/launch';
import { preflight } from './steps/preflight';
import { probe } from './steps/probe';
import { proxy } from './steps/proxy';
import { prune } from './steps/prune';
import { publish } from './steps/publish';
import { pull } from './steps/pull';
import { record } from './steps/record';
import { restore } from './steps/restore';
import { resume } from './steps/resume';
import { retire } from './steps/retire';
import { swap } from './steps/swap';
import { switchTo } from './steps/switch';
import { validate } from './steps/validate';
import { verify } from './steps/verify';
import { weigh } from './steps/weigh';
import { travelling } from './travelling';

export type { Deps, StepInput, StepResult } from '../src/host';

/** Creates one activity per kind of step, under the step's own name, and those that make plans. */
export const createActivities = (deps: Deps) => ({
  plan: travelling(knownHere(deps, plan(deps))),
  planRollback: travelling(knownHere(deps, planRollback(deps))),
  planRetire: travelling(knownHere(deps, planRetire(deps))),
  planDrop: travelling(knownHere(deps, planDrop(deps))),
  planPrune: travelling(knownHere(deps, planPrune(deps))),
  planBackup: travelling(knownHere(deps, planBackup(deps))),
  planDrill: travelling(knownHere(deps, planDrill(deps))),
  planRestore: travelling(knownHere(deps, planRestore(deps))),
  inspect: inspect(deps),
  claim: claim(deps),
  preflight: preflight(deps),
  proxy: proxy(deps),
  publish: publish(deps),
  pull: pull(deps),
  config: config(deps),
  configure: configure(deps),
  job: job(deps),
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
  backup: backup(deps),
  verify: verify(deps),
  drill: drill(deps),
  halt: halt(deps),
  resume: resume(deps),
  restore: restore(deps),
});
export type Activities = ReturnType<typeof createActivities>;
