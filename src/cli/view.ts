import type { ReleaseStatus } from '../model/status';
import type { Event, Wait } from './events';

/** View of a running release. */
export interface View {
  event(event: Event): void;
  /** The state after these events; a live view draws it. */
  frame?(status: ReleaseStatus): void;
  /** No worker answers; called once until one does. */
  away(wait: Wait): void;
  /** The worker answers again, with this state, and the state before. */
  back(status: ReleaseStatus, before?: ReleaseStatus): void;
  /** Stops drawing; keeps or wipes the last frame. */
  end(how: { keep: boolean }): void;
}
