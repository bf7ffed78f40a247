export { performDrill } from './perform';
export type { Subject } from './subject';
