import { type Backup, backupKinds, kindsOfTheMachine } from '../backups';
import type { Path, Problem } from '../problem';
import { didYouMean } from '../sentences';
import type { ServiceContext } from '.';

/** Problems of a service's backups. */
export function backupRefusals({ spec, service, path }: ServiceContext): Problem[] {
  return service.backup.flatMap((one, index) => {
    const at: Path = [...path, 'backup', index];
    const isTwice = service.backup.findIndex((other) => thingOf(other) === thingOf(one)) < index;
    return [
      ...(spec.backups ? [] : [noPlace(at)]),
      ...(isTwice
        ? [{ path: at, message: 'is of the same thing as another one', hint: 'leave one of the two out' }]
        : []),
      ...unknownWriters(one, { at, known: Object.keys(spec.services) }),
      ...(service.runtime === 'systemd' ? noContainer(one, at) : []),
      ...(spec.backups ? unreadable(one, { at, identity: spec.backups.identity }) : []),
    ];
  });
}

const noPlace = (path: Path): Problem => ({
  path,
  message: 'has no place to go to',
  hint: 'write backups: { folder: /srv/backups } beside services',
  reads: [['backups']],
});

function noContainer(one: Backup, at: Path): Problem[] {
  const kind = kindOf(one);
  if (kindsOfTheMachine.includes(kind)) return [];
  const message = 'is read in a container, and this service is a unit';
  return [{ path: [...at, kind], atKey: true, message, hint: `write ${kindsOfTheMachine.join(' or ')} instead` }];
}

function unknownWriters({ writers = [] }: Backup, { at, known }: { at: Path; known: string[] }): Problem[] {
  return writers.flatMap((name, index): Problem[] => {
    if (known.includes(name)) return [];
    const meant = didYouMean(name, known);
    const hint = meant ? `did you mean ${meant}?` : `the services are ${known.join(', ')}`;
    return [{ path: [...at, 'writers', index], message: `there is no service ${name}`, hint }];
  });
}

function unreadable({ encrypt, verify }: Backup, { at, identity }: { at: Path; identity?: string }): Problem[] {
  if (encrypt.length === 0 || !verify || identity !== undefined) return [];
  const message = 'cannot read what encrypt has closed';
  const hint = 'write the file of an identity of age in backups, as identity: /root/age.txt; or leave verify out';
  return [{ path: [...at, 'verify'], atKey: true, message, hint, reads: [['backups', 'identity']] }];
}

const kindOf = (one: Backup) => backupKinds.find((kind) => one[kind] !== undefined)!;
const thingOf = (one: Backup): string => JSON.stringify([kindOf(one), one[kindOf(one)]]);
