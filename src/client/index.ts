export { type Belay, connectBelay } from './belay';
export type { ReleaseHandle } from './handle';
