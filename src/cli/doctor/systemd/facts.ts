import type { Listener } from '../../systemd/listeners';
import type { Unit } from '../../systemd/unit';
import type { BootChain } from './boot';
import type { Exposure } from './exposure';
import type { Firewall } from './firewall';
import type { FileMode } from './modes';

/** What a spec says of a service that systemd runs, as far as checks go by it. */
export interface UnitService {
  name: string;
  /** Its units; those that a template may have. */
  units: string[];
  /** How many of them run between releases. */
  instances: number;
  /** True if Belay installs the unit's file. */
  installed: boolean;
  /** Path at which Belay installs the artifact; %i in it is the instance. */
  install?: string;
  /** Milliseconds that requests in flight may take. */
  drainDeadline: number;
  /** Milliseconds to stop in, which a release sets; absent: the unit's own. */
  stopGrace?: number;
  /** True if a check says when an instance is ready. */
  hasReady: boolean;
}

/** All that the checks of one unit go by. */
export interface UnitFacts {
  service: UnitService;
  unit: Unit;
  /** The unit's file with its drop-ins. */
  text: string;
  /** Path that a symbolic link in place of the unit's file leads to. */
  linkedTo?: string;
  boot: BootChain;
  /** Users and groups of the unit that this machine does not have. */
  unknown: { users: string[]; groups: string[] };
  files: FileMode[];
  /** Undefined if they cannot be seen. */
  listeners?: Listener[];
  firewall: Firewall;
  exposure?: Exposure;
}
