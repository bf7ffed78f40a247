import { BelayError } from '../../errors';
import { docker, dockerKeys } from './docker';
import type { RuntimeCapabilities, RuntimeKind } from './kind';
import { systemd, systemdKeys } from './systemd';

export type { RuntimeCapabilities } from './kind';

/** The keys of a service by its kind of runtime. A new kind is a file here, and a line in both lists. */
export const runtimeKeys = { docker: dockerKeys, systemd: systemdKeys };

export type RuntimeKindName = keyof typeof runtimeKeys;

const kinds: Record<RuntimeKindName, RuntimeKind> = { docker, systemd };

export const runtimeKinds = Object.keys(kinds) as RuntimeKindName[];

/** The runtime of a service that names none, in a spec and in a record. */
export const usualRuntime: RuntimeKindName = 'docker';

/** Throws `ledger-newer` where this Belay does not have the kind. */
export function runtimeCapabilities(kind: RuntimeKindName): RuntimeCapabilities {
  if (Object.hasOwn(kinds, kind)) return kinds[kind].capabilities;
  throw new BelayError('ledger-newer', `this Belay knows no runtime ${kind}: a newer one has written it down`, {
    hint: 'upgrade the worker and the command on this host to that version, or a later one: belay --version',
  });
}
