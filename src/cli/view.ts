import type { ReleaseStatus } from '../model/status';
import type { Event, Wait } from './events';

/** How a release is shown while it goes on. */
export interface View {
  event(event: Event): void;
  /** The state after these events; a view that draws, draws it. */
  frame?(status: ReleaseStatus): void;
  /** Nobody answers; told once until somebody does. */
  away(wait: Wait): void;
  /** Somebody answers again, of a release that stands so, and stood so before. */
  back(status: ReleaseStatus, before?: ReleaseStatus): void;
  /** Draws no more; what is drawn is kept for people to read, or wiped. */
  end(how: { keep: boolean }): void;
}
