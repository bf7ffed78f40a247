export { type Belay, connectBelay, type Found } from './belay';
export type { ReleaseHandle } from './handle';
