export { junit } from './junit';
export { markdown } from './markdown';
export type { DrillReport } from './report';
