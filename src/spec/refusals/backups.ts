import { type Backup, kindsOfTheMachine, partOf, wordOf } from '../backups';
import type { Path, Problem } from '../problem';
import { didYouMean } from '../sentences';
import type { ServiceContext } from '.';

/** Problems of a service's backups. */
export function backupRefusals({ spec, composed, service, path }: ServiceContext): Problem[] {
  const all = Object.entries(spec.services).flatMap(([name, { backup }]) => backup.map((one) => ({ name, one })));
  return service.backup.flatMap((one, index) => {
    const at: Path = [...path, 'backup', index];
    const name = String(path.at(-1));
    const first = all.find((other) => rowOf(other) === rowOf({ name, one }))!;
    const isTwice = first.name !== name || service.backup.indexOf(first.one) < index;
    return [
      ...(spec.backups ? [] : [noPlace(at)]),
      ...(isTwice ? [twice(at, thingOf(first) === thingOf({ name, one }))] : []),
      ...(service.runtime === 'systemd' && one.service === undefined ? noContainer(one, at) : []),
      ...unknownService(one, { at, known: [...(composed ?? []), ...Object.keys(spec.services)] }),
      ...unknownWriters(one, { at, known: Object.keys(spec.services) }),
      ...unasked(one, at),
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

/** Names that differ in signs alone would lead to one folder of the store. */
const twice = (path: Path, isSame: boolean): Problem =>
  isSame
    ? { path, message: 'is of the same thing as another one', hint: 'leave one of the two out' }
    : {
        path,
        message: 'has the same folder in the store as another one, as their names differ in signs alone',
        hint: 'give one another name, or back up a folder above both',
      };

function noContainer(one: Backup, at: Path): Problem[] {
  const { kind } = partOf(one);
  if (kindsOfTheMachine.includes(kind)) return [];
  const message = 'is read in a container, and this service is a unit';
  return [{ path: [...at, kind], atKey: true, message, hint: `write ${kindsOfTheMachine.join(' or ')} instead` }];
}

function unknownService({ service }: Backup, { at, known }: { at: Path; known: string[] }): Problem[] {
  if (service === undefined || known.includes(service)) return [];
  const meant = didYouMean(service, known);
  const hint = meant ? `did you mean ${meant}?` : `write one of ${known.join(', ')}`;
  return [{ path: [...at, 'service'], message: `there is no service ${service}`, hint }];
}

function unknownWriters({ writers = [] }: Backup, { at, known }: { at: Path; known: string[] }): Problem[] {
  return writers.flatMap((name, index): Problem[] => {
    if (known.includes(name)) return [];
    const meant = didYouMean(name, known);
    const hint = meant ? `did you mean ${meant}?` : `the services are ${known.join(', ')}`;
    return [{ path: [...at, 'writers', index], message: `there is no service ${name}`, hint }];
  });
}

/** Files are counted, and answer no question. */
function unasked(one: Backup, at: Path): Problem[] {
  const { kind } = partOf(one);
  if (one.verify?.query === undefined || !kindsOfTheMachine.includes(kind)) return [];
  const message = 'asks files, which are only read and counted';
  return [{ path: [...at, 'verify', 'query'], atKey: true, message, hint: 'write verify: {}' }];
}

function unreadable({ encrypt, verify }: Backup, { at, identity }: { at: Path; identity?: string }): Problem[] {
  if (encrypt.length === 0 || !verify || identity !== undefined) return [];
  const message = 'cannot read what encrypt has closed';
  const hint = 'write the file of an identity of age in backups, as identity: /root/age.txt; or leave verify out';
  return [{ path: [...at, 'verify'], atKey: true, message, hint, reads: [['backups', 'identity']] }];
}

interface Entry {
  name: string;
  one: Backup;
}

const thingOf = ({ name, one }: Entry): string => JSON.stringify([one.service ?? name, partOf(one)]);

/** Where its backups are in the store. */
function rowOf({ name, one }: Entry): string {
  const { kind, part } = partOf(one);
  return JSON.stringify([one.service ?? name, kind, wordOf(part)]);
}
