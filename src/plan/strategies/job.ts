import type { StrategyGraph } from '../graph';

/** A service whose only run is its job: no instance of it stays. */
export const job = (): StrategyGraph => ({ steps: [], undo: [], entered: [], kept: [] });
