import type { StepKind } from '../../src/model/plan';

/** Every kind of step, for the tables of the examples. */
export const stepKinds: Record<StepKind, true> = {
  claim: true,
  preflight: true,
  proxy: true,
  publish: true,
  pull: true,
  configure: true,
  job: true,
  launch: true,
  probe: true,
  swap: true,
  weigh: true,
  switch: true,
  drain: true,
  retire: true,
  validate: true,
  soak: true,
  approve: true,
  record: true,
  warm: true,
  cleanup: true,
  drop: true,
  prune: true,
  backup: true,
  verify: true,
};
