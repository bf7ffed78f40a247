import type { DrillRecord } from '../record';

/** The drills of one workflow. */
export interface DrillReport {
  platform: string;
  workflowId: string;
  /** ISO 8601. */
  at: string;
  drills: DrillRecord[];
  /** Services whose drill could not be done, and why. */
  undone: Array<{ service: string; why: string }>;
}
