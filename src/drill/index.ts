export type { Evidence, Run } from './evidence';
export { type DrillRecord, drillsOf, writeDrill } from './record';
export { endText, type Verdict, verdictLine, verdictOf } from './verdict';
